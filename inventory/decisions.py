"""Deciding about everything a log message touched: reorder, transfer, alert, task, level."""

from inventory import reordering
from inventory.alerts import off_receipts, phantoms, stockout_risk, unanswered
from inventory.alerts.conditions import end, end_quiet, hold
from inventory.alerts.late_orders import LATE_ORDER, hold_late
from inventory.alerts.late_transfers import LATE_TRANSFER, hold_late_transfers
from inventory.alerts.low_sales import LOW_SALES
from inventory.alerts.open import Condition
from inventory.alerts.stockout_risk import STOCKOUT, STOCKOUT_RISK
from inventory.demand import daily
from inventory.forecasting import watch_shelf
from inventory.outlook import demand_of, lost_per_hour
from inventory.reports import PHANTOM, say_belief, say_forecast, say_level, say_task
from inventory.store_work import counts, refills
from inventory.supply import is_retired, unit_margin, why_not_replenished
from inventory.transfers import rescue, second_thoughts
from inventory.turn import Touched, Turn

MILLISECONDS_PER_DAY = 86_400_000
NEGATIVE, GAP = "negative_book", "shelf_gap"
_HELD = frozenset({STOCKOUT, NEGATIVE, GAP})
_WATCHED = _HELD | {STOCKOUT_RISK, PHANTOM, LOW_SALES}


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
        stockout_risk.watch(turn, touched, replenished=not over)
        refills.watch(turn, touched)
        counts.watch(turn, touched)
    unanswered.watch(turn, touched)
    off_receipts.watch(turn, touched)
    if LATE_ORDER in stock.alerts:
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
    """Stock-outs, impossible books and empty facings; silent where the opening stock was never told.

    At risk is the margin of what cannot be sold: there is none, none is counted with, or none is within reach.
    Stock that only the book has is no stock-out but a phantom: one alert says it.
    """
    stock, item = touched.stock, touched.sku.item
    on_hand, known = stock.ledger.on_hand, stock.ledger.opening_known
    mean = demand_of(turn.state, touched.sku, touched.location, stock).mean_per_day
    place, sku = touched.location, item.sku
    sold_out, negative = known and on_hand <= 0 and mean > 0.0, known and on_hand < 0
    empty = stock.gap_seen_at_ms >= 0 and on_hand > 0
    if not (sold_out or negative or empty or _HELD & set(stock.alerts)):
        return
    risk = lost_per_hour(unit_margin(turn, touched.sku, place), mean)
    if sold_out or STOCKOUT in stock.alerts:
        out = f"{item.name or sku} sold out at {place}"
        condition = Condition(STOCKOUT, "error", out, location=place, sku=sku, money_at_risk_per_hour=risk)
        hold(turn, stock.alerts, condition, true=sold_out, at_once=PHANTOM in stock.alerts)
    if negative or NEGATIVE in stock.alerts:
        wrong = f"book of {sku} at {place} is negative"
        condition = Condition(NEGATIVE, "warning", wrong, location=place, sku=sku, money_at_risk_per_hour=risk)
        hold(turn, stock.alerts, condition, true=negative)
    if empty or GAP in stock.alerts:
        gap = f"empty facing of {sku} while the book says {on_hand}"
        condition = Condition(GAP, "warning", gap, location=place, sku=sku, money_at_risk_per_hour=risk)
        hold(turn, stock.alerts, condition, true=empty)
