"""Deciding about everything a log message touched: reorder, transfer, alert, task, level."""

from inventory import reordering
from inventory.alerts import phantoms
from inventory.alerts.conditions import end, end_quiet, hold
from inventory.alerts.late_orders import hold_late
from inventory.alerts.late_transfers import LATE_TRANSFER, hold_late_transfers
from inventory.alerts.open import Condition
from inventory.demand import daily
from inventory.forecasting import watch_shelf
from inventory.outlook import demand_of, lost_per_hour
from inventory.reports import PHANTOM, say_belief, say_forecast, say_level, say_task
from inventory.store_work import counts, refills
from inventory.supply import is_retired, unit_margin, why_not_replenished
from inventory.transfers import rescue, second_thoughts
from inventory.turn import Touched, Turn

MILLISECONDS_PER_DAY = 86_400_000
_WATCHED = frozenset({"stockout", "negative_book", "shelf_gap", PHANTOM})


def decide_all(turn: Turn) -> None:
    """Decide about each SKU and location the message touched, in the order it touched them."""
    second_thoughts.reconsider(turn)
    for touched in list(turn.touched.values()):
        turn.saying.occurred_at_ms = touched.occurred_at_ms
        turn.saying.recorded_at_ms = touched.recorded_at_ms
        turn.cause = f"decision|{len(touched.location)}|{touched.location}|{touched.sku.item.sku}"
        _decide(turn, touched)
    end_quiet(turn)


def _decide(turn: Turn, touched: Touched) -> None:
    stock = touched.stock
    if touched.now_ms >= 0:
        daily.close_days(stock.demand, touched.now_ms // MILLISECONDS_PER_DAY, turn.rules.demand_half_life_days)
    over = why_not_replenished(turn.state, touched.sku, touched.location, turn.now_at(stock))
    if not over:
        rescue.propose(turn, touched)
    if not touched.judged:
        _order(turn, touched, over)
    if is_retired(turn.state, touched.sku, touched.location):
        _retire(turn, touched, over)
    else:
        phantoms.watch(turn, touched)
        _watch(turn, touched)
        refills.watch(turn, touched)
        counts.watch(turn, touched)
    if "late_order" in stock.alerts:
        hold_late(turn, touched)
    if LATE_TRANSFER in stock.alerts:
        hold_late_transfers(turn, touched)
    forecast_on = max(turn.state.learner.day, stock.demand.day)
    if forecast_on > stock.forecast_day:
        say_forecast(turn, touched)
        stock.forecast_day = forecast_on
    say_level(turn, touched)
    say_belief(turn, touched)
    watch_shelf(turn, touched)


def _order(turn: Turn, touched: Touched, over: str) -> None:
    if over:
        reordering.stop(turn, touched, over)
    else:
        reordering.review(turn, touched)


def _retire(turn: Turn, touched: Touched, reason: str) -> None:
    """End the tasks and alerts that nobody is to do anything about any more."""
    for kind, task in sorted(touched.stock.tasks.items()):
        say_task(turn, touched, kind, task, "cancelled", reason)
    touched.stock.tasks.clear()
    for kind in sorted(_WATCHED & set(touched.stock.alerts)):
        end(turn, touched.stock.alerts, kind)


def _watch(turn: Turn, touched: Touched) -> None:
    """Stock-outs and impossible books; silent where the opening stock was never told.

    Stock that only the book has is no stock-out but a phantom: one alert says it.
    """
    stock, item = touched.stock, touched.sku.item
    on_hand = stock.ledger.on_hand
    mean = demand_of(turn.state, touched.sku, touched.location, stock).mean_per_day
    known = stock.ledger.opening_known
    place, sku = touched.location, item.sku
    sold_out = known and on_hand <= 0 and mean > 0.0
    if sold_out or "stockout" in stock.alerts:
        risk = lost_per_hour(unit_margin(turn, touched.sku, place), mean)
        out = f"{item.name or sku} sold out at {place}"
        condition = Condition("stockout", "error", out, location=place, sku=sku, money_at_risk_per_hour=risk)
        hold(turn, stock.alerts, condition, true=sold_out, at_once=PHANTOM in stock.alerts)
    negative = known and on_hand < 0
    if negative or "negative_book" in stock.alerts:
        wrong = f"book of {sku} at {place} is negative"
        condition = Condition("negative_book", "warning", wrong, location=place, sku=sku)
        hold(turn, stock.alerts, condition, true=negative)
    empty = stock.gap_seen_at_ms >= 0 and on_hand > 0
    if empty or "shelf_gap" in stock.alerts:
        gap = f"empty facing of {sku} while the book says {on_hand}"
        hold(turn, stock.alerts, Condition("shelf_gap", "warning", gap, location=place, sku=sku), true=empty)
