"""Phantom stock: the book has units, and the evidence together says that there are none.

The alert carries the probability and the margin at risk; where that is worth a walk a task
asks somebody to go and look. A count answers it, and trains the belief; where something else
does (a sale, tags heard) the task is taken back. Where decisions count with none it is an
error: no stock-out is told beside it. The alert ends when the belief has fallen well below the
threshold, so that it does not flap, and then at once, so that alert and task say one number. Where no
device looks, silence alone tells: units that should have sold long since and did not.
"""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.outlook import demand_of
from inventory.reports import PHANTOM, is_swept, on_hand_of, say_task
from inventory.state import LocationStock
from inventory.stock.belief import empty
from inventory.supply import unit_margin
from inventory.turn import Touched, Turn

LOOK = "look"
_ENDS_BELOW = 0.5


def watch(turn: Turn, touched: Touched) -> None:
    """Raise, keep or end the alert and the task about stock that is only in the book."""
    stock = touched.stock
    if not stock.belief.cells and PHANTOM not in stock.alerts:
        return
    chance, book = empty(stock.belief), stock.ledger.on_hand
    threshold = turn.rules.phantom_probability * (_ENDS_BELOW if PHANTOM in stock.alerts else 1.0)
    phantom = book > 0 and chance >= threshold
    if not (phantom or PHANTOM in stock.alerts or LOOK in stock.tasks):
        return
    known = stock.alerts.get(PHANTOM)
    answered = known is not None and stock.belief.looked_at_ms >= known.starts_at_ms
    mean = demand_of(turn.state, touched.sku, touched.location, stock).mean_per_day
    a_day = chance * mean * unit_margin(turn, touched.sku, touched.location)
    if phantom or PHANTOM in stock.alerts:
        condition = _condition(touched, chance, book, a_day, mean)
        hold(turn, stock.alerts, condition, true=phantom, at_once=True)
    _look(turn, touched, phantom=phantom, worth_it=a_day > turn.rules.look_cost, chance=chance, answered=answered)


def begins_in_silence(turn: Turn, stock: LocationStock) -> bool:
    """Whether silence alone, where no reader sweeps, now tells that units are only in the book."""
    if is_swept(stock) or PHANTOM in stock.alerts or stock.ledger.on_hand <= 0:
        return False
    return empty(stock.belief) >= turn.rules.phantom_probability


def _condition(touched: Touched, chance: float, book: int, a_day: float, mean_per_day: float) -> Condition:
    item, stock = touched.sku.item, touched.stock
    sold_out = mean_per_day > 0.0 and is_swept(stock) and on_hand_of(stock) <= 0
    what = f"{item.name or item.sku} at {touched.location}"
    summary = f"{what}: {book} in the book, none there with probability {chance:.2f}"
    return Condition(
        PHANTOM,
        "error" if sold_out else "warning",
        summary,
        location=touched.location,
        sku=item.sku,
        probability=round(chance, 4),
        money_at_risk_per_hour=round(a_day / 24.0, 4),
    )


def _look(turn: Turn, touched: Touched, *, phantom: bool, worth_it: bool, chance: float, answered: bool) -> None:
    tasks = touched.stock.tasks
    open_task = tasks.get(LOOK)
    if open_task is None and phantom and worth_it:
        task_id = tasks[LOOK] = turn.saying.new_id("task", LOOK, touched.location, touched.sku.item.sku)
        say_task(turn, touched, LOOK, task_id, "open", f"none there with probability {chance:.2f}; look whether any is")
    elif open_task is not None and (answered or not phantom):
        del tasks[LOOK]
        status = "done" if answered else "cancelled"
        say_task(turn, touched, LOOK, open_task, status, f"none there with probability {chance:.2f}")
