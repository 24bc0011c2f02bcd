"""Event time moving on: periods end here, never on a wall clock.

The clock of a partition is the oldest of its sources' event times, sources that
are more than ``IDLE_HOURS`` behind the newest left out (a closed store must not
stop time for the others). It never runs backwards.
"""

from inventory.alerts.conditions import Condition, hold
from inventory.replenishment.orders import AWAITED, Order
from inventory.turn import Touched, Turn
from schemas.observations import Tick

MILLISECONDS_PER_DAY = 86_400_000
IDLE_HOURS = 6


def tick(turn: Turn, seen: Tick) -> None:
    """Advance the clock; at the end of a day, review what time alone changes."""
    core = turn.state.core
    core.watermarks[turn.source] = max(core.watermarks.get(turn.source, -1), seen.at_ms)
    newest = max(core.watermarks.values())
    awake = [at for at in core.watermarks.values() if at >= newest - IDLE_HOURS * 3_600_000]
    before, core.clock_ms = core.clock_ms, max(core.clock_ms, min(awake))
    if core.clock_ms // MILLISECONDS_PER_DAY > before // MILLISECONDS_PER_DAY:
        _end_day(turn)


def _end_day(turn: Turn) -> None:
    window_ms = int(turn.rules.deduplication_days * MILLISECONDS_PER_DAY)
    turn.state.seen.forget_before(turn.saying.recorded_at_ms - window_ms)
    turn.saying.occurred_at_ms = turn.state.core.clock_ms
    for sku in sorted(turn.state.skus):
        state = turn.state.skus[sku]
        for location in sorted(state.locations):
            stock = state.locations[location]
            if stock.book.orders:
                touched = turn.touch(state, location, turn.state.core.clock_ms)
                _find_late(turn, touched, stock.book.orders)


def _find_late(turn: Turn, touched: Touched, orders: list[Order]) -> None:
    now = turn.state.core.clock_ms
    late = [o for o in orders if o.status in AWAITED and 0 <= o.expected_at_ms < now - MILLISECONDS_PER_DAY]
    summary = f"{len(late)} order(s) of {touched.sku.item.sku} for {touched.location} overdue"
    condition = Condition("late_order", "warning", summary, location=touched.location, sku=touched.sku.item.sku)
    hold(turn, touched.stock.alerts, condition, true=bool(late))
