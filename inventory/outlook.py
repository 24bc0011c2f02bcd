"""The demand that decisions count with: what the learner forecasts, and before its first day the plain mean."""

import math
from collections.abc import Sequence

import msgspec

from inventory.demand import daily, early
from inventory.demand.daily import DailyDemand
from inventory.demand.learner import Outlook
from inventory.demand.panel.arrays import Array
from inventory.replenishment.quantiles import quantiles
from inventory.state import LocationStock, PartitionState, SkuState
from schemas.observations import ItemDefined

CHANCES = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995)
"""Of the quantiles that are said of every forecast."""

_MOST_PER_DAY = 1e6
"""Beyond that somebody mistyped: no decision counts with more, nor with more variance for each unit of the mean."""

_ENOUGH_PAIRS = 20
"""Of SKUs and locations, so that what they sell together says what one of them usually does."""

_LEAST_PER_DAY = 0.01
"""Expected of a series of which nothing is known, where nothing sells."""

PANEL, PLAIN = "panel_and_level", "exponentially_weighted_days"


class Demand(msgspec.Struct, frozen=True):
    """Demand of one SKU at one location, per day, as its sum over ``interval_days`` was forecast."""

    mean_per_day: float
    variance_per_day: float
    days_observed: int
    interval_days: int
    model: str
    series: int = -1

    @property
    def mean_units(self) -> float:
        """Expected over the interval."""
        return self.mean_per_day * self.interval_days


def demand_of(state: PartitionState, sku: SkuState, location: str, stock: LocationStock) -> Demand:
    """What is forecast now; nothing where none was ever sold."""
    series = state.learner.register.find(sku.item.sku, location)
    return _demand(state, stock, series, state.learner.outlook(series))


def likely_demand_of(state: PartitionState, sku: SkuState, location: str, stock: LocationStock) -> Demand:
    """``demand_of``, and where none was ever sold what others like it lead to expect: what a location would give up."""
    series = state.learner.register.find(sku.item.sku, location)
    return _demand(state, stock, series, state.learner.likely(series))


def _demand(state: PartitionState, stock: LocationStock, series: int, outlook: Outlook | None) -> Demand:
    if outlook is None:
        mean, variance = _early(state, stock.demand)
        return _bounded(mean, variance, stock.demand.days_observed, 1, PLAIN, -1)
    days = outlook.days
    return _bounded(outlook.mean / days, outlook.variance / days, outlook.days_observed, days, PANEL, series)


def days_observed(state: PartitionState, sku: str, location: str, stock: LocationStock) -> int:
    """Days whose demand the forecast has seen; the one that is open is none of them."""
    outlook = state.learner.likely(state.learner.register.find(sku, location))
    return stock.demand.days_observed if outlook is None else outlook.days_observed


def sells(state: PartitionState, location: str) -> bool:
    """Whether customers buy at a location; where nobody told what it is, they may."""
    known = state.core.locations.get(location)
    return known is None or known.kind != "warehouse"


def _early(state: PartitionState, seen: DailyDemand) -> tuple[float, float]:
    """Mean and variance a day of a series the learner has no forecast of yet; of few pairs nothing is usual."""
    if state.pairs < _ENOUGH_PAIRS or seen.units_today <= 0 or seen.weight > 0.0:
        return daily.forecast(seen)
    learner = state.learner
    told, known = learner.book.open(), learner.days()
    if len(known):
        usual = float((learner.means() / known).mean())
    else:
        usual = early.usual_rate(state.pairs - 1, told.units - seen.units_today, told.days)
    return early.forecast(max(usual, _LEAST_PER_DAY), seen.units_today, told.today)


def _bounded(mean: float, variance: float, days_observed: int, days: int, model: str, series: int) -> Demand:
    bounded = min(mean, _MOST_PER_DAY)
    ratio = min(variance / mean, _MOST_PER_DAY) if mean > 0.0 else 0.0
    same = bounded == mean and ratio < _MOST_PER_DAY
    return Demand(bounded, variance if same else ratio * bounded, days_observed, days, model, series)


def margin_of(item: ItemDefined, cost: float | None) -> float:
    """What selling a unit earns over what it costs, or over what it would bring otherwise; unknown money is none."""
    return max((item.price or 0.0) - (cost or 0.0), 0.0)


def lost_per_hour(unit_margin: float, mean_per_day: float) -> float:
    """Margin that is lost while there is nothing to sell."""
    return round(mean_per_day / 24.0 * unit_margin, 4)


def levels_of(state: PartitionState, demand: Demand, coverages: Sequence[float]) -> Sequence[float]:
    """The probabilities to read a forecast at so that it covers as often as asked for, if rules want it so."""
    corrected = demand.model == PANEL and state.core.rules.conformal
    return state.learner.levels_of(demand.series, coverages) if corrected else coverages


def service_asked(item: ItemDefined, rule: float) -> float:
    """The cycle service level of an item: its own, or else that of the rules."""
    return rule if item.cycle_service_level is None else item.cycle_service_level


def levels_at(state: PartitionState, asked: Array) -> Array:
    """``levels_of`` of the learner's first n series, each at the coverage that is ``asked`` for it, (n,)."""
    return state.learner.levels(asked) if state.core.rules.conformal else asked


def quantiles_of(state: PartitionState, demand: Demand) -> dict[str, int]:
    """Units over the interval by the probability that is to be covered, one of ``CHANCES``."""
    variance = demand.variance_per_day * demand.interval_days
    levels = levels_of(state, demand, CHANCES)
    return dict(zip(map(str, CHANCES), quantiles(demand.mean_units, variance, levels), strict=True))


def explain(state: PartitionState, demand: Demand) -> tuple[float, dict[str, float]]:
    """Log of the base and the contributions; they add up to the log of the interval's mean."""
    if demand.model == PLAIN:
        mean = demand.mean_units
        return (math.log(mean) if mean > 0.0 else 0.0), {}
    return state.learner.explain(demand.series)
