"""A refill task while the floor is below its minimum and the back room is not.

Done is what a later sweep, zone move or count of the floor shows, not what somebody ticks off.
"""

from inventory.outlook import demand_of, margin_of
from inventory.reports import say_task
from inventory.store_work.floor import REFILL, Floor, floor_of
from inventory.supply import source_of
from inventory.turn import Touched, Turn


def watch(turn: Turn, touched: Touched) -> None:
    """Open, keep or end the task of one SKU at one location."""
    stock, open_task = touched.stock, touched.stock.tasks.get(REFILL)
    there = floor_of(stock)
    if there is None:
        return
    minimum = _minimum(turn, touched, there)
    if open_task is None and there.lacks(minimum):
        task_id = stock.tasks[REFILL] = turn.saying.new_id("task", touched.location, touched.sku.item.sku)
        quantity = max(min(round(minimum - there.floor), round(there.back)), 1)
        reason = f"floor {there.floor:.0f}, back room {there.back:.0f} by {there.source}"
        at_risk = _at_risk(turn, touched, there.floor, minimum)
        say_task(turn, touched, REFILL, task_id, "open", reason, quantity, at_risk)
    elif open_task is not None and (there.is_full(minimum) or there.has_no_more()):
        del stock.tasks[REFILL]
        done = there.is_full(minimum)
        reason = f"floor {there.floor:.0f}" if done else "nothing left in the back room"
        say_task(turn, touched, REFILL, open_task, "done" if done else "cancelled", f"{reason} by {there.source}")


def _minimum(turn: Turn, touched: Touched, there: Floor) -> float:
    """The item's shelf minimum; without it one where a facing was seen empty, or readers sweep and there is demand."""
    least = touched.sku.item.shelf_minimum_units
    if least:
        return float(least)
    missing = touched.stock.gap_seen_at_ms >= 0
    if there.source == "readers":
        demand = demand_of(turn.state, touched.sku, touched.location, touched.stock)
        missing = missing or demand.mean_per_day > 0.0
    return float(missing)


def _at_risk(turn: Turn, touched: Touched, floor: float, minimum: float) -> float | None:
    """Margin an hour of what cannot be sold while it is not on the floor; None where price or cost is not known."""
    item, cost = touched.sku.item, source_of(turn, touched.sku, touched.location).unit_cost
    if item.price is None or cost is None:
        return None
    mean = demand_of(turn.state, touched.sku, touched.location, touched.stock).mean_per_day
    return round(mean / 24.0 * margin_of(item, cost) * (minimum - floor) / minimum, 4)
