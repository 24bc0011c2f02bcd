"""Event time moving on: periods end here, never on a wall clock.

The clock of a partition is the oldest of its sources' event times, sources that
are more than ``IDLE_HOURS`` behind the newest left out (a closed store must not
stop time for the others). It never runs backwards.
"""

from inventory import believing, devices, due, forecasting, scorecards
from inventory.accuracy import say_accuracy
from inventory.alerts import off_receipts, phantoms, unanswered
from inventory.alerts.late_orders import hold_late
from inventory.alerts.late_transfers import hold_late_transfers
from inventory.replenishment import orders
from inventory.reports import is_belief_news
from inventory.state import LocationStock, SkuState
from inventory.store_work import counts
from inventory.supply import is_replenished
from inventory.surplus.watch import watch_surplus
from inventory.transfers import day_end, journeys
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
    devices.overdue(turn)
    if core.clock_ms > before:
        unanswered.review(turn, before)
    day_ended = core.clock_ms // MILLISECONDS_PER_DAY > before // MILLISECONDS_PER_DAY
    if day_ended:
        scorecards.end_day(turn)
    learn_days(turn)
    if day_ended and turn.state.learner.day < 0:
        watch_surplus(turn, [], core.clock_ms)
    if day_ended:
        _end_day(turn, days_began=before >= 0)


def learn_days(turn: Turn) -> None:
    """Learn the days that tills are done with, and decide what that makes due."""
    if forecasting.end_days(turn):
        due.review(turn, turn.state.core.clock_ms)
        day_end.plan_day(turn)


def _end_day(turn: Turn, *, days_began: bool) -> None:
    window_ms = int(turn.rules.deduplication_days * MILLISECONDS_PER_DAY)
    turn.state.seen.forget_before(turn.saying.recorded_at_ms - window_ms)
    turn.saying.occurred_at_ms = clock_ms = turn.state.core.clock_ms
    for sku in sorted(turn.state.skus):
        state = turn.state.skus[sku]
        for location in sorted(state.locations):
            stock = state.locations[location]
            news = believing.pass_day(turn, state, location, clock_ms) and _is_news(turn, stock)
            _forget_withdrawn(turn, state, stock)
            over = stock.book.suggestion is not None and not is_replenished(turn.state, state, location, clock_ms)
            due = stock.transfers or stock.book.answered or stock.book.off or stock.book.waits or over
            if due or news:
                _review(turn, turn.touch(state, location, clock_ms))
    counts.end_day(turn)
    if days_began:
        say_accuracy(turn, turn.state.core.clock_ms // MILLISECONDS_PER_DAY * MILLISECONDS_PER_DAY)


def _is_news(turn: Turn, stock: LocationStock) -> bool:
    return is_belief_news(stock) or phantoms.begins_in_silence(turn, stock)


def _forget_withdrawn(turn: Turn, sku: SkuState, stock: LocationStock) -> None:
    before_ms = turn.state.core.clock_ms - orders.REMEMBERED_DAYS * MILLISECONDS_PER_DAY
    journeys.forget_withdrawn(turn, sku, stock, before_ms)
    gone = orders.forget_withdrawn(stock.book, before_ms)
    if gone:
        turn.state.forget_orders(gone)
        turn.state.touch(sku.item.style)


def _review(turn: Turn, touched: Touched) -> None:
    """What a day that ended means for orders and transfers under way."""
    now_ms = touched.now_ms = turn.state.core.clock_ms
    off_receipts.forget(turn, touched)
    gone = orders.drop_closed(touched.stock.book, received_before_ms=now_ms - MILLISECONDS_PER_DAY)
    turn.state.forget_orders(gone)
    journeys.give_up(turn, touched)
    hold_late(turn, touched)
    hold_late_transfers(turn, touched)
