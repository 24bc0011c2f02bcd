"""What the ERP and people answered to orders. An order of another partition is not known here and passes by."""

from copy import copy

from inventory import deliveries, overrides
from inventory.replenishment import orders
from inventory.replenishment.orders import Order, OrderBook
from inventory.reports import say_order, say_transfer
from inventory.state import OpenTransfer, PartitionState
from inventory.transfers import journeys
from inventory.turn import Touched, Turn
from schemas.observations import ApprovalGiven, OrderAcknowledged
from schemas.readings.orders import BY_BUDGET
from schemas.wording import amount

_DONE = {"accept": "accepted", "modify": "changed", "reject": "rejected", "hold": "held back"}


def acknowledged(turn: Turn, seen: OrderAcknowledged) -> None:
    """The ERP took, refused, shipped, received or cancelled an order or transfer."""
    order_id, revision = _order_part(seen.order_id), _revision_of(seen)
    if seen.status in orders.REFUSED or seen.quantity == 0:
        _confirmed(turn, order_id)
    found = _find(turn, order_id, seen.occurred_at_ms)
    if found is None:
        return
    touched, order, transfer = found
    now_ms = turn.now_at(touched.stock)
    if transfer is not None:
        journeys.answered(turn, touched, transfer, seen.status, seen.quantity, revision)
        return
    late = order is None
    order = order or taken_after_all(touched.stock.book, order_id, revision=revision)
    if order is None:
        return
    before, asked = copy(order), orders.asked_in(order, revision)
    if orders.answer(order, seen.status, seen.quantity, seen.erp_reference, seen.expected_at_ms, now_ms, revision):
        deliveries.learn(
            turn,
            touched.location,
            order,
            seen.occurred_at_ms or now_ms,
            seen.expected_at_ms,
            acknowledged=seen.status == "acknowledged",
        )
        if before.status in orders.SUGGESTED and seen.status != "received" and not late:
            overrides.noted(turn, touched, order, asked, overrides.ERP, seen.message)
        reason = _reason(seen, before, order, asked)
        say_order(turn, touched, order, f"{reason}; it was withdrawn too late" if late else reason)
        _settle(turn, touched, order, now_ms)


def approved(turn: Turn, seen: ApprovalGiven) -> None:
    """A person or a budget accepted, changed or rejected a suggestion, or said why it waits."""
    order_id = _order_part(seen.order_id)
    found = None if _is_withdrawn(turn.state, order_id) else _find(turn, order_id, seen.occurred_at_ms)
    if found is None:
        return
    touched, order, transfer = found
    reason = seen.reason or f"{_DONE[seen.verdict]} by {seen.by or 'a person'}"
    subject = order or transfer
    if subject is None or seen.revision not in (None, subject.revision):
        return
    if seen.verdict == "hold":
        _say_why_it_waits(turn, touched, subject, reason)
    elif isinstance(subject, OpenTransfer):
        journeys.judged(turn, touched, subject, seen.verdict, seen.quantity, reason)
    else:
        _judged(turn, touched, subject, seen, reason)


def _say_why_it_waits(turn: Turn, touched: Touched, subject: Order | OpenTransfer, reason: str) -> None:
    if subject.status != "pending":
        return
    if isinstance(subject, OpenTransfer):
        say_transfer(turn, touched, subject, reason)
    else:
        say_order(turn, touched, subject, reason)


def _judged(turn: Turn, touched: Touched, order: Order, seen: ApprovalGiven, reason: str) -> None:
    now_ms = turn.now_at(touched.stock)
    before = copy(order)
    if orders.approve(order, seen.verdict, seen.quantity, now_ms):
        touched.judged = True
        if not seen.by.startswith(BY_BUDGET):
            asked = orders.Asked(order.revision, before.quantity, before.asked)
            overrides.noted(turn, touched, order, asked, seen.by or "a person", seen.reason)
        say_order(turn, touched, order, reason)
        _settle(turn, touched, order, now_ms)


def _reason(seen: OrderAcknowledged, before: Order, order: Order, asked: orders.Asked) -> str:
    """The ERP's own words, or what it did; and what became of an amendment, where it answers what was before it."""
    reason = seen.message or f"{seen.status} by the ERP"
    if order.status == "received" and order.came != order.quantity:
        return f"{reason}: {order.came} of {amount(order.quantity)} came"
    if order.taken:
        return f"{reason}: {order.taken} of revision {asked.revision}; revision {order.revision} is to be answered"
    if before.status in orders.SUGGESTED and asked.revision < before.revision:
        return f"{reason} as in revision {asked.revision}; revision {before.revision} came too late"
    return reason


def taken_after_all(book: OrderBook, *references: str, revision: int | None = None) -> Order | None:
    """The order of these names that was taken back when the ERP had bought it already: it comes, so it counts."""
    order = book.find_withdrawn(*references)
    if order is not None:
        orders.take_up(book, order, revision)
    return order


def _confirmed(turn: Turn, order_id: str) -> None:
    """The ERP has not bought what was withdrawn; an older answer that comes later is no purchase."""
    if not _is_withdrawn(turn.state, order_id):
        return
    name, location = turn.state.orders[order_id]
    sku = turn.state.skus[name]
    stock = sku.locations[location]
    stock.book.withdrawn = [order for order in stock.book.withdrawn if order.order_id != order_id]
    journeys.confirm_withdrawn(turn, sku, stock, [order_id])


def _is_withdrawn(state: PartitionState, order_id: str) -> bool:
    where = state.orders.get(order_id)
    if where is None:
        return False
    sku = state.skus[where[0]]
    order = sku.locations[where[1]].book.find_withdrawn(order_id)
    return order is not None or journeys.withdrawn(sku, order_id) is not None


def _settle(turn: Turn, touched: Touched, order: Order, now_ms: int) -> None:
    orders.settle(touched.stock.book, order, now_ms)
    turn.state.forget_orders(orders.drop_closed(touched.stock.book))


def _revision_of(seen: OrderAcknowledged) -> int | None:
    """The revision that is answered, by itself or in the idempotency key (``order id:revision``)."""
    told = seen.order_id.partition(":")[2]
    return int(told) if seen.revision is None and told.isdecimal() else seen.revision


def _order_part(reference: str) -> str:
    """The order id in an order id or idempotency key (``order id:revision``)."""
    return reference.partition(":")[0]


def _find(turn: Turn, order_id: str, at_ms: int) -> tuple[Touched, Order | None, OpenTransfer | None] | None:
    """Where an order or transfer is that is not over, and which; an order that was withdrawn is none.

    An answer that nobody dated (``at_ms`` 0) is given when it is heard, by the stores' clock.
    """
    where = turn.state.orders.get(order_id)
    if where is None:
        return None
    sku = turn.state.skus[where[0]]
    stock = turn.state.at(sku, where[1])
    transfer = next((t for t in (*stock.transfers, *stock.withdrawn) if t.order_id == order_id), None)
    turn.saying.occurred_at_ms = at_ms or turn.reached(stock)
    return turn.touch(sku, where[1], turn.saying.occurred_at_ms), stock.book.find(order_id), transfer
