"""What the forecasts of a new day make due although nothing happened to it: a promotion comes near, a season turns.

Nobody sold or counted anything there, so nobody would look. Orders are decided again only where the new forecast
puts the position at or below the reorder point, or where less than what is suggested may do: the position is above the
point without it, or the forecast moved. Forecasts that moved are said.
"""

import numpy as np

from inventory.alerts import low_sales, stockout_risk
from inventory.demand.negative_binomial import quantiles
from inventory.demand.panel.arrays import Array, Mask
from inventory.in_force import rules_for
from inventory.lead_days import lead_days
from inventory.outlook import levels_at, service_asked
from inventory.reports import position_of, say_forecast
from inventory.rules import Rules
from inventory.state import LocationStock, SkuState
from inventory.supply import is_replenished
from inventory.surplus.watch import watch_surplus
from inventory.turn import Turn
from schemas.observations import ItemDefined

_BY_QUANTILE, _FAR_OUT = frozenset({"periodic_min_max", "quantile_base_stock"}), 0.999
_MOVED, _MOVED_UNITS = 0.25, 0.5
_HOW_FAR = 1_000_000_000
"""Of stock that nobody orders for, so that it is never due."""


def review(turn: Turn, at_ms: int) -> None:
    """Touch what is due, in the order the learner numbers it."""
    stocks = _stocks(turn)
    if not stocks:
        return
    mean, point = _points(turn)
    position, suggested = (
        np.array(column) for column in zip(*(_position(turn, *one, at_ms) for one in stocks), strict=True)
    )
    moved = _say_changed(turn, stocks, mean, at_ms)
    watch_surplus(turn, stocks, at_ms)
    stockout_risk.review(turn, stocks, at_ms)
    low_sales.review(turn, stocks, at_ms)
    short = (mean > 0.0) & (position <= point)
    too_large = (suggested > 0) & (moved | (position - suggested > point))
    for series in np.flatnonzero(short | too_large):
        sku, location, _ = stocks[series]
        touched = turn.touch(sku, location, at_ms)
        touched.now_ms = max(touched.now_ms, at_ms)


def _say_changed(turn: Turn, stocks: list[tuple[SkuState, str, LocationStock]], mean: Array, at_ms: int) -> Mask:
    """Forecasts that moved since they were said last: by a quarter, and by half a unit; which they are, (n,)."""
    told = np.array([stock.forecast_told for _, _, stock in stocks])
    moved: Mask = (told >= 0.0) & (np.abs(mean - told) > _MOVED * np.maximum(mean, told) + _MOVED_UNITS)
    for series in np.flatnonzero(moved):
        sku, location, stock = stocks[series]
        say_forecast(turn, turn.aside(sku, location, stock, at_ms))
    return moved


def _stocks(turn: Turn) -> list[tuple[SkuState, str, LocationStock]]:
    """Of every series that has a forecast."""
    register, state = turn.state.learner.register, turn.state
    skus = [state.skus[name] for name in register.items]
    series = zip(register.item, register.location, strict=True)
    pairs = ((skus[item], register.locations[place]) for item, place in series)
    return [(sku, location, state.at(sku, location)) for sku, location in pairs][: len(state.learner.days())]


def _position(turn: Turn, sku: SkuState, location: str, stock: LocationStock, at_ms: int) -> tuple[int, int]:
    """Inventory position, and the units of it that are only suggested; what is not replenished ends in ``ticks``."""
    if not is_replenished(turn.state, sku, location, at_ms):
        return _HOW_FAR, 0
    suggested = stock.book.suggestion.outstanding if stock.book.suggestion is not None else 0
    return position_of(stock).units, suggested


def _asked(item: ItemDefined, rules: Rules) -> float:
    """Far out for policies that say no quantile, so that none is missed; each is decided about exactly after."""
    asked = service_asked(item, rules.cycle_service_level)
    return asked if rules.policy in _BY_QUANTILE else max(asked, _FAR_OUT)


def _points(turn: Turn) -> tuple[Array, Array]:
    """Means over the protection interval, and positions at or below which an order may be due, (n,) both."""
    learner, register = turn.state.learner, turn.state.learner.register
    days = learner.days()
    mean, variance = learner.means(), learner.variances()
    items = [turn.state.skus[name] for name in register.items]
    item = np.array(register.item[: len(days)], dtype=np.intp)
    asked = np.array([_asked(sku.item, rules_for(turn.state, sku.item)) for sku in items])
    late = lead_days(turn).deviation[: len(days)] * mean / np.maximum(days, 1)
    return mean, quantiles(mean, variance + late**2, levels_at(turn.state, asked[item])[:, None])[:, 0]
