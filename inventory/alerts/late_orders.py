"""Orders that a supplier took and that should be there by now."""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.replenishment.orders import AWAITED, Order
from inventory.turn import Touched, Turn

MILLISECONDS_PER_DAY = 86_400_000


def hold_late(turn: Turn, touched: Touched) -> None:
    """Orders more than a day overdue."""
    late_ms = turn.state.core.clock_ms - MILLISECONDS_PER_DAY
    awaited = [order for order in touched.stock.book.orders if order.status in AWAITED]
    late = sum(0 <= due_at_ms(order) < late_ms for order in awaited)
    summary = f"{late} order(s) of {touched.sku.item.sku} for {touched.location} overdue"
    condition = Condition("late_order", "warning", summary, location=touched.location, sku=touched.sku.item.sku)
    hold(turn, touched.stock.alerts, condition, true=late > 0, at_once=True)


def due_at_ms(order: Order) -> int:
    """When it should be there: as the ERP said last, else when 95 % of the lane's would be; -1 where nobody knows."""
    return order.expected_at_ms if order.promised_at_ms >= 0 or order.due_at_ms < 0 else order.due_at_ms
