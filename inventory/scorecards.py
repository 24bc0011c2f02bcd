"""At a day's end: what suppliers did is made into lead times, and scorecards that changed are said."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate, zip_longest

import msgspec

from inventory.deliveries import open_orders, telling_days
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.suppliers import OpenOrder, Scorecard, curve, delivered_share, prior_of, scorecard
from inventory.replenishment.supply_book import Known
from inventory.supply import supplier_named
from inventory.turn import Turn
from schemas.facts import SupplierScorecard, utc

MILLISECONDS_PER_DAY = 86_400_000
_MOVED = 0.005
_DAYS, _LATE, _SHARE, _ORDERS = 0.5, 0.1, 0.02, 0.2
_EPOCH = date(1970, 1, 1).toordinal()

_Lanes = Mapping[str, Sequence[OpenOrder]]


def end_day(turn: Turn) -> None:
    """Learn anew what suppliers with news or open orders do, first over all their lanes and then on each.

    Lead times change here only, and only if a probability moves by more than half a percent: whatever is computed
    of them stays valid until then.
    """
    state = turn.state
    if not state.supply.suppliers:
        return
    coming = open_orders(state, state.core.clock_ms)
    lanes: dict[str, list[str]] = {}
    for key in sorted(state.supply.lanes):
        supplier, _, location = key.rpartition("|")
        lanes.setdefault(supplier, []).append(location)
    for supplier in sorted(state.supply.suppliers):
        if state.supply.suppliers[supplier].news or supplier in coming:
            _learn(turn, supplier, lanes.get(supplier, []), coming.get(supplier, {}))
            state.supply_changed = True


def _learn(turn: Turn, supplier: str, locations: Sequence[str], coming: _Lanes) -> None:
    named, supply = supplier_named(turn.state, supplier), turn.state.supply
    known, waiting = supply.of(supplier), [order for lane in coming.values() for order in lane]
    waiting = sorted(waiting, key=lambda order: (order.days, order.share, order.promised_days or 0.0))
    stated = prior_of(named.lead_time_days, named.lead_time_sd_days)
    usual = curve(known.record, _telling(turn, supplier, "", waiting), stated)
    moved = _take(known, usual, known)
    _tell(turn, known, scorecard(known.record, known.record, usual, waiting), supplier, "")
    for location in locations:
        lane, here = supply.lane(supplier, location), coming.get(location, ())
        if lane.news or moved or here:
            days = curve(lane.record, _telling(turn, supplier, location, here), usual)
            _take(lane, days, known)
            _tell(turn, lane, scorecard(lane.record, known.record, days, here), supplier, location)


def _telling(turn: Turn, supplier: str, location: str, waiting: Sequence[OpenOrder]) -> list[OpenOrder]:
    """Open orders by how long they wait, as far as that tells of the lead time."""
    most = telling_days(turn.state, supplier, location) if waiting else 0.0
    return [msgspec.structs.replace(order, days=min(order.days, most)) for order in waiting]


def _take(known: Known, days: LeadTime, supplier: Known) -> bool:
    """Keep what was learned; whether the lead time moved."""
    known.news = False
    known.delivered_share = round(delivered_share(known.record, supplier.record), 4)
    if known.lead_time is not None and not _moved(known.lead_time, days):
        return False
    known.lead_time = days
    return True


def _moved(before: LeadTime, now: LeadTime) -> bool:
    steps = zip_longest(before.weights, now.weights, fillvalue=0.0)
    return max(abs(apart) for apart in accumulate(b - a for a, b in steps)) > _MOVED


def _tell(turn: Turn, known: Known, card: Scorecard, supplier: str, location: str) -> None:
    if not _is_news(known.told, card):
        return
    known.told = card
    saying, day = turn.saying, turn.state.core.clock_ms // MILLISECONDS_PER_DAY - 1
    saying.say(
        SupplierScorecard(
            fact_id=saying.new_id("scorecard", supplier, location, str(day)),
            occurred_at=utc((day + 1) * MILLISECONDS_PER_DAY),
            day=date.fromordinal(_EPOCH + day),
            supplier=supplier,
            location=location,
            orders=round(card.orders, 3),
            mean_days=round(card.mean_days, 3),
            median_days=card.median_days,
            days_95=card.days_95,
            delivered_share=round(card.delivered_share, 4),
            on_time_share=round(card.on_time_share, 4),
            overdue_open=card.overdue_open,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
        )
    )


def _is_news(before: Scorecard | None, now: Scorecard) -> bool:
    """Whether figures moved by enough to be said again."""
    if before is None:
        return now.orders > 0.0 or now.overdue_open > 0
    return (
        abs(now.mean_days - before.mean_days) >= _DAYS
        or abs(now.days_95 - before.days_95) >= max(_LATE * before.days_95, 1.0)
        or abs(now.delivered_share - before.delivered_share) >= _SHARE
        or abs(now.on_time_share - before.on_time_share) >= _SHARE
        or now.overdue_open != before.overdue_open
        or abs(now.orders - before.orders) >= _ORDERS * max(before.orders, 1.0)
    )
