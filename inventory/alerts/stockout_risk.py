"""A stock that will run out before goods can be there: said while something can still be done about it.

It fires where that is likelier than a rule and is expected to cost more margin than another (where no price is known: a
unit), and lasts to half of both. Before a series was watched for some days its forecast is no ground for it. Once said
it is said again only when what it costs has doubled or halved: every sale moves it. A stock that is sold out has the
alert ``stockout`` instead, one that only the book has ``phantom_stock``.
"""

import numpy as np

from inventory.alerts.conditions import as_told, hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import Shortage, shortage_of, there_of
from inventory.outlook import PANEL, demand_of
from inventory.reports import PHANTOM
from inventory.state import LocationStock, SkuState
from inventory.supply import is_replenished
from inventory.surplus.unsold import probability_all_sold
from inventory.turn import Touched, Turn
from schemas.wording import amount

STOCKOUT, STOCKOUT_RISK = "stockout", "stockout_risk"
_LASTS = 0.5
_ONE_UNIT = 1.0
_LEAST_DAYS = 3


def watch(turn: Turn, touched: Touched, *, replenished: bool) -> None:
    """Raise, keep or end the alert of one SKU at one location."""
    stock = touched.stock
    known = stock.alerts.get(STOCKOUT_RISK)
    superseded = STOCKOUT in stock.alerts or PHANTOM in stock.alerts
    possible = replenished and not superseded and _is_known(turn, touched)
    if known is None and not (possible and stock.ledger.opening_known):
        return
    shortage = shortage_of(turn, touched)
    share = 1.0 if known is None else _LASTS
    true = possible and _is_likely(turn, touched, shortage, share)
    if true or known is not None:
        condition = _condition(touched, shortage)
        condition = as_told(known, condition) if true else condition
        hold(turn, stock.alerts, condition, true=true, at_once=superseded or not replenished)


def review(turn: Turn, stocks: list[tuple[SkuState, str, LocationStock]], at_ms: int) -> None:
    """At a day's end: what forecasts of the new day, or goods that did not come, make likely where nothing happened.

    ``stocks`` are of the learner's series, in its order. Whatever is on its way, a stock that can cover the whole
    protection interval has no such alert, so most are passed over.
    """
    learner = turn.state.learner
    there = np.array([there_of(stock) for _, _, stock in stocks], dtype=np.float64)
    short = probability_all_sold(there + 1.0, learner.means(), learner.variances())
    known = np.array([STOCKOUT_RISK in stock.alerts for _, _, stock in stocks])
    turn.saying.occurred_at_ms = at_ms
    for series in np.flatnonzero(known | (short >= turn.rules.stockout_risk_probability)):
        sku, location, stock = stocks[series]
        replenished = is_replenished(turn.state, sku, location, at_ms)
        watch(turn, turn.aside(sku, location, stock, at_ms), replenished=replenished)


def _is_known(turn: Turn, touched: Touched) -> bool:
    """Whether the forecast is learned: what a series sold on its first days says too little to frighten people with."""
    demand = demand_of(turn.state, touched.sku, touched.location, touched.stock)
    return demand.model == PANEL and demand.days_observed >= _LEAST_DAYS


def _is_likely(turn: Turn, touched: Touched, shortage: Shortage, share: float) -> bool:
    if shortage.probability < share * turn.rules.stockout_risk_probability:
        return False
    if not touched.sku.item.price:
        return shortage.lost_units >= share * _ONE_UNIT
    return shortage.margin >= share * turn.rules.stockout_risk_cost


def _condition(touched: Touched, shortage: Shortage) -> Condition:
    item = touched.sku.item
    summary = (
        f"{item.name or item.sku} at {touched.location}: {there_of(touched.stock)} left, more is asked for within "
        f"{amount(f'{shortage.days:.0f}', 'day')} with probability {shortage.probability:.2f}, "
        f"{shortage.lost_units:.1f} units are expected to be lost before goods can be there"
    )
    return Condition(
        STOCKOUT_RISK,
        "warning",
        summary,
        location=touched.location,
        sku=item.sku,
        probability=round(shortage.probability, 4),
        money_at_risk_per_hour=shortage.margin_per_hour,
    )
