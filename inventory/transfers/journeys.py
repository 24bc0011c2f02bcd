"""The life of a transfer: proposed, answered, shipped by the origin, received by the destination.

The ERP tells of it twice, as movements of stock and as answers, in either order.
A transfer that was answered as received stays until the units are booked, at
most a day, so that they are neither missing from the position nor in it twice.
One that was taken back before anything left is remembered as an order is: an ERP
that had it on its way already is believed.
"""

from collections.abc import Iterator

from inventory.replenishment.orders import MOST_WITHDRAWN, REFUSED
from inventory.reports import say_transfer
from inventory.state import Arrived, LocationStock, OpenTransfer, SkuState
from inventory.transfers import outcomes
from inventory.transfers.chain import REST_DAYS
from inventory.transfers.departures import UNSHIPPED, on_trip
from inventory.turn import Touched, Turn

OPEN = UNSHIPPED | {"shipped"}
MILLISECONDS_PER_DAY = 86_400_000
PATIENCE_DAYS = 3
SUGGESTED = frozenset({"proposed", "pending", "amended"})


def find(
    sku: SkuState, order_id: str, origin: str, destination: str, *, unshipped: bool = False
) -> tuple[str, OpenTransfer] | None:
    """Destination and transfer of this id; for a movement that names no transfer, the first on this way.

    With ``unshipped`` the first that did not leave yet, if any.
    """
    found = [
        (location, transfer)
        for location in sorted(sku.locations)
        for transfer in sku.locations[location].transfers
        if transfer.order_id == order_id or (not order_id and (transfer.origin, location) == (origin, destination))
    ]
    waiting = [one for one in found if not one[1].shipped] if unshipped else []
    return next(iter(waiting or found), None)


def at_either_end(sku: SkuState, location: str) -> Iterator[tuple[str, OpenTransfer]]:
    """Destinations and transfers of a SKU from or to a location."""
    for destination in sorted(sku.locations):
        for transfer in sku.locations[destination].transfers:
            if location in (destination, transfer.origin):
                yield destination, transfer


def withdrawn(sku: SkuState, order_id: str) -> tuple[str, OpenTransfer] | None:
    """Destination and transfer of this id that was taken back."""
    found = (
        (location, transfer)
        for location in sorted(sku.locations)
        for transfer in sku.locations[location].withdrawn
        if transfer.order_id == order_id
    )
    return next(found, None)


def shipped(turn: Turn, sku: SkuState, order_id: str, origin: str, destination: str, quantity: int) -> None:
    """The origin sent ``quantity`` units (negative: that was declared an error)."""
    found = find(sku, order_id, origin, destination, unshipped=quantity > 0)
    found = found or (withdrawn(sku, order_id) if quantity > 0 else None)
    if found is None or found[1].origin != origin:
        return
    destination, transfer = found
    touched = turn.touch(sku, destination, turn.saying.occurred_at_ms)
    too_late = _take_up(turn, touched, transfer)
    transfer.shipped = max(transfer.shipped + quantity, 0)
    outcomes.left(turn, sku, destination, transfer, quantity)
    if transfer.status in OPEN:
        _moves(transfer, "shipped", turn.now_at(touched.stock))
        if _all_there(transfer):
            _close(turn, touched, transfer, "received", f"{transfer.received} of {transfer.quantity} units received")
            return
    transfer.changed_at_ms = turn.now_at(touched.stock)
    say_transfer(turn, touched, transfer, f"{transfer.shipped} units shipped by {transfer.origin}{too_late}")


def received(turn: Turn, touched: Touched, order_id: str, origin: str, quantity: int) -> None:
    """The destination took ``quantity`` units in; a transfer is over when all that was shipped is there."""
    _remember(touched.stock, origin, quantity, turn.now_at(touched.stock))
    found = find(touched.sku, order_id, origin, touched.location)
    found = found or (withdrawn(touched.sku, order_id) if quantity > 0 else None)
    if found is None or found[0] != touched.location:
        return
    transfer = found[1]
    too_late = _take_up(turn, touched, transfer)
    transfer.received = max(transfer.received + quantity, 0)
    outcomes.arrived(turn, touched, transfer, quantity)
    transfer.changed_at_ms = turn.now_at(touched.stock)
    if transfer.status == "received":
        if transfer.received >= transfer.quantity:
            _drop(turn, touched, transfer)
        return
    if _all_there(transfer):
        _close(turn, touched, transfer, "received", f"{transfer.received} of {transfer.quantity} units received")
    else:
        if transfer.received and transfer.status in OPEN:
            _moves(transfer, "shipped", transfer.changed_at_ms)
        say_transfer(turn, touched, transfer, f"{transfer.received} of {transfer.quantity} units received{too_late}")


def _all_there(transfer: OpenTransfer) -> bool:
    """Whether all that was to come is there, or all that is known to have left; the two are told in any order."""
    left = transfer.shipped or transfer.quantity
    return 0 < transfer.received >= min(transfer.quantity, left)


def _moves(transfer: OpenTransfer, status: str, now_ms: int) -> None:
    """It got further, so it is to be counted on again: for as long as the lane takes."""
    if status != transfer.status:
        transfer.due_at_ms = max(transfer.due_at_ms, now_ms + transfer.lead_ms)
        transfer.overdue = False
    transfer.status = status


def answered(
    turn: Turn, touched: Touched, transfer: OpenTransfer, status: str, quantity: int | None, revision: int | None = None
) -> None:
    """The ERP's word on a transfer, also on one that was taken back.

    While an amendment waits, taking what was before it is no answer to it.
    """
    too_late = _take_up(turn, touched, transfer)
    older = revision is not None and revision < transfer.revision
    if status == "acknowledged" and transfer.status == "amended" and older:
        transfer.changed_at_ms = turn.now_at(touched.stock)
        return
    outdated = status == "acknowledged" and transfer.status == "shipped"
    if transfer.status not in OPEN or outdated or (transfer.status, transfer.quantity) == (status, quantity):
        return
    if transfer.status == status and quantity is None:
        return
    transfer.quantity = transfer.quantity if quantity is None else quantity
    transfer.agreed = max(transfer.agreed, transfer.quantity)
    transfer.changed_at_ms = turn.now_at(touched.stock)
    if status in OPEN or (status == "received" and transfer.received < transfer.quantity):
        _moves(transfer, status, transfer.changed_at_ms)
        say_transfer(turn, touched, transfer, f"{status} by the ERP{too_late}")
    else:
        _close(turn, touched, transfer, status, f"{status} by the ERP")


def judged(
    turn: Turn, touched: Touched, transfer: OpenTransfer, verdict: str, quantity: int | None, reason: str
) -> None:
    """A person's verdict on a transfer that nobody has answered yet."""
    if transfer.status not in SUGGESTED:
        return
    transfer.revision += 1
    transfer.changed_at_ms = turn.now_at(touched.stock)
    if verdict == "reject":
        _close(turn, touched, transfer, "rejected", reason, by_erp=False)
        return
    if verdict == "modify" and quantity is not None:
        transfer.quantity = quantity
    transfer.agreed = transfer.quantity
    _moves(transfer, "approved", transfer.changed_at_ms)
    say_transfer(turn, touched, transfer, reason)


def give_up(turn: Turn, touched: Touched) -> None:
    """End what nobody acts on: proposals without an answer, what was to come and did not."""
    now_ms = turn.now_at(touched.stock)
    for transfer in list(touched.stock.transfers):
        waited_ms = now_ms - transfer.changed_at_ms
        if transfer.status == "received" and waited_ms >= MILLISECONDS_PER_DAY:
            _drop(turn, touched, transfer)
        elif waited_ms >= PATIENCE_DAYS * MILLISECONDS_PER_DAY and transfer.status in SUGGESTED:
            transfer.revision += 1
            _close(turn, touched, transfer, "cancelled", f"nobody answered for {PATIENCE_DAYS} days", by_erp=False)
        elif waited_ms >= PATIENCE_DAYS * MILLISECONDS_PER_DAY and transfer.received:
            missing = transfer.quantity - transfer.received
            _close(turn, touched, transfer, "received", f"{missing} units never came")
        elif transfer.status in OPEN - SUGGESTED and transfer.due_at_ms >= 0:
            _await(turn, touched, transfer, now_ms)


def _await(turn: Turn, touched: Touched, transfer: OpenTransfer, now_ms: int) -> None:
    """Late after some days, and over after some more. Stock moves by what is told of it only, so what left is gone."""
    rules, days_late = turn.rules, (now_ms - transfer.due_at_ms) / MILLISECONDS_PER_DAY
    transfer.overdue = days_late > rules.transfer_late_days
    if not transfer.overdue or days_late <= rules.transfer_late_days + rules.transfer_lost_days:
        return
    what = "lost: shipped and" if transfer.status == "shipped" else "never shipped:"
    reason = f"{what} {days_late:.0f} days overdue, {transfer.quantity} units never came"
    _cancel(turn, touched, transfer, reason)


def withdraw(turn: Turn, touched: Touched, transfer: OpenTransfer, reason: str) -> None:
    """Take back a transfer of which nothing has left; another may be proposed at once."""
    _take_off(turn, touched, transfer, reason)
    _pay_without(turn, touched.location, transfer)


def _take_off(turn: Turn, touched: Touched, transfer: OpenTransfer, reason: str) -> None:
    _cancel(turn, touched, transfer, reason)
    touched.stock.short_units = -1
    _decide_again(turn, touched)


def _decide_again(turn: Turn, touched: Touched) -> None:
    """About transfers too, though it was only an order that was spoken of."""
    touched.now_ms = max(touched.now_ms, turn.now_at(touched.stock))


def _cancel(turn: Turn, touched: Touched, transfer: OpenTransfer, reason: str) -> None:
    transfer.revision += 1
    transfer.status = "cancelled"
    _drop(turn, touched, transfer, remembered=not (transfer.shipped or transfer.received))
    say_transfer(turn, touched, transfer, reason)


def forget_withdrawn(turn: Turn, sku: SkuState, stock: LocationStock, before_ms: int) -> None:
    """Forget what was taken back before that time."""
    gone = [transfer.order_id for transfer in stock.withdrawn if transfer.changed_at_ms < before_ms]
    if gone:
        confirm_withdrawn(turn, sku, stock, gone)


def confirm_withdrawn(turn: Turn, sku: SkuState, stock: LocationStock, order_ids: list[str]) -> None:
    """None of these will be sent any more."""
    stock.withdrawn = [transfer for transfer in stock.withdrawn if transfer.order_id not in order_ids]
    turn.state.forget_orders(order_ids)
    turn.state.touch(sku.item.style)


def _take_up(turn: Turn, touched: Touched, transfer: OpenTransfer) -> str:
    """Count on a transfer again that the ERP has although it was taken back; returns what to say of that.

    The ERP has the last word, as if the trip had left: it is not taken back a second time.
    """
    if transfer.status not in REFUSED:
        return ""
    stock, now_ms = touched.stock, turn.now_at(touched.stock)
    stock.withdrawn = [one for one in stock.withdrawn if one is not transfer]
    transfer.status, transfer.overdue = "approved", False
    transfer.leaves_at_ms, transfer.due_at_ms = now_ms, now_ms + transfer.lead_ms
    stock.transfers.append(transfer)
    turn.state.on_lane.setdefault((transfer.origin, touched.location), set()).add(transfer.order_id)
    _decide_again(turn, touched)
    return "; it was withdrawn too late"


def _close(
    turn: Turn, touched: Touched, transfer: OpenTransfer, status: str, reason: str, *, by_erp: bool = True
) -> None:
    transfer.status = status
    refused = status in REFUSED
    if refused:
        touched.stock.transfer_refused_ms = turn.now_at(touched.stock)
    _drop(turn, touched, transfer, remembered=refused and not by_erp)
    say_transfer(turn, touched, transfer, reason)
    if refused:
        _pay_without(turn, touched.location, transfer)


def _pay_without(turn: Turn, destination: str, gone: OpenTransfer) -> None:
    """A trip has to pay without what was taken off it; else the rest of it stays at home too."""
    lane = turn.state.core.lanes.get(f"{gone.origin}|{destination}")
    rest = list(on_trip(turn.state, gone.origin, destination, gone.leaves_at_ms))
    if lane is None or any(transfer.status not in SUGGESTED for _, transfer in rest):
        return
    earned = sum(transfer.gain - transfer.quantity * lane.cost_per_unit for _, transfer in rest)
    if earned <= lane.cost_per_trip:
        for sku, transfer in rest:
            touched = turn.touch(sku, destination, turn.saying.occurred_at_ms)
            _take_off(turn, touched, transfer, "what else was to go on this trip does not; it would not pay")


def _remember(stock: LocationStock, origin: str, units: int, now_ms: int) -> None:
    """What came by a transfer rests (``guards``); units that are taken back again never came."""
    oldest_ms = now_ms - REST_DAYS * MILLISECONDS_PER_DAY
    stock.arrived = [one for one in stock.arrived if one.at_ms > oldest_ms]
    if units > 0:
        stock.arrived.append(Arrived(origin, units, now_ms))
    for one in [one for one in reversed(stock.arrived) if units < 0 and one.origin == origin]:
        taken = min(one.units, -units)
        one.units, units = one.units - taken, units + taken
    stock.arrived = [one for one in stock.arrived if one.units > 0]


def _drop(turn: Turn, touched: Touched, transfer: OpenTransfer, *, remembered: bool = False) -> None:
    """It is over; ``remembered`` where the ERP may have taken it before it hears so."""
    stock, state = touched.stock, turn.state
    stock.transfers.remove(transfer)
    outcomes.over(turn, touched, transfer)
    state.on_lane.get((transfer.origin, touched.location), set()).discard(transfer.order_id)
    if not remembered:
        state.forget_orders([transfer.order_id])
        return
    transfer.changed_at_ms = turn.now_at(stock)
    kept = [*stock.withdrawn, transfer]
    stock.withdrawn = kept[-MOST_WITHDRAWN:]
    state.forget_orders([one.order_id for one in kept[:-MOST_WITHDRAWN]])
