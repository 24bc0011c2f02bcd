"""Between the log and the demand learner: what it is told, and when its days end.

A day is learned when it is over at every location, by event time.
"""

import math
from datetime import date
from functools import partial

import numpy as np

from inventory import overrides
from inventory.demand.learner import FURTHEST_DAYS, Terms
from inventory.demand.notices import Notice
from inventory.demand.public_holidays import holiday_signals
from inventory.demand.size_runs import Look, normal_size
from inventory.forecast_quality import say_quality
from inventory.lead_days import lead_days
from inventory.likeness import say_likeness
from inventory.local_time import offset_ms
from inventory.outlook import sells
from inventory.reports import is_swept
from inventory.shadow import telling as shadow
from inventory.state import LocationStock, PartitionState
from inventory.stock import belief as believed
from inventory.supply import is_retired
from inventory.transfers import outcomes
from inventory.turn import Touched, Turn
from schemas.observations import LocationDefined, SaleMade, Signal

MILLISECONDS_PER_DAY = 86_400_000
_FURTHEST_GAP_DAYS = 400
_PROBABLY = 0.5
_DEAREST = 1e9
"""A price beyond that is no price."""
_TILLS = "readings.pos"
_SILENT_MS, _AFTER_MIDNIGHT_MS = 72 * 3_600_000, 3 * 3_600_000


def sold(turn: Turn, seen: SaleMade, units: int) -> None:
    """Learn that ``units`` were asked for (negative: a sale was voided)."""
    learner = turn.state.learner
    item = turn.state.sku(seen.sku, seen.style).item
    series = learner.register.series(seen.sku, seen.location, item.category, item.style)
    local_ms = _local(turn.state, seen.location, seen.occurred_at_ms)
    learner.sold(series, local_ms, units, math.nan if seen.unit_price is None else seen.unit_price)
    turn.state.demand_told = True


def watch_shelf(turn: Turn, touched: Touched) -> None:
    """Note when the last unit within reach of customers goes, and when there is one again.

    What a store has is observed from then on, so that days on which none of it sells count, too. Were it observed from
    its first sale on, whatever sold at all would seem to sell every day. Before that it was not on the shelf, and where
    the item or the location is retired nobody looks.
    """
    stock, item, learner = touched.stock, touched.sku.item, turn.state.learner
    there, known = _within_reach(stock), learner.register.find(item.sku, touched.location) >= 0
    turned = there != stock.within_reach
    if touched.now_ms < 0 or not (turned or (not known and stock.ledger.on_hand > 0)):
        return
    if not known and (is_retired(turn.state, touched.sku, touched.location) or not sells(turn.state, touched.location)):
        return
    series = learner.register.series(item.sku, touched.location, item.category, item.style)
    local_ms = _local(turn.state, touched.location, touched.now_ms)
    if not known:
        learner.begins(series, local_ms)
    stock.within_reach = there
    learner.turned(series, local_ms, in_stock=there)
    turn.state.demand_told = True


def told(turn: Turn, seen: Signal) -> None:
    """Take in a number about the world."""
    starts_ms = seen.starts_at_ms if seen.starts_at_ms >= 0 else seen.occurred_at_ms
    first, last = (
        _local(turn.state, seen.location, at_ms) // MILLISECONDS_PER_DAY
        for at_ms in (starts_ms, starts_ms if seen.until_ms is None else seen.until_ms)
    )
    notice = Notice(seen.name, seen.value, first, last, seen.location, seen.style, seen.sku)
    turn.state.learner.notices.tell(notice)
    turn.state.demand_told = True


def end_days(turn: Turn) -> bool:
    """Learn the days that are over everywhere; whether any was."""
    learner = turn.state.learner
    if learner.day < 0:
        return False
    over = _tills_at(turn.state) // MILLISECONDS_PER_DAY
    if over - learner.day > _FURTHEST_GAP_DAYS:
        learner.skip_to(over - 1)
    if learner.day >= over:
        return False
    while learner.day < over:
        judgement = learner.end_day(_terms(turn))
        say_quality(turn, judgement)
        say_likeness(turn, judgement)
        overrides.end_day(turn, judgement)
        outcomes.end_day(turn, judgement)
        shadow.end_day(turn, judgement)
    turn.state.demand_learned = True
    return True


def _within_reach(stock: LocationStock) -> bool:
    """A book below zero is wrong, so it says nothing about the shelf."""
    if stock.gap_seen_at_ms >= 0:
        return False
    if is_swept(stock):
        return believed.empty(stock.belief) < _PROBABLY
    return not stock.ledger.opening_known or stock.ledger.on_hand != 0


def _local(state: PartitionState, location: str, at_ms: int) -> int:
    known = state.core.locations.get(location)
    return at_ms + offset_ms(known.timezone, at_ms) if known else at_ms


def _tills_at(state: PartitionState) -> int:
    """How far tills have told of their sales, by the clocks of the location where a day ends last.

    Partitions of a topic are read unevenly when there is much to catch up with, so one of which more waits to be read
    is at what it told last. Of the others, one whose tills traded in the second half of a day is done with it some
    hours after midnight, when tills are silent; one that said nothing for days is not waited for.
    """
    core = state.core
    shift = _latest_offset(state, core.clock_ms)
    behind = [core.watermarks.get(source, -1) + shift for source in core.behind if tells_sales(source)]
    told = [at_ms for source, at_ms in core.watermarks.items() if tells_sales(source) and source not in core.behind]
    awake = [at_ms + shift for at_ms in told if at_ms >= core.clock_ms - _SILENT_MS]
    return min([core.clock_ms + shift, *behind, *(_done(at_ms, core.clock_ms + shift) for at_ms in awake)])


def tells_sales(source: str) -> bool:
    """Whether a source, ``topic#id|partition``, is tills."""
    return source.partition("|")[0].partition("#")[0] == _TILLS


def _done(told_ms: int, clock_ms: int) -> int:
    midnight = (told_ms // MILLISECONDS_PER_DAY + 1) * MILLISECONDS_PER_DAY
    closed = told_ms >= midnight - MILLISECONDS_PER_DAY // 2 and clock_ms >= midnight + _AFTER_MIDNIGHT_MS
    return midnight if closed else told_ms


def _latest_offset(state: PartitionState, at_ms: int) -> int:
    """Of the location where the day ends last."""
    return min((offset_ms(known.timezone, at_ms) for known in state.core.locations.values()), default=0)


def _terms(turn: Turn) -> Terms:
    """What is known now of all series."""
    register, skus = turn.state.learner.register, turn.state.skus
    price = np.full(len(register.items), np.nan)
    retired = np.zeros(len(register.items), dtype=np.bool_)
    given_up = {name for name, known in turn.state.core.locations.items() if known.retired}
    closed = np.array([name in given_up for name in register.locations], dtype=np.bool_)
    for at, sku in enumerate(register.items):
        known = skus[sku]
        price[at] = known.item.price if known.item.price and known.item.price < _DEAREST else math.nan
        retired[at] = known.item.retired
        register.restyle(at, known.item.style)
    item, place = (np.array(numbers, dtype=np.intp) for numbers in (register.item, register.location))
    days = np.clip(np.ceil(lead_days(turn).protection.round(3)), 1, FURTHEST_DAYS).astype(np.intp)
    over = retired[item] | closed[place]
    return Terms(days, price[item], over, partial(_holidays, turn.state.core.locations), _looks(turn.state))


def _looks(state: PartitionState) -> list[Look]:
    """Of the learner's items, beside those of their styles that did not sell yet."""
    sizes: dict[str, set[str]] = {}
    for sku in state.skus.values():
        if sku.item.style and sku.item.size:
            sizes.setdefault(sku.item.style, set()).add(normal_size(sku.item.size))
    known = {style: tuple(sorted(found)) for style, found in sizes.items()}
    items = [state.skus[sku].item for sku in state.learner.register.items]
    return [Look(item.colour, normal_size(item.size), known.get(item.style, ())) for item in items]


def _holidays(locations: dict[str, LocationDefined], on: date, location: str) -> dict[str, float]:
    known = locations.get(location)
    return holiday_signals(on, known.country, known.subdivision or None) if known and known.country else {}
