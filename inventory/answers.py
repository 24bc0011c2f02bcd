"""What the ERP and people answered to orders. An order of another partition is not known here and passes by."""

from inventory.replenishment import orders
from inventory.replenishment.orders import Order
from inventory.reports import say_order
from inventory.state import OpenTransfer
from inventory.transfers import journeys
from inventory.turn import Touched, Turn
from schemas.observations import ApprovalGiven, OrderAcknowledged


def acknowledged(turn: Turn, seen: OrderAcknowledged) -> None:
    """The ERP took, refused, shipped, received or cancelled an order or transfer."""
    turn.saying.occurred_at_ms = seen.occurred_at_ms
    order_id = _order_part(seen.order_id)
    found = _find(turn, order_id, seen.occurred_at_ms)
    if found is None:
        return
    touched, order, transfer = found
    if transfer is not None:
        journeys.answered(turn, touched, transfer, seen.status, seen.quantity)
    elif order is not None and orders.answer(
        order, seen.status, seen.quantity, seen.erp_reference, seen.expected_at_ms
    ):
        say_order(turn, touched, order, seen.message or f"{seen.status} by the ERP")
        orders.drop_closed(touched.stock.book)


def approved(turn: Turn, seen: ApprovalGiven) -> None:
    """A person accepted, changed or rejected a suggestion."""
    turn.saying.occurred_at_ms = seen.occurred_at_ms
    found = _find(turn, _order_part(seen.order_id), seen.occurred_at_ms)
    if found is None or found[1] is None:
        return
    touched, order, _ = found
    if order is not None and orders.approve(order, seen.verdict, seen.quantity):
        say_order(turn, touched, order, seen.reason or f"{seen.verdict} by {seen.by}")
        orders.drop_closed(touched.stock.book)


def _order_part(reference: str) -> str:
    """The order id in an order id or idempotency key (``order id:revision``)."""
    return reference.partition(":")[0]


def _find(turn: Turn, order_id: str, occurred_at_ms: int) -> tuple[Touched, Order | None, OpenTransfer | None] | None:
    where = turn.state.orders.get(order_id)
    if where is None:
        return None
    sku = turn.state.skus[where[0]]
    stock = sku.locations[where[1]]
    order = stock.book.find(order_id)
    transfer = next((t for t in stock.transfers if t.order_id == order_id), None)
    if order is None and transfer is None:
        return None
    return turn.touch(sku, where[1], occurred_at_ms), order, transfer
