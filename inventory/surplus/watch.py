"""Looking at a day's end which stocks are unlikely to sell: until their season ends, or within a year if none does.

Demand to the end is what is forecast per day, with the forecast's ratio of variance to mean, as orders count it. All
series are looked at as arrays; only items that may have a surplus are computed exactly. A surplus begins when its last
unit is less likely to sell than not and a unit and a share of the stock are expected to be left; it ends well inside of
that, so that a day's sales do not turn it on and off.

Silent where nothing is known (opening stock never told, too few days watched), of retired items and places, of
warehouses (whose stock sells elsewhere), and of stocks no larger than their shelf's minimum.
"""

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.reports import on_hand_of
from inventory.state import LocationStock, SkuState
from inventory.surplus.ends import SEASON_END, End, end_of
from inventory.surplus.markdowns import LADDER, Outcome, Stocks, best_steps, clearing_steps, outcomes
from inventory.surplus.saying import Finding, say_surplus
from inventory.surplus.unsold import most_unsold
from inventory.turn import Turn

_WATCHED_DAYS = {True: 7.0, False: 56.0}
"""Of stocks whose season ends, and of others: a slow one needs longer to be told."""
_BEGINS, _LASTS = 0.5, 0.7
_LEAST_UNITS, _LEAST_SHARE, _ENDS_AT = 1.0, 0.05, 0.5
_SAME_PRICE = 0.01

Place = tuple[SkuState, str, LocationStock]


def watch_surplus(turn: Turn, stocks: list[Place], at_ms: int) -> None:
    """Say what begins, ends or changed; ``stocks`` are of all series that have a forecast, in the learner's order."""
    learner, register = turn.state.learner, turn.state.learner.register
    turn.saying.occurred_at_ms = at_ms
    items = [turn.state.skus[name] for name in register.items]
    ends = [end_of(sku.item, at_ms) for sku in items]
    item = np.array(register.item[: len(stocks)], dtype=np.intp)
    units = np.array([_units(turn, *place) for place in stocks], dtype=np.float64)
    told = np.array([stock.surplus is not None for _, _, stock in stocks])
    season = np.array([end.kind == SEASON_END for end in ends])[item]
    times = np.array([end.days for end in ends])[item] / learner.days()
    mean, variance = learner.means() * times, learner.variances() * times
    shelf = np.array([sku.item.shelf_minimum_units for sku in items])[item]
    watched = learner.ages() >= np.where(season, _WATCHED_DAYS[True], _WATCHED_DAYS[False])
    may_be = watched & (units > shelf)
    suspected = told | (may_be & (most_unsold(units, mean, variance) >= _least(units)))
    if not suspected.any():
        return
    looked = np.isin(item, item[suspected]) & (suspected | (units > 0.0))
    series = np.flatnonzero(looked)
    numbers, of = np.unique(item[series], return_inverse=True)
    salvage = np.array([(sku.item.cost or 0.0) * turn.rules.leftover_share for sku in items])[item]
    price = np.where(learner.prices() > 0.0, learner.prices(), np.nan)
    chosen = Stocks(of, *(one[series] for one in (units, mean, variance, price, salvage, learner.elasticities())))
    found = outcomes(chosen, _ladder(turn))
    begun = _flagged(found, chosen.units, told[series]) & may_be[series]
    steps = best_steps(found.revenue, of, _told_steps(stocks, chosen, series, [ends[at] for at in numbers], turn))
    clearing = clearing_steps(found.all_sold, turn.rules.clearing_probability)
    for row in np.flatnonzero(begun | told[series]):
        sku, location, stock = stocks[series[row]]
        finding = _finding(turn, ends[item[series[row]]], chosen, found, int(row), steps, clearing)
        say_surplus(turn, (sku, location, stock), finding, at_ms, open_now=bool(begun[row]))


def _least(units: Array) -> Array:
    """Units that must be expected to be left for a surplus to begin."""
    return np.maximum(_LEAST_UNITS, _LEAST_SHARE * units)


def _flagged(found: Outcome, units: Array, told: Mask) -> Mask:
    """Which stocks have a surplus, (n,): those ``told`` of keep it for longer."""
    unsold, all_sold, least = found.unsold[:, 0], found.all_sold[:, 0], _least(units)
    begins = (all_sold < _BEGINS) & (unsold >= least)
    lasts = (all_sold < _LASTS) & (unsold >= _ENDS_AT * least)
    return np.where(told, lasts, begins)


def _units(turn: Turn, sku: SkuState, location: str, stock: LocationStock) -> int:
    """On hand and firmly on their way, less reserved; 0 where nothing should be said."""
    place = turn.state.core.locations.get(location)
    if sku.item.retired or not stock.ledger.opening_known:
        return 0
    if place is not None and (place.retired or place.kind == "warehouse"):
        return 0
    suggested = stock.book.suggestion.outstanding if stock.book.suggestion is not None else 0
    coming = sum(max(min(one.shipped, one.quantity) - one.received, 0) for one in stock.transfers)
    return max(max(on_hand_of(stock), 0) + stock.book.on_order - suggested + coming - stock.ledger.reserved, 0)


def _ladder(turn: Turn) -> tuple[float, ...]:
    return tuple(step for step in LADDER if step <= turn.rules.deepest_markdown)


def _told_steps(stocks: list[Place], chosen: Stocks, series: Index, ends: list[End], turn: Turn) -> Index:
    """The step each item was told of, (items,): none once its price moved (marked down), or its season is over."""
    ladder, steps = _ladder(turn), np.zeros(len(ends), dtype=np.intp)
    for row, at in enumerate(series):
        said, item = stocks[at][2].surplus, chosen.item[row]
        if said is None or said.price is None or said.markdown not in ladder or ends[item].days <= 0.0:
            continue
        if abs(chosen.price[row] - said.price) <= _SAME_PRICE * said.price:
            steps[item] = max(steps[item], ladder.index(said.markdown))
    return steps


def _finding(turn: Turn, end: End, chosen: Stocks, found: Outcome, row: int, steps: Index, clearing: Index) -> Finding:
    """Of one stock; what sells slowly gets no markdown, since there is no end to sell it by."""
    ladder = _ladder(turn)
    step = int(steps[chosen.item[row]]) if end.kind == SEASON_END else 0
    clears = int(clearing[row]) if end.kind == SEASON_END else len(ladder)
    known = bool(np.isfinite(chosen.price[row]))
    return Finding(
        end=end,
        units=int(chosen.units[row]),
        mean_units=float(chosen.mean[row]),
        unsold=float(found.unsold[row, 0]),
        all_sold=float(found.all_sold[row, 0]),
        price=float(chosen.price[row]) if known else None,
        elasticity=float(chosen.elasticity[row]),
        markdown=ladder[step],
        clearing_markdown=ladder[clears] if clears < len(ladder) else None,
        revenue=float(found.revenue[row, 0]) if known else None,
        marked_down_unsold=float(found.unsold[row, step]),
        marked_down_all_sold=float(found.all_sold[row, step]),
        marked_down_revenue=float(found.revenue[row, step]) if known else None,
    )
