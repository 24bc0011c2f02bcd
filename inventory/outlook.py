"""The demand that decisions count with: what the learner forecasts, and before its first day the plain mean."""

import math

import msgspec
import numpy as np

from inventory.demand import daily
from inventory.demand.panel.arrays import Array
from inventory.state import LocationStock, PartitionState, SkuState

PANEL, PLAIN = "panel_and_level", "exponentially_weighted_days"


class Demand(msgspec.Struct, frozen=True):
    """Demand of one SKU at one location, per day, as its sum over ``interval_days`` was forecast."""

    mean_per_day: float
    variance_per_day: float
    days_observed: int
    interval_days: int
    model: str
    series: int = -1


def demand_of(state: PartitionState, sku: SkuState, location: str, stock: LocationStock) -> Demand:
    """What is forecast now."""
    learner = state.learner
    series = learner.register.find(sku.item.sku, location)
    outlook = learner.outlook(series)
    if outlook is None:
        mean, variance = daily.forecast(stock.demand)
        return Demand(mean, variance, stock.demand.days_observed, 1, PLAIN)
    days = outlook.days
    return Demand(outlook.mean / days, outlook.variance / days, outlook.days_observed, days, PANEL, series)


def level_of(state: PartitionState, demand: Demand, coverage: float) -> float:
    """The probability to read a forecast at so that it covers as often as asked for, if rules want it so."""
    corrected = demand.model == PANEL and state.core.rules.conformal
    return state.learner.level(demand.series, coverage) if corrected else coverage


def levels_of(state: PartitionState, coverage: float) -> Array:
    """``level_of`` of all series the learner has a forecast of, (n,)."""
    learner = state.learner
    return learner.levels(coverage) if state.core.rules.conformal else np.full(len(learner.means()), coverage)


def explain(state: PartitionState, demand: Demand) -> tuple[float, dict[str, float]]:
    """Log of the base and the contributions; they add up to the log of the interval's mean."""
    if demand.model == PLAIN:
        mean = demand.mean_per_day * demand.interval_days
        return (math.log(mean) if mean > 0.0 else 0.0), {}
    return state.learner.explain(demand.series)
