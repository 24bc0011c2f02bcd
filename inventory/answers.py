"""What the ERP and people answered to orders. An order of another partition is not known here and passes by."""

from copy import copy

from inventory import deliveries, overrides
from inventory.open_to_buy.verdicts import BY_BUDGET
from inventory.replenishment import orders
from inventory.replenishment.orders import Order
from inventory.reports import say_order
from inventory.state import OpenTransfer
from inventory.transfers import journeys
from inventory.turn import Touched, Turn
from schemas.observations import ApprovalGiven, OrderAcknowledged


def acknowledged(turn: Turn, seen: OrderAcknowledged) -> None:
    """The ERP took, refused, shipped, received or cancelled an order or transfer."""
    found = _find(turn, _order_part(seen.order_id))
    if found is None:
        return
    touched, order, transfer = found
    now_ms = turn.now_at(touched.stock)
    if transfer is not None:
        journeys.answered(turn, touched, transfer, seen.status, seen.quantity)
        return
    if order is None:
        return
    before = copy(order)
    if orders.answer(order, seen.status, seen.quantity, seen.erp_reference, seen.expected_at_ms, now_ms):
        deliveries.learn(
            turn,
            touched.location,
            order,
            seen.occurred_at_ms or now_ms,
            seen.expected_at_ms,
            acknowledged=seen.status == "acknowledged",
        )
        if before.status in orders.SUGGESTED and seen.status != "received":
            overrides.noted(turn, touched, order, before, overrides.ERP, seen.message)
        say_order(turn, touched, order, seen.message or f"{seen.status} by the ERP")
        _settle(turn, touched, order, now_ms)


def approved(turn: Turn, seen: ApprovalGiven) -> None:
    """A person or a budget accepted, changed or rejected a suggestion, or said why it waits."""
    found = _find(turn, _order_part(seen.order_id))
    if found is None:
        return
    touched, order, transfer = found
    now_ms = turn.now_at(touched.stock)
    reason = seen.reason or f"{seen.verdict} by {seen.by or 'a person'}"
    if order is not None and seen.revision not in (None, order.revision):
        return
    if seen.verdict == "hold":
        if order is not None and order.status == "pending":
            say_order(turn, touched, order, reason)
        return
    if transfer is not None:
        journeys.judged(turn, touched, transfer, seen.verdict, seen.quantity, reason)
        return
    if order is None:
        return
    before = copy(order)
    if orders.approve(order, seen.verdict, seen.quantity, now_ms):
        if not seen.by.startswith(BY_BUDGET):
            overrides.noted(turn, touched, order, before, seen.by or "a person", seen.reason)
        say_order(turn, touched, order, reason)
        _settle(turn, touched, order, now_ms)


def _settle(turn: Turn, touched: Touched, order: Order, now_ms: int) -> None:
    orders.settle(touched.stock.book, order, now_ms)
    turn.state.forget_orders(orders.drop_closed(touched.stock.book))


def _order_part(reference: str) -> str:
    """The order id in an order id or idempotency key (``order id:revision``)."""
    return reference.partition(":")[0]


def _find(turn: Turn, order_id: str) -> tuple[Touched, Order | None, OpenTransfer | None] | None:
    where = turn.state.orders.get(order_id)
    if where is None:
        return None
    sku = turn.state.skus[where[0]]
    touched = turn.touch(sku, where[1], turn.saying.occurred_at_ms)
    transfer = next((t for t in touched.stock.transfers if t.order_id == order_id), None)
    return touched, touched.stock.book.find(order_id), transfer
