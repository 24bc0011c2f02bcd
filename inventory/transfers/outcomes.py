"""What came of transfers: both ends held against how they would have been without, by the demand that came.

Of a transfer that moved units two stocks are followed at each end: the book, and the one there would be had they
stayed. Both get whatever else comes and goes. What was asked for in a day is sold from the second as far as it
reaches; the difference to what was sold is what the transfer won at its destination, and lost at its origin.

Of a transfer that was held out it is the other way round: the book goes without, and the second stock is the one there
would be had the units moved as was planned.
"""

import math
from typing import NamedTuple

from inventory.demand.learner import Judgement
from inventory.state import HeldOut, LocationStock, MovedUnits, OpenTransfer, SkuState, Without
from inventory.stock.ledger import Ledger
from inventory.transfers.realisation import Realised, learn
from inventory.turn import Touched, Turn
from schemas.facts import TransferOutcome, utc

MILLISECONDS_PER_DAY = 86_400_000
_JUDGED_WITHIN_DAYS = 5
"""Days end by local time and once all tills told of them; judging ends the hold before that."""
_MOST = 10_000
"""Transfers that wait to be judged; of more the oldest are forgotten, and a hold ends with that."""


def left(turn: Turn, sku: SkuState, destination: str, transfer: OpenTransfer, units: int) -> None:
    """``units`` have left the origin (negative: that was declared an error)."""
    moved, stock = _moved(turn, sku, destination, transfer), turn.state.at(sku, transfer.origin)
    moved.shipped = transfer.shipped
    moved.donor = _end(turn, stock, moved.donor, -units)


def arrived(turn: Turn, touched: Touched, transfer: OpenTransfer, units: int) -> None:
    """``units`` have come to the destination (negative: that was declared an error); with the first the days begin."""
    moved = _moved(turn, touched.sku, touched.location, transfer)
    moved.received = transfer.received
    moved.here = _end(turn, touched.stock, moved.here, units)
    if moved.until_day < 0:
        moved.until_day = moved.here.day + max(math.ceil(moved.stakes.days), 1)


def over(turn: Turn, touched: Touched, transfer: OpenTransfer) -> None:
    """It is not open any more: one that is lost is judged at the day's end, one that nobody booked in is not."""
    moved = turn.state.core.moved.get(transfer.order_id)
    if moved is None:
        return
    if moved.received == 0 and (transfer.status == "received" or moved.shipped == 0):
        del turn.state.core.moved[transfer.order_id]
    elif moved.until_day < 0:
        moved.until_day = turn.now_at(touched.stock) // MILLISECONDS_PER_DAY


def end_day(turn: Turn, judgement: Judgement) -> None:
    """Count the day, and judge what is over."""
    known = turn.state.core.moved
    for order_id, moved in list(known.items()):
        sku = turn.state.skus[moved.sku]
        if moved.held is not None and not _begun(moved, moved.held, sku, judgement.day):
            _end_hold(turn, order_id, known.pop(order_id))
            continue
        for end, location in ((moved.donor, moved.origin), (moved.here, moved.destination)):
            if end is not None and judgement.day >= end.day:
                demand = _asked_for(turn, judgement, moved.sku, location)
                _pass_day(end, sku.locations[location].ledger, judgement.day, demand)
        if moved.here is not None and judgement.day == _first_day(moved):
            moved.here.first_day_sold = sku.locations[moved.destination].ledger.sales - moved.here.sales
        if 0 <= moved.until_day <= judgement.day:
            del known[order_id]
            earned = _earned(moved, sku)
            if moved.held is None:
                _learn(turn, moved, sku, earned, judgement.day)
            else:
                _free(turn, sku, moved)
            _say(turn, order_id, moved, earned)


def _asked_for(turn: Turn, judgement: Judgement, sku: str, location: str) -> float:
    """Units that day, as far as the learner can tell."""
    return judgement.demand_of(turn.state.learner.register.find(sku, location))


def _end_hold(turn: Turn, order_id: str, moved: MovedUnits) -> None:
    """Say of what was held out that nothing is compared."""
    moved.shipped = moved.received = 0
    moved.donor = moved.here = None
    _free(turn, turn.state.skus[moved.sku], moved)
    _say(turn, order_id, moved, _Earned(0.0, 0.0, 0.0))


def hold_ends_ms(moved: MovedUnits) -> int:
    """When others may be proposed at the destination though what was held out was not judged."""
    return (moved.until_day + 1 + _JUDGED_WITHIN_DAYS) * MILLISECONDS_PER_DAY


def _free(turn: Turn, sku: SkuState, moved: MovedUnits) -> None:
    """What was held out is over: others may be proposed there again, unless another one is held out by now."""
    stock = sku.locations[moved.destination]
    if stock.held_until_ms == hold_ends_ms(moved):
        stock.held_until_ms = -1
        turn.state.touch(sku.item.style)


def _moved(turn: Turn, sku: SkuState, destination: str, transfer: OpenTransfer) -> MovedUnits:
    known = turn.state.core.moved
    if transfer.order_id not in known:
        moved = MovedUnits(sku.item.sku, transfer.origin, destination, transfer.stakes, transfer.gain, transfer.cost)
        keep(turn, transfer.order_id, moved)
    return known[transfer.order_id]


def keep(turn: Turn, order_id: str, moved: MovedUnits) -> None:
    """Judge it once its days are over."""
    known = turn.state.core.moved
    known[order_id] = moved
    while len(known) > _MOST:
        oldest = next(iter(known))
        forgotten = known.pop(oldest)
        if forgotten.held is not None:
            _end_hold(turn, oldest, forgotten)


def _begun(moved: MovedUnits, held: HeldOut, sku: SkuState, day: int) -> bool:
    """Let the units leave, and come, after a day that is over; whether the origin has any by then."""
    if moved.donor is None and day >= held.leaves_day:
        moved.donor, left = _with(sku.locations[moved.origin].ledger, day, -held.units)
        moved.shipped = -left
        if not moved.shipped:
            return False
    if moved.here is None and day >= held.arrives_day - 1:
        moved.here, moved.received = _with(sku.locations[moved.destination].ledger, day, moved.shipped)
    return True


def _with(ledger: Ledger, day: int, change: int) -> tuple[Without, int]:
    """How it would be with that many units more, and how many that is: none leave that are not there."""
    there = max(ledger.on_hand, 0)
    changed = max(there + change, 0)
    return Without(day, ledger.on_hand, ledger.sales, float(changed)), changed - there


def _end(turn: Turn, stock: LocationStock, end: Without | None, change: int) -> Without:
    """The book has the change already; without the transfer it would not."""
    if end is not None:
        end.there += change
        return end
    ledger, day = stock.ledger, turn.now_at(stock) // MILLISECONDS_PER_DAY
    return Without(day, ledger.on_hand, ledger.sales, float(max(ledger.on_hand - change, 0)))


def _pass_day(end: Without, ledger: Ledger, day: int, demand: float) -> None:
    """Of the first day only what was sold since the units moved is counted as asked for."""
    sold = ledger.sales - end.sales
    came = ledger.on_hand - end.there + sold
    end.demand += demand if day > end.day else sold
    wanted = max(end.demand, float(sold), end.wanted)
    stock = max(end.stock + came - end.came, 0.0)
    met = min(stock, wanted - end.wanted)
    end.stock, end.sold, end.wanted, end.came = stock - met, end.sold + met, wanted, came


class _Earned(NamedTuple):
    """Units sold more at the destination and less at the origin, never more than were moved, and what that brings.

    Days are counted whole, units of the first one since they moved: what that adds up to may be more.
    """

    sold: float
    lost: float
    money: float


def _earned(moved: MovedUnits, sku: SkuState) -> _Earned:
    stakes = moved.stakes
    more = 1.0 if moved.held is None else -1.0
    sold = min(max(0.0, more * _sold_more(moved.here, sku, moved.destination)), moved.received)
    lost = min(max(0.0, -more * _sold_more(moved.donor, sku, moved.origin)), _gone(moved))
    won = stakes.leftover_value * moved.received + (stakes.margin - stakes.leftover_value) * sold
    paid = stakes.donor_leftover_value * _gone(moved) + (stakes.donor_margin - stakes.donor_leftover_value) * lost
    return _Earned(sold, lost, won - paid)


def _learn(turn: Turn, moved: MovedUnits, sku: SkuState, earned: _Earned, day: int) -> None:
    """Of what was expected of the units proposed, as much as of them has moved."""
    expected = moved.stakes.gain * min(_gone(moved) / max(moved.stakes.units, 1), 1.0)
    seen = turn.state.core.realised.setdefault(sku.item.currency, Realised())
    learn(seen, day, expected, earned.money, turn.rules.demand_half_life_days)


def _gone(moved: MovedUnits) -> int:
    """Units that left, whoever told of it."""
    return max(moved.shipped, moved.received)


def say_held(turn: Turn, touched: Touched, order_id: str, moved: MovedUnits, reason: str) -> None:
    """That it is held out, since nothing else says so; ``reason`` is why it would have been proposed."""
    turn.saying.occurred_at_ms, before = touched.occurred_at_ms, turn.saying.occurred_at_ms
    _say(turn, order_id, moved, _Earned(0.0, 0.0, 0.0), reason)
    turn.saying.occurred_at_ms = before


def _say(turn: Turn, order_id: str, moved: MovedUnits, earned: _Earned, held_because: str = "") -> None:
    sku, saying, first = turn.state.skus[moved.sku], turn.saying, _first_day(moved)
    days = 0 if first is None else moved.until_day - first
    kind = "transfer-held-out" if held_because else "transfer-outcome"
    saying.say(
        TransferOutcome(
            fact_id=saying.new_id(kind, order_id),
            occurred_at=utc(saying.occurred_at_ms),
            order_id=order_id,
            origin=moved.origin,
            destination=moved.destination,
            sku=moved.sku,
            style=sku.item.style,
            arrived_at=None if first is None else utc(first * MILLISECONDS_PER_DAY),
            days=days,
            proposed_units=moved.stakes.units,
            shipped_units=moved.shipped,
            received_units=moved.received,
            destination_demand_units=_demand(moved.here),
            origin_demand_units=_demand(moved.donor),
            sold_units=round(earned.sold, 4),
            lost_units=round(earned.lost, 4),
            expected_gain=round(moved.gain, 4),
            expected_cost=round(moved.cost, 4),
            earned=round(earned.money, 4),
            destination_sold_units=_sold(moved.here, sku, moved.destination),
            destination_expected_units=round(moved.stakes.mean_per_day * days, 4),
            holdout_share=moved.stakes.holdout_share,
            held_out=moved.held is not None,
            judged=not held_because,
            held_until=utc((moved.until_day + 1) * MILLISECONDS_PER_DAY) if moved.held is not None else None,
            reason=held_because,
            currency=sku.item.currency,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
        )
    )


def _first_day(moved: MovedUnits) -> int | None:
    """On which its units came, or would have."""
    if moved.held is not None:
        return moved.held.arrives_day
    return None if moved.here is None else moved.here.day


def _sold(end: Without | None, sku: SkuState, location: str) -> int:
    """From the day after the units came, or would have: how much of the first is left depends on the hour."""
    return 0 if end is None else sku.locations[location].ledger.sales - end.sales - end.first_day_sold


def _sold_more(end: Without | None, sku: SkuState, location: str) -> float:
    """Units sold beyond those that would have been."""
    return 0.0 if end is None else sku.locations[location].ledger.sales - end.sales - end.sold


def _demand(end: Without | None) -> float:
    return 0.0 if end is None else round(end.demand, 4)
