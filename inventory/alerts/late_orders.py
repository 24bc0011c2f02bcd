"""Orders that a supplier took and that should be there by now."""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.alerts.shortages import MILLISECONDS_PER_DAY, due_at_ms, shortage_of
from inventory.replenishment.orders import AWAITED
from inventory.turn import Touched, Turn

LATE_ORDER = "late_order"


def hold_late(turn: Turn, touched: Touched) -> None:
    """Orders more than a day overdue; what running out costs without them is at risk."""
    late_ms = turn.state.core.clock_ms - MILLISECONDS_PER_DAY
    awaited = [order for order in touched.stock.book.orders if order.status in AWAITED]
    late = sum(0 <= due_at_ms(order) < late_ms for order in awaited)
    if not late and LATE_ORDER not in touched.stock.alerts:
        return
    sku = touched.sku.item.sku
    summary = f"{late} order(s) of {sku} for {touched.location} overdue"
    risk = shortage_of(turn, touched).margin_per_hour if late else None
    condition = Condition(
        LATE_ORDER, "warning", summary, location=touched.location, sku=sku, money_at_risk_per_hour=risk
    )
    hold(turn, touched.stock.alerts, condition, true=late > 0, at_once=True)
