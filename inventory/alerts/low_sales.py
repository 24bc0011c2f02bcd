"""What sells much less at a location than other locations lead to expect, while it is on the shelf: look where it is.

Badly placed, wrongly priced or unknown to the staff: the numbers do not say which. What is presented
together has one alert, at its first SKU. It fires at a day's end where so few sales are rarer than a rule and cost more
margin a day than looking, and lasts until they would be nothing rare any more. None begins while stock is suspected to
be in the book only (``phantom_stock``); of one that nobody replenishes, or that is sold out, there is nothing to say.
"""

from typing import NamedTuple

import numpy as np

from inventory.alerts.conditions import as_told, hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import there_of
from inventory.demand.panel.arrays import Mask
from inventory.demand.peers import Lacks
from inventory.reports import PHANTOM
from inventory.state import LocationStock, SkuState
from inventory.supply import is_replenished, unit_margin
from inventory.turn import Turn
from schemas.facts import utc

LOW_SALES = "low_sales"
_LASTS_CHANCE, _LASTS = 0.01, 0.5
_MILLISECONDS_PER_DAY, _HOURS_PER_DAY = 86_400_000, 24.0

Place = tuple[SkuState, str, LocationStock]


class _Lack(NamedTuple):
    """Of one presentation."""

    sold: float
    expected: float
    since: int
    chance: float
    lost_per_day: float


def review(turn: Turn, stocks: list[Place], at_ms: int) -> None:
    """At a day's end; ``stocks`` are of the learner's series, in its order."""
    learner = turn.state.learner
    told = np.array([LOW_SALES in stock.alerts for _, _, stock in stocks], dtype=np.bool_)
    lacks = learner.lacks(np.array([_counts(turn, *place, at_ms) for place in stocks], dtype=np.bool_))
    found = _suspected(turn, lacks, told)
    turn.saying.occurred_at_ms = at_ms
    for series in np.flatnonzero(told).tolist():
        if series not in found:
            _end(turn, stocks[series], at_ms)
    for series, lack in found.items():
        sku, location, stock = stocks[series]
        true = _is_worth_it(turn, sku, location, lack, known=LOW_SALES in stock.alerts) and _is_there(
            turn, stocks, series
        )
        if true or LOW_SALES in stock.alerts:
            condition = _condition(turn, stocks, series, lack)
            condition = as_told(stock.alerts.get(LOW_SALES), condition) if true else condition
            turn.aside(sku, location, stock, at_ms)
            hold(turn, stock.alerts, condition, true=true, at_once=True)


def _counts(turn: Turn, sku: SkuState, location: str, stock: LocationStock, at_ms: int) -> bool:
    """Whether a series says something of its place in a store; a phantom goes before, and what was told outlasts it."""
    known = turn.state.core.locations.get(location)
    if known is not None and known.kind != "store":
        return False
    if not stock.ever_sold:
        return False
    phantom = PHANTOM in stock.alerts and LOW_SALES not in stock.alerts
    return not phantom and is_replenished(turn.state, sku, location, at_ms)


def _suspected(turn: Turn, lacks: Lacks, told: Mask) -> dict[int, _Lack]:
    """By the series they are spoken of by, in order: what is rare enough, and what is told already."""
    begins = turn.rules.low_sales_chance
    rare = (lacks.chance <= np.where(told[lacks.first], _LASTS_CHANCE, begins)) & (begins > 0.0)
    columns = (column[rare].tolist() for column in lacks)
    return {first: _Lack(*rest) for first, *rest in sorted(zip(*columns, strict=True))}


def _is_there(turn: Turn, stocks: list[Place], series: int) -> bool:
    return any(there_of(stocks[one][2]) > 0 for one in turn.state.learner.presented_with(series).tolist())


def _is_worth_it(turn: Turn, sku: SkuState, location: str, lack: _Lack, *, known: bool) -> bool:
    """Whether more margin a day is lost than looking costs; where no price is known any is."""
    margin = unit_margin(turn, sku, location)
    return not sku.item.price or lack.lost_per_day * margin > turn.rules.look_cost * (_LASTS if known else 1.0)


def _condition(turn: Turn, stocks: list[Place], series: int, lack: _Lack) -> Condition:
    sku, location, _ = stocks[series]
    summary = (
        f"{_named(turn, stocks, series)} at {location}: {lack.sold:.0f} sold on the shelf since "
        f"{utc(lack.since * _MILLISECONDS_PER_DAY).date()}, {lack.expected:.0f} expected by what others sell "
        f"(chance of so few {lack.chance:.1g}); look how it is placed"
    )
    a_day = lack.lost_per_day * unit_margin(turn, sku, location)
    return Condition(
        LOW_SALES,
        "warning",
        summary,
        location=location,
        sku=sku.item.sku,
        money_at_risk_per_hour=round(a_day / _HOURS_PER_DAY, 4),
    )


def _named(turn: Turn, stocks: list[Place], series: int) -> str:
    """The item, or the style in a colour where several SKUs are presented together."""
    item, together = stocks[series][0].item, len(turn.state.learner.presented_with(series))
    if together < 2:
        return item.name or item.sku
    return f"{item.style}{f' {item.colour}' if item.colour else ''} ({together} SKUs)"


def _end(turn: Turn, place: Place, at_ms: int) -> None:
    sku, location, stock = place
    turn.aside(sku, location, stock, at_ms)
    summary = f"{sku.item.name or sku.item.sku} at {location} sells about as expected, or is not looked at any more"
    condition = Condition(
        LOW_SALES, "warning", summary, location=location, sku=sku.item.sku, money_at_risk_per_hour=0.0
    )
    hold(turn, stock.alerts, condition, true=False, at_once=True)
