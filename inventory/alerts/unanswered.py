"""An order that the ERP, or a person who has to agree, has not answered for long.

One that waits for a budget is not among them: the budget says what it waits for. Any answer ends the alert.
"""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import shortage_of
from inventory.replenishment.orders import Order
from inventory.state import LocationStock
from inventory.turn import Touched, Turn

UNANSWERED_ORDER = "unanswered_order"
_MILLISECONDS_PER_HOUR = 3_600_000


def watch(turn: Turn, touched: Touched) -> None:
    """Note since when the suggestion of one SKU at one location waits for whom; raise, keep or end the alert."""
    stock = touched.stock
    order = stock.book.suggestion
    if order is not None:
        _note(order, turn.now_at(stock))
    if _is_overdue(turn, stock) or UNANSWERED_ORDER in stock.alerts:
        _hold(turn, touched, order)


def review(turn: Turn) -> None:
    """Orders that became overdue as the clock moved, by SKU and location."""
    for name, location in sorted(set(turn.state.orders.values())):
        sku = turn.state.skus[name]
        stock = sku.locations[location]
        if UNANSWERED_ORDER not in stock.alerts and _is_overdue(turn, stock):
            touched = turn.aside(sku, location, stock, turn.state.core.clock_ms)
            turn.saying.occurred_at_ms = touched.occurred_at_ms
            _hold(turn, touched, stock.book.suggestion)


def _note(order: Order, now_ms: int) -> None:
    with_person = order.status == "pending"
    if order.waits_since_ms < 0 or order.waits_for_person != with_person:
        order.waits_since_ms, order.waits_for_person = now_ms, with_person


def _is_overdue(turn: Turn, stock: LocationStock) -> bool:
    order, hours = stock.book.suggestion, turn.rules.unanswered_hours
    if order is None or hours <= 0.0 or order.waits_since_ms < 0 or (order.status == "pending" and order.budgets):
        return False
    return turn.now_at(stock) - order.waits_since_ms >= int(hours * _MILLISECONDS_PER_HOUR)


def _hold(turn: Turn, touched: Touched, order: Order | None) -> None:
    sku, stock = touched.sku.item.sku, touched.stock
    what = f"order of {sku} for {touched.location}"
    summary, risk = f"the {what} was answered or taken back", None
    overdue = _is_overdue(turn, stock)
    if order is not None and overdue:
        hours = (turn.now_at(stock) - order.waits_since_ms) // _MILLISECONDS_PER_HOUR
        whom = "a person" if order.waits_for_person else "the ERP"
        summary = f"{what}: {order.quantity} units, {order.order_id}, wait for {whom} since {hours} hours"
        risk = shortage_of(turn, touched, order).margin_per_hour
    condition = Condition(
        UNANSWERED_ORDER, "warning", summary, location=touched.location, sku=sku, money_at_risk_per_hour=risk
    )
    hold(turn, stock.alerts, condition, true=overdue, at_once=True)
