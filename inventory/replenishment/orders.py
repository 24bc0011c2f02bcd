"""The life of a reorder: proposed, answered, shipped, received, or withdrawn.

    proposed | pending -> acknowledged -> shipped -> received
            |                  |-> rejected, cancelled
            |-> amended (a new revision of the same order)
            |-> cancelled (the need is gone)
"""

import msgspec

SUGGESTED = frozenset({"proposed", "pending", "amended", "approved"})
AWAITED = frozenset({"acknowledged", "shipped"})
OPEN = SUGGESTED | AWAITED


class Order(msgspec.Struct, array_like=True):
    """One order of one SKU for one location; ``received`` units of ``quantity`` are in."""

    order_id: str
    status: str
    quantity: int
    proposed_at_ms: int
    revision: int = 1
    received: int = 0
    shipped: int = 0
    supplier: str = ""
    erp_reference: str = ""
    expected_at_ms: int = -1
    late_alerted: bool = False

    @property
    def outstanding(self) -> int:
        """Units still to come; 0 for an order that is over."""
        return max(self.quantity - self.received, 0) if self.status in OPEN else 0

    @property
    def in_transit(self) -> int:
        """Units the supplier has shipped and nobody has received."""
        return min(max(self.shipped - self.received, 0), self.outstanding)


class OrderBook(msgspec.Struct, array_like=True):
    """The open orders of one SKU at one location, oldest first, and units ordered past restockd."""

    orders: list[Order] = []
    foreign_on_order: int = 0
    foreign_in_transit: int = 0

    @property
    def on_order(self) -> int:
        """Units to come, suggestions included."""
        return sum(order.outstanding for order in self.orders) + self.foreign_on_order

    @property
    def in_transit(self) -> int:
        """The shipped part of ``on_order``."""
        return sum(order.in_transit for order in self.orders) + min(self.foreign_in_transit, self.foreign_on_order)

    @property
    def suggestion(self) -> Order | None:
        """The one open suggestion nobody has answered, if any."""
        return next((order for order in self.orders if order.status in SUGGESTED), None)

    def find(self, reference: str) -> Order | None:
        """The order of this id or ERP reference."""
        if not reference:
            return None
        return next((o for o in self.orders if reference in (o.order_id, o.erp_reference)), None)


def receive(book: OrderBook, quantity: int, reference: str) -> list[Order]:
    """Match ``quantity`` received units to what was ordered; returns the orders that changed.

    A receipt that names its order goes there; others first to units ordered past
    restockd, then to answered orders, oldest first. What matches nothing is just
    stock that came.
    """
    named = book.find(reference)
    if named is not None:
        return [_receive_on(named, quantity)]
    taken = min(quantity, book.foreign_on_order)
    book.foreign_on_order -= taken
    book.foreign_in_transit = max(book.foreign_in_transit - taken, 0)
    return _receive_oldest(book, quantity - taken)


def answer(order: Order, status: str, quantity: int | None, reference: str, expected_at_ms: int | None) -> bool:
    """Apply the ERP's word on an order; False if it changes nothing (told before, or over)."""
    before = (order.status, order.quantity, order.shipped, order.erp_reference, order.expected_at_ms)
    if order.status not in OPEN:
        return False
    order.erp_reference = reference or order.erp_reference
    order.expected_at_ms = order.expected_at_ms if expected_at_ms is None else expected_at_ms
    if status == "shipped":
        order.shipped = order.quantity if quantity is None else quantity
    elif quantity is not None and status == "acknowledged":
        order.quantity = quantity
    if not (status == "acknowledged" and order.status == "shipped"):
        order.status = status
    return before != (order.status, order.quantity, order.shipped, order.erp_reference, order.expected_at_ms)


def drop_closed(book: OrderBook) -> None:
    """Forget orders that are over."""
    book.orders = [order for order in book.orders if order.status in OPEN]


def _receive_on(order: Order, quantity: int) -> Order:
    order.received += quantity
    if order.received >= order.quantity and order.status in OPEN:
        order.status = "received"
    return order


def _receive_oldest(book: OrderBook, quantity: int) -> list[Order]:
    changed = []
    for order in book.orders:
        if quantity <= 0:
            break
        if order.status in AWAITED:
            part = min(quantity, order.outstanding)
            changed.append(_receive_on(order, part))
            quantity -= part
    return changed



def approve(order: Order, verdict: str, quantity: int | None) -> bool:
    """Apply a person's verdict on a suggestion; False if there is nothing to decide."""
    if order.status not in SUGGESTED:
        return False
    if verdict == "reject":
        order.status = "rejected"
        return True
    if verdict == "modify" and quantity is not None:
        order.quantity = quantity
    order.revision += 1
    order.status = "approved"
    return True
