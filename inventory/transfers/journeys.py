"""The life of a transfer: proposed, answered, shipped by the origin, received by the destination."""

from inventory.reports import say_transfer
from inventory.state import OpenTransfer, SkuState
from inventory.turn import Touched, Turn

OPEN = frozenset({"proposed", "pending", "acknowledged", "shipped"})


def find(sku: SkuState, order_id: str) -> tuple[str, OpenTransfer] | None:
    """Destination and transfer of this id."""
    if not order_id:
        return None
    for location in sorted(sku.locations):
        for transfer in sku.locations[location].transfers:
            if transfer.order_id == order_id:
                return location, transfer
    return None


def shipped(turn: Turn, sku: SkuState, order_id: str, quantity: int) -> None:
    """The origin sent ``quantity`` units."""
    found = find(sku, order_id)
    if found is None:
        return
    destination, transfer = found
    transfer.shipped += quantity
    transfer.status = "shipped"
    touched = turn.touch(sku, destination, turn.saying.occurred_at_ms)
    say_transfer(turn, touched, transfer, f"{transfer.shipped} units shipped by {transfer.origin}")


def received(turn: Turn, touched: Touched, order_id: str, quantity: int) -> None:
    """The destination took ``quantity`` units in; a transfer is over when all that was shipped is there."""
    found = find(touched.sku, order_id)
    if found is None:
        return
    _, transfer = found
    transfer.received += quantity
    if transfer.received >= min(transfer.quantity, max(transfer.shipped, 1)):
        transfer.status = "received"
        touched.stock.transfers.remove(transfer)
    say_transfer(turn, touched, transfer, f"{transfer.received} of {transfer.quantity} units received")


def answered(turn: Turn, touched: Touched, transfer: OpenTransfer, status: str, quantity: int | None) -> None:
    """The ERP's word on a transfer."""
    if transfer.status not in OPEN or transfer.status == status:
        return
    transfer.status = status
    transfer.quantity = transfer.quantity if quantity is None else quantity
    if status not in OPEN:
        touched.stock.transfers.remove(transfer)
    say_transfer(turn, touched, transfer, f"{status} by the ERP")
