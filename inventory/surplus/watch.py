"""Looking at a day's end which stocks are unlikely to sell: until their season ends, or within a year if none does.

Demand to the end is what is forecast per day, with the forecast's ratio of variance to mean, as orders count it. All
series are looked at as arrays; only items that may have a surplus are computed exactly. A surplus begins when its last
unit is less likely to sell than not and a unit and a share of the stock are expected to be left; it ends well inside of
that, so that a day's sales do not turn it on and off.

Silent where nothing is known (opening stock never told, too few days watched), of retired items and places, of
warehouses (whose stock sells elsewhere), and of stocks no larger than their shelf's minimum.
"""

from typing import NamedTuple

import numpy as np

from inventory.demand import prices
from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.reports import in_transit, on_hand_of
from inventory.state import LocationStock, SkuState
from inventory.surplus.ends import MILLISECONDS_PER_DAY, SEASON_END, SLOW, End, end_of
from inventory.surplus.markdowns import LADDER, Outcome, Stocks, best_steps, clearing_steps, outcomes
from inventory.surplus.never_sold import demand_of_unsold, never_sold
from inventory.surplus.saying import Finding, say_surplus
from inventory.surplus.unsold import most_unsold
from inventory.turn import Turn

_WATCHED_DAYS = {SEASON_END: 7.0, SLOW: 56.0}
"""Of stocks whose season ends, and of others: a slow one needs longer to be told."""
_SHARE_WATCHED = 0.25
"""Nor is more of a season let pass than this share of what was left of it when the stock was first seen."""
_BEGINS, _LASTS = 0.5, 0.7
_LEAST_UNITS, _LEAST_SHARE, _ENDS_AT = 1.0, 0.05, 0.5
_SAME_PRICE = 0.01

Place = tuple[SkuState, str, LocationStock]


def watch_surplus(turn: Turn, stocks: list[Place], at_ms: int) -> None:
    """Say what begins, ends or changed; ``stocks`` are of all series that have a forecast, in the learner's order."""
    turn.saying.occurred_at_ms = at_ms
    seen = _seen(turn, stocks, at_ms)
    may_be = seen.watched & (seen.all.units > seen.shelf)
    suspected = seen.told | (may_be & (most_unsold(*seen.all[1:4]) >= _least(seen.all.units)))
    if not suspected.any():
        return
    item = seen.all.item
    rows = np.flatnonzero(np.isin(item, item[suspected]) & (suspected | (seen.all.units > 0.0)))
    ladder = tuple(step for step in LADDER if step <= turn.rules.deepest_markdown)
    chosen = Stocks(item[rows], *(column[rows] for column in seen.all[1:]))
    found = outcomes(chosen, ladder)
    begun = _flagged(found, chosen.units, seen.told[rows]) & may_be[rows]
    steps = best_steps(found.revenue, chosen.item, _told_steps(seen, rows, ladder))
    clearing = clearing_steps(found.all_sold, turn.rules.clearing_probability)
    for row in np.flatnonzero(begun | seen.told[rows]):
        end = seen.ends[chosen.item[row]]
        labels = _labels(end, ladder, int(steps[chosen.item[row]]), int(clearing[row]))
        finding = _finding(end, chosen, found, int(row), labels)
        say_surplus(turn, seen.places[rows[row]], finding, at_ms, open_now=bool(begun[row]))


class _Seen(NamedTuple):
    """All stocks of a day's end, (n,) each; ``ends`` are of items."""

    places: list[Place]
    ends: list[End]
    all: Stocks
    told: Mask
    watched: Mask
    shelf: Array


def _seen(turn: Turn, stocks: list[Place], at_ms: int) -> _Seen:
    """What sells, as the learner forecasts it, and what never sold."""
    learner = turn.state.learner
    today = learner.day if learner.day >= 0 else at_ms // MILLISECONDS_PER_DAY
    others, shown = never_sold(turn, today)
    sold = np.flatnonzero([stock.ever_sold for _, _, stock in stocks])
    stocks = [stocks[series] for series in sold]
    places, numbers = [*stocks, *others], dict[str, int]()
    item = np.array([numbers.setdefault(sku.item.sku, len(numbers)) for sku, _, _ in places], dtype=np.intp)
    items = [turn.state.skus[name].item for name in numbers]
    ends = [end_of(one, at_ms) for one in items]
    horizon, known = np.array([end.days for end in ends])[item], len(stocks)
    times = horizon[:known] / learner.days()[sold]
    mean, variance = demand_of_unsold(horizon[known:], np.array(shown))
    elasticity = np.full(len(items), prices.Rules().prior[0])
    elasticity[item[:known]] = learner.elasticities()[sold]
    asked = np.array([one.price or np.nan for one in items], dtype=np.float64)
    paid = np.concatenate([learner.prices()[sold], asked[item[known:]]])
    every = Stocks(
        item,
        np.array([_units(turn, *place) for place in places], dtype=np.float64),
        np.concatenate([learner.means()[sold] * times, mean]),
        np.concatenate([learner.variances()[sold] * times, variance]),
        np.where(paid > 0.0, paid, np.nan),
        np.array([(one.cost or 0.0) * turn.rules.leftover_share for one in items])[item],
        elasticity[item],
    )
    told = np.array([stock.surplus is not None for _, _, stock in places], dtype=np.bool_)
    shelf = np.array([one.shelf_minimum_units for one in items])[item]
    lay = [float(today - stock.unsold_since_day) if stock.unsold_since_day >= 0 else 0.0 for _, _, stock in stocks]
    watched = np.concatenate([np.maximum(learner.ages()[sold], lay), shown])
    slow = np.array([end.kind == SLOW for end in ends], dtype=np.bool_)[item]
    needed = np.where(
        slow, _WATCHED_DAYS[SLOW], np.minimum(_WATCHED_DAYS[SEASON_END], _SHARE_WATCHED * (watched + horizon))
    )
    return _Seen(places, ends, every, told, watched >= needed, shelf)


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
    coming = sum(map(in_transit, stock.transfers))
    return max(max(on_hand_of(stock), 0) + stock.book.on_order - suggested + coming - stock.ledger.reserved, 0)


def _told_steps(seen: _Seen, rows: Index, ladder: tuple[float, ...]) -> Index:
    """The step each item was told of, (items,): none once its price moved (marked down), or its season is over."""
    steps = np.zeros(len(seen.ends), dtype=np.intp)
    for row in rows:
        said, item = seen.places[row][2].surplus, seen.all.item[row]
        if said is None or said.price is None or said.markdown not in ladder or seen.ends[item].days <= 0.0:
            continue
        if abs(seen.all.price[row] - said.price) <= _SAME_PRICE * said.price:
            steps[item] = max(steps[item], ladder.index(said.markdown))
    return steps


def _labels(end: End, ladder: tuple[float, ...], step: int, clears: int) -> tuple[int, float, float | None]:
    """The step, its markdown and the one that clears; slow stock gets none, since there is no end to sell it by."""
    if end.kind != SEASON_END:
        return 0, 0.0, None
    return step, ladder[step], ladder[clears] if clears < len(ladder) else None


def _finding(end: End, chosen: Stocks, found: Outcome, row: int, labels: tuple[int, float, float | None]) -> Finding:
    step, markdown, clearing_markdown = labels
    known = bool(np.isfinite(chosen.price[row]))
    return Finding(
        end=end,
        units=int(chosen.units[row]),
        mean_units=float(chosen.mean[row]),
        unsold=float(found.unsold[row, 0]),
        all_sold=float(found.all_sold[row, 0]),
        price=float(chosen.price[row]) if known else None,
        elasticity=float(chosen.elasticity[row]),
        markdown=markdown,
        clearing_markdown=clearing_markdown,
        revenue=float(found.revenue[row, 0]) if known else None,
        marked_down_unsold=float(found.unsold[row, step]),
        marked_down_all_sold=float(found.all_sold[row, step]),
        marked_down_revenue=float(found.revenue[row, step]) if known else None,
    )
