"""Applying movements of stock: sales, receipts, transfers, adjustments, reservations."""

from inventory.demand import daily
from inventory.replenishment import orders
from inventory.reports import say_received
from inventory.seen import retraction_key
from inventory.stock import ledger as book
from inventory.transfers import journeys
from inventory.turn import Touched, Turn
from schemas.facts import StockMovement, utc
from schemas.observations import QuantityMoved, SaleMade, StockReserved, Supplied

_COUNTER = {
    "receipt": "receipts",
    "transfer_in": "transfers_in",
    "transfer_out": "transfers_out",
    "adjustment": "adjustments",
    "supplier_return": "adjustments",
    "write_off": "adjustments",
}


def sale(turn: Turn, seen: SaleMade) -> None:
    """Book a till line and learn from it."""
    if not turn.first_time(seen.key):
        return
    touched = turn.touch(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    stock = touched.stock
    sold = seen.line_type == "sale"
    counter = "sales" if sold else "returns"
    quantity = -seen.quantity if sold else (seen.quantity if seen.sellable else 0)
    zone = seen.zone or book.SALES_ZONE
    book.move(stock.ledger, counter, quantity, seen.occurred_at_ms, zone, turn.rules.count_memory_hours)
    if seen.line_type != "return":
        units = seen.quantity if sold else -seen.quantity
        daily.observe(stock.demand, units, seen.occurred_at_ms, turn.rules.demand_half_life_days)
    touched.sold = touched.sold or sold
    _say_sale(turn, seen, quantity, zone)


def moved(turn: Turn, seen: QuantityMoved) -> None:
    """Book a movement, or undo one that was declared an error."""
    sign = _sign(turn, seen)
    if sign == 0:
        return
    touched = turn.touch(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    ledger = touched.stock.ledger
    if seen.reason == "zone_move":
        book.move_zone(ledger, sign * seen.quantity, seen.zone or book.RECEIVING_ZONE, seen.to_zone or book.SALES_ZONE)
    else:
        zone = seen.zone or (book.RECEIVING_ZONE if seen.quantity > 0 else book.SALES_ZONE)
        counter = _COUNTER[seen.reason]
        memory = turn.rules.count_memory_hours
        book.move(ledger, counter, sign * seen.quantity, seen.occurred_at_ms, zone, memory)
    _follow(turn, touched, seen, sign)
    _say_moved(turn, seen, sign)


def supplied(turn: Turn, seen: Supplied) -> None:
    """Goods ordered past restockd, shipped by a supplier, or not coming after all."""
    if not turn.first_time(seen.key):
        return
    touched = turn.touch(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    order_book = touched.stock.book
    order = order_book.find(seen.order_id) or order_book.find(seen.document)
    if order is not None and seen.status != "ordered":
        if orders.answer(order, seen.status, seen.quantity, "", seen.expected_at_ms):
            say_received(turn, touched, [order])
        orders.drop_closed(order_book)
    elif seen.status == "ordered":
        order_book.foreign_on_order += seen.quantity
    elif seen.status == "shipped":
        order_book.foreign_in_transit += seen.quantity
    else:
        order_book.foreign_on_order = max(order_book.foreign_on_order - seen.quantity, 0)


def reserved(turn: Turn, seen: StockReserved) -> None:
    """Units promised to a customer or released."""
    if turn.first_time(seen.key):
        touched = turn.touch(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
        book.reserve(touched.stock.ledger, seen.quantity)


def _sign(turn: Turn, seen: QuantityMoved) -> int:
    """+1 to book the movement, -1 to undo it, 0 if there is nothing to do.

    Movement and retraction may come in either order and any number of times; a
    retraction that comes first keeps the movement from ever counting.
    """
    if not seen.retracts:
        return 1 if turn.first_time(seen.key) else 0
    if not turn.first_time(retraction_key(seen.key)):
        return 0
    return 0 if turn.first_time(seen.key) else -1


def _follow(turn: Turn, touched: Touched, seen: QuantityMoved, sign: int) -> None:
    """What a movement means for the orders and transfers it belongs to."""
    if sign < 0:
        return
    order_book = touched.stock.book
    if seen.reason == "receipt" and seen.quantity > 0:
        reference = seen.order_id or seen.document
        named = order_book.find(reference)
        changed = orders.receive(order_book, seen.quantity, reference if named else "")
        say_received(turn, touched, changed)
        orders.drop_closed(order_book)
    elif seen.reason == "transfer_out":
        journeys.shipped(turn, touched.sku, seen.order_id, -seen.quantity)
    elif seen.reason == "transfer_in":
        journeys.received(turn, touched, seen.order_id, seen.quantity)


def _say_sale(turn: Turn, seen: SaleMade, quantity: int, zone: str) -> None:
    saying = turn.saying
    kind = seen.line_type if seen.sellable else f"damaged_{seen.line_type}"
    saying.say(
        StockMovement(
            fact_id=saying.new_id("movement", turn.cause),
            occurred_at=utc(seen.occurred_at_ms),
            location=seen.location,
            sku=seen.sku,
            style=seen.style,
            kind=kind,
            quantity=quantity,
            units=seen.quantity,
            unit_price=seen.unit_price,
            zone=zone,
            channel=seen.channel,
            document=seen.transaction_id,
            event_key=seen.key,
            recorded_at=saying.recorded_at,
        )
    )


def _say_moved(turn: Turn, seen: QuantityMoved, sign: int) -> None:
    saying = turn.saying
    in_place = seen.reason == "zone_move"
    saying.say(
        StockMovement(
            fact_id=saying.new_id("movement", turn.cause),
            occurred_at=utc(seen.occurred_at_ms),
            location=seen.location,
            sku=seen.sku,
            style=seen.style,
            kind=seen.reason,
            quantity=0 if in_place else sign * seen.quantity,
            units=abs(seen.quantity),
            zone=seen.zone,
            to_zone=seen.to_zone,
            document=seen.order_id or seen.document,
            event_key=seen.key,
            retracts=seen.retracts,
            recorded_at=saying.recorded_at,
        )
    )
