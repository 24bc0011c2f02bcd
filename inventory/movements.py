"""Applying movements of stock: sales, receipts, transfers, adjustments, reservations."""

from inventory import answers, believing, deliveries, forecasting
from inventory.demand import daily
from inventory.replenishment import orders
from inventory.replenishment.orders import Order, OrderBook
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
_FILLS = frozenset({"receipt", "transfer_in"})


def sale(turn: Turn, seen: SaleMade) -> None:
    """Book a till line and learn from it."""
    if not turn.first_time(seen.key):
        return
    touched = turn.witness(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    stock = touched.stock
    sold = seen.line_type == "sale"
    counter = "sales" if sold else "returns"
    quantity = -seen.quantity if sold else (seen.quantity if seen.sellable else 0)
    zone = seen.zone or book.SALES_ZONE
    change = book.move(stock.ledger, counter, quantity, seen.occurred_at_ms, zone, turn.rules.count_memory_hours)
    if seen.line_type != "return":
        units = seen.quantity if sold else -seen.quantity
        daily.observe(stock.demand, units, seen.occurred_at_ms, turn.rules.demand_half_life_days)
        forecasting.sold(turn, seen, units)
    touched.sold = touched.sold or sold
    believing.sold(turn, stock, seen)
    _say_sale(turn, seen, quantity, zone)
    _say_counted_before(turn, seen, change - quantity)


def moved(turn: Turn, seen: QuantityMoved) -> None:
    """Book a movement, or undo one that was declared an error."""
    sign = _sign(turn, seen)
    if sign == 0:
        return
    touched = turn.witness(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    change = _book(turn, touched, seen, sign)
    _follow(turn, touched, seen, sign)
    believing.moved(turn, touched.stock, seen, sign)
    _say_moved(turn, seen, sign)
    _say_counted_before(turn, seen, change - (0 if seen.reason == "zone_move" else sign * seen.quantity))


def _book(turn: Turn, touched: Touched, seen: QuantityMoved, sign: int) -> int:
    """Book the movement, or its opposite; returns the change of on-hand."""
    ledger, memory = touched.stock.ledger, turn.rules.count_memory_hours
    units, at_ms = sign * seen.quantity, seen.occurred_at_ms
    touched.stock.zones_told = touched.stock.zones_told or bool(seen.zone) or seen.reason == "zone_move"
    if seen.reason == "zone_move":
        return book.move_zone(ledger, units, at_ms, *_way(seen), memory)
    change = book.move(ledger, _COUNTER[seen.reason], units, at_ms, _zone(seen), memory)
    if units > 0 and seen.reason in _FILLS:
        touched.stock.filled_units = ledger.on_hand
    return change


def _zone(seen: QuantityMoved) -> str:
    return seen.zone or (book.RECEIVING_ZONE if seen.quantity > 0 else book.SALES_ZONE)


def _way(seen: QuantityMoved) -> tuple[str, str]:
    return seen.zone or book.RECEIVING_ZONE, seen.to_zone or book.SALES_ZONE


def supplied(turn: Turn, seen: Supplied) -> None:
    """Goods ordered past restockd, shipped by a supplier, or not coming after all."""
    if not turn.first_time(seen.key):
        return
    touched = turn.witness(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    order_book = touched.stock.book
    order = order_book.find(seen.order_id, seen.document)
    if order is None and seen.status != "cancelled":
        order = answers.taken_after_all(order_book, seen.order_id, seen.document)
    if order is not None:
        if _supply(order, seen, turn.now_at(touched.stock)):
            deliveries.learn(
                turn,
                touched.location,
                order,
                seen.occurred_at_ms,
                seen.expected_at_ms,
                acknowledged=seen.status == "ordered",
            )
            say_received(turn, touched, [order])
            orders.settle(order_book, order, turn.now_at(touched.stock))
        turn.state.forget_orders(orders.drop_closed(order_book))
    elif not order_book.is_over(seen.order_id, seen.document):
        _supply_foreign(order_book, seen)


def _supply(order: Order, seen: Supplied, now_ms: int) -> bool:
    """What the ERP's books say of an order of ours; False if that is nothing new."""
    if seen.status == "ordered":
        return orders.answer(order, "acknowledged", seen.quantity, seen.document, seen.expected_at_ms, now_ms)
    if seen.status == "shipped":
        return orders.dispatch(order, seen.quantity, seen.expected_at_ms)
    return orders.take_off(order, seen.quantity, now_ms)


def _supply_foreign(order_book: OrderBook, seen: Supplied) -> None:
    if seen.status == "ordered":
        order_book.foreign_on_order += seen.quantity
    elif seen.status == "shipped":
        order_book.foreign_in_transit += seen.quantity
    else:
        order_book.foreign_on_order = max(order_book.foreign_on_order - seen.quantity, 0)


def reserved(turn: Turn, seen: StockReserved) -> None:
    """Units promised to a customer or released."""
    if turn.first_time(seen.key):
        touched = turn.witness(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
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
    units = sign * seen.quantity
    if seen.reason == "receipt":
        order_book = touched.stock.book
        changed = orders.receive(order_book, units, seen.order_id, seen.document)
        for order in changed:
            deliveries.learn(turn, touched.location, order, seen.occurred_at_ms)
        say_received(turn, touched, changed)
        turn.state.forget_orders(orders.drop_closed(order_book))
    elif seen.reason == "transfer_out":
        journeys.shipped(turn, touched.sku, seen.order_id, seen.location, seen.counterpart, -units)
    elif seen.reason == "transfer_in":
        journeys.received(turn, touched, seen.order_id, seen.counterpart, units)


def _say_counted_before(turn: Turn, seen: SaleMade | QuantityMoved, quantity: int) -> None:
    """A movement that a count had noticed already: on-hand changes by ``quantity`` other than it says."""
    if not quantity:
        return
    saying = turn.saying
    saying.say(
        StockMovement(
            fact_id=saying.new_id("correction", turn.cause),
            occurred_at=utc(seen.occurred_at_ms),
            location=seen.location,
            sku=seen.sku,
            style=seen.style,
            kind="count_correction",
            quantity=quantity,
            units=abs(quantity),
            event_key=seen.key,
            recorded_at=saying.recorded_at,
        )
    )


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
    zone, to_zone = _way(seen) if in_place else (_zone(seen), seen.to_zone)
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
            zone=zone,
            to_zone=to_zone,
            document=seen.order_id or seen.document,
            event_key=seen.key,
            retracts=seen.retracts,
            recorded_at=saying.recorded_at,
        )
    )
