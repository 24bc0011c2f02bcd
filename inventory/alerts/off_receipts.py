"""Orders that brought less or more than was ordered, as far as anybody knows.

Goods come in parts, so less is told only of an order that is received, or more than a day overdue with a part of it
there. It ends when the rest comes or the order is closed without it; more ends when it goes back. What nobody settles
is told for a week after the order was over.
"""

from typing import NamedTuple

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import MILLISECONDS_PER_DAY, due_at_ms, shortage_of
from inventory.replenishment import orders
from inventory.replenishment.orders import AWAITED, OrderBook
from inventory.turn import Touched, Turn
from schemas.wording import amount, short

SHORT_RECEIPT, OVER_RECEIPT = "short_receipt", "over_receipt"
_TOLD_DAYS = 7
_HOURS_PER_YEAR = 365.0 * 24.0


class _Off(NamedTuple):
    order_id: str
    units: int
    quantity: int
    unit_cost: float | None


def watch(turn: Turn, touched: Touched) -> None:
    """Raise, keep or end both alerts of one SKU at one location."""
    stock = touched.stock
    now_ms = turn.now_at(stock)
    for one in stock.book.off:
        one.since_ms = now_ms if one.since_ms < 0 else one.since_ms
    found = [_Off(one.order_id, one.missing, one.quantity, one.unit_cost) for one in orders.off_receipts(stock.book)]
    short = [*(one for one in found if one.units > 0), *_late(stock.book, turn.state.core.clock_ms)]
    if short or SHORT_RECEIPT in stock.alerts:
        _hold(turn, touched, SHORT_RECEIPT, short)
    over = [one._replace(units=-one.units) for one in found if one.units < 0]
    if over or OVER_RECEIPT in stock.alerts:
        _hold(turn, touched, OVER_RECEIPT, over)


def forget(turn: Turn, touched: Touched) -> None:
    """A day that ended: what was told for long enough."""
    orders.forget_off(touched.stock.book, turn.state.core.clock_ms - _TOLD_DAYS * MILLISECONDS_PER_DAY)


def _late(book: OrderBook, clock_ms: int) -> list[_Off]:
    """Orders of which a part came, and the rest is more than a day overdue."""
    return [
        _Off(order.order_id, order.outstanding, order.quantity, order.unit_cost)
        for order in book.orders
        if order.status in AWAITED and order.received and 0 <= due_at_ms(order) < clock_ms - MILLISECONDS_PER_DAY
    ]


def _hold(turn: Turn, touched: Touched, kind: str, found: list[_Off]) -> None:
    item = touched.sku.item
    costs = [item.cost if one.unit_cost is None else one.unit_cost for one in found]
    worth = sum(one.units * (cost or 0.0) for one, cost in zip(found, costs, strict=True))
    risk = None
    if found and kind == SHORT_RECEIPT:
        risk = shortage_of(turn, touched).margin_per_hour
    elif found and None not in costs:
        risk = round(worth * turn.rules.carrying_share_per_year / _HOURS_PER_YEAR, 4)
    what = "less" if kind == SHORT_RECEIPT else "more"
    told = "; ".join(f"{amount(one.units)} {what} than the {one.quantity} of {short(one.order_id)}" for one in found)
    told += "" if None in costs else f", worth {worth:.2f} {item.currency}"
    name = f"{item.name or item.sku} at {touched.location}"
    condition = Condition(
        kind,
        "warning",
        f"{name}: {told}" if found else f"{name}: nothing came otherwise than ordered any more",
        location=touched.location,
        sku=item.sku,
        money_at_risk_per_hour=risk,
    )
    hold(turn, touched.stock.alerts, condition, true=bool(found), at_once=True)
