"""Deciding about everything a log message touched: reorder, transfer, alert, task, level."""

from inventory import reordering
from inventory.alerts import phantoms
from inventory.alerts.conditions import Condition, hold
from inventory.alerts.late_orders import hold_late
from inventory.alerts.late_transfers import LATE_TRANSFER, hold_late_transfers
from inventory.demand import daily
from inventory.forecasting import watch_shelf
from inventory.outlook import demand_of
from inventory.reports import (
    on_hand_of,
    say_belief,
    say_forecast,
    say_level,
)
from inventory.store_work import counts, refills
from inventory.supply import is_replenished
from inventory.transfers import rescue, second_thoughts
from inventory.turn import Touched, Turn

MILLISECONDS_PER_DAY = 86_400_000


def decide_all(turn: Turn) -> None:
    """Decide about each SKU and location the message touched, in the order it touched them."""
    second_thoughts.reconsider(turn)
    for touched in list(turn.touched.values()):
        turn.saying.occurred_at_ms = touched.occurred_at_ms
        turn.saying.recorded_at_ms = touched.recorded_at_ms
        turn.cause = f"decision|{len(touched.location)}|{touched.location}|{touched.sku.item.sku}"
        _decide(turn, touched)


def _decide(turn: Turn, touched: Touched) -> None:
    stock = touched.stock
    if touched.now_ms >= 0:
        daily.close_days(stock.demand, touched.now_ms // MILLISECONDS_PER_DAY, turn.rules.demand_half_life_days)
    if is_replenished(turn.state, touched.sku, touched.location):
        rescue.propose(turn, touched)
        reordering.review(turn, touched)
    else:
        reordering.stop(turn, touched)
    _watch(turn, touched)
    phantoms.watch(turn, touched)
    refills.watch(turn, touched)
    counts.watch(turn, touched)
    forecast_on = max(turn.state.learner.day, stock.demand.day)
    if forecast_on > stock.forecast_day:
        say_forecast(turn, touched)
        stock.forecast_day = forecast_on
    say_level(turn, touched)
    say_belief(turn, touched)
    watch_shelf(turn, touched)


def _watch(turn: Turn, touched: Touched) -> None:
    """Stock-outs and impossible books; silent where the opening stock was never told."""
    stock, item = touched.stock, touched.sku.item
    on_hand = stock.ledger.on_hand
    mean = demand_of(turn.state, touched.sku, touched.location, stock).mean_per_day
    known = stock.ledger.opening_known
    place, sku = touched.location, item.sku
    sold_out = known and min(on_hand, on_hand_of(stock)) <= 0 and mean > 0.0
    if sold_out or "stockout" in stock.alerts:
        risk = round(mean / 24.0 * max((item.price or 0.0) - (item.cost or 0.0), 0.0), 4)
        out = f"{item.name or sku} sold out at {place}"
        condition = Condition("stockout", "error", out, location=place, sku=sku, money_at_risk_per_hour=risk)
        hold(turn, stock.alerts, condition, true=sold_out)
    negative = known and on_hand < 0
    if negative or "negative_book" in stock.alerts:
        wrong = f"book of {sku} at {place} is negative"
        condition = Condition("negative_book", "warning", wrong, location=place, sku=sku)
        hold(turn, stock.alerts, condition, true=negative)
    empty = stock.gap_seen_at_ms >= 0 and on_hand > 0
    if empty or "shelf_gap" in stock.alerts:
        gap = f"empty facing of {sku} while the book says {on_hand}"
        hold(turn, stock.alerts, Condition("shelf_gap", "warning", gap, location=place, sku=sku), true=empty)
    if "late_order" in stock.alerts:
        hold_late(turn, touched)
    if LATE_TRANSFER in stock.alerts:
        hold_late_transfers(turn, touched)
