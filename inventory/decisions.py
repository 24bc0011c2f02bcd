"""Deciding about everything a log message touched: reorder, transfer, alert, task, level."""

from inventory.alerts import phantoms
from inventory.alerts.conditions import Condition, hold
from inventory.demand import daily
from inventory.forecasting import watch_shelf
from inventory.outlook import demand_of, level_of
from inventory.replenishment import orders
from inventory.replenishment.orders import AWAITED, Order
from inventory.replenishment.position import InventoryPosition
from inventory.replenishment.reorder_point import POLICY, Levels, levels
from inventory.replenishment.rounding import round_up
from inventory.reports import (
    blind_devices,
    is_swept,
    on_hand_of,
    position_of,
    say_belief,
    say_forecast,
    say_level,
    say_order,
    say_task,
)
from inventory.state import SkuState
from inventory.stock.belief import empty
from inventory.stock.ledger import RECEIVING_ZONE, SALES_ZONE
from inventory.supply import supplier_of
from inventory.transfers import rescue
from inventory.turn import Touched, Turn
from schemas.facts import ReorderInputs
from schemas.observations import SupplierDefined

MILLISECONDS_PER_DAY = 86_400_000


def decide_all(turn: Turn) -> None:
    """Decide about each SKU and location the message touched, in the order it touched them."""
    for touched in list(turn.touched.values()):
        turn.saying.occurred_at_ms = touched.occurred_at_ms
        turn.saying.recorded_at_ms = touched.recorded_at_ms
        turn.cause = f"decision|{len(touched.location)}|{touched.location}|{touched.sku.item.sku}"
        _decide(turn, touched)


def _decide(turn: Turn, touched: Touched) -> None:
    stock = touched.stock
    supplier = supplier_of(turn, touched.sku)
    if touched.now_ms >= 0:
        daily.close_days(stock.demand, touched.now_ms // MILLISECONDS_PER_DAY, turn.rules.demand_half_life_days)
    if is_replenished(turn, touched.sku, touched.location):
        _reorder(turn, touched, supplier)
        rescue.propose(turn, touched, supplier.lead_time_days)
    elif stock.book.suggestion is not None:
        _withdraw(turn, touched, stock.book.suggestion, "no longer replenished")
    _watch(turn, touched)
    phantoms.watch(turn, touched)
    _refill(turn, touched)
    forecast_on = max(turn.state.learner.day, stock.demand.day)
    if forecast_on > stock.forecast_day:
        say_forecast(turn, touched)
        stock.forecast_day = forecast_on
    say_level(turn, touched)
    say_belief(turn, touched)
    watch_shelf(turn, touched)


def is_replenished(turn: Turn, sku: SkuState, location: str) -> bool:
    """Whether anything is ordered for a SKU at a location."""
    known = turn.state.core.locations.get(location)
    return not sku.item.retired and (known is None or (known.replenished and not known.retired))


def _reorder(turn: Turn, touched: Touched, supplier: SupplierDefined) -> None:
    demand = demand_of(turn.state, touched.sku, touched.location, touched.stock)
    suggestion = touched.stock.book.suggestion
    position = position_of(touched.stock).units
    if demand.mean_per_day <= 0.0 and position >= 0 and suggestion is None:
        return
    rules = turn.rules
    wanted = levels(
        demand.mean_per_day,
        demand.variance_per_day,
        supplier.lead_time_days,
        supplier.lead_time_sd_days,
        supplier.review_period_days,
        rules.order_cover_days,
        level_of(turn.state, demand, rules.cycle_service_level),
    )
    without = position - (suggestion.outstanding if suggestion else 0)
    if position <= wanted.reorder_point:
        _order(turn, touched, supplier, wanted, suggestion, without)
    elif suggestion is not None and without >= wanted.order_up_to_level:
        _withdraw(turn, touched, suggestion, "the need is gone: enough stock without it")


def _order(
    turn: Turn, touched: Touched, supplier: SupplierDefined, wanted: Levels, suggestion: Order | None, without: int
) -> None:
    """Propose an order, or enlarge the one that is proposed already."""
    item = touched.sku.item
    minimum = max(item.minimum_order_units, supplier.minimum_order_units)
    need = wanted.order_up_to_level - without
    quantity = round_up(need, minimum, item.pack)
    if quantity <= 0 or not _may_ask(turn, touched, supplier, suggestion, quantity):
        return
    inputs = _inputs(turn, touched, supplier, wanted, suggestion, quantity, minimum)
    order = suggestion or _new_order(turn, touched, supplier)
    order.quantity = order.asked = quantity
    order.status = _first_status(turn, touched, quantity, amended=suggestion is not None)
    order.revision += suggestion is not None
    reason = f"position {inputs.inventory_position} at or below reorder point {wanted.reorder_point}"
    if inputs.blind_devices:
        reason += f"; {inputs.blind_devices} cannot be trusted just now"
    say_order(turn, touched, order, reason, inputs)


def _may_ask(turn: Turn, touched: Touched, supplier: SupplierDefined, suggestion: Order | None, quantity: int) -> bool:
    """Only more than was asked for already, and not at once what was just refused."""
    if suggestion is not None:
        return quantity > suggestion.asked
    book = touched.stock.book
    return orders.may_ask(book, quantity, turn.now_at(touched.stock), supplier.review_period_days)


def _new_order(turn: Turn, touched: Touched, supplier: SupplierDefined) -> Order:
    due = touched.occurred_at_ms + int(supplier.lead_time_days * MILLISECONDS_PER_DAY)
    order = Order(
        turn.saying.new_id("order", touched.location, touched.sku.item.sku),
        "proposed",
        0,
        touched.occurred_at_ms,
        supplier=supplier.supplier,
        expected_at_ms=due,
    )
    touched.stock.book.orders.append(order)
    turn.state.orders[order.order_id] = (touched.sku.item.sku, touched.location)
    return order


def _first_status(turn: Turn, touched: Touched, quantity: int, *, amended: bool) -> str:
    limit = turn.rules.approval_limit
    if limit > 0 and quantity * (touched.sku.item.cost or 0.0) > limit:
        return "pending"
    return "amended" if amended else "proposed"


def _withdraw(turn: Turn, touched: Touched, suggestion: Order, reason: str) -> None:
    suggestion.status = "cancelled"
    suggestion.revision += 1
    say_order(turn, touched, suggestion, reason)
    turn.state.forget_orders(orders.drop_closed(touched.stock.book))


def _inputs(
    turn: Turn,
    touched: Touched,
    supplier: SupplierDefined,
    wanted: Levels,
    suggestion: Order | None,
    quantity: int,
    minimum: int,
) -> ReorderInputs:
    """What the quantity follows from; an order that is amended does not count in its own position."""
    stock, rules = touched.stock, turn.rules
    demand = demand_of(turn.state, touched.sku, touched.location, stock)
    own = suggestion.outstanding if suggestion else 0
    counted = position_of(stock)
    position = InventoryPosition(counted.on_hand, counted.on_order - own, counted.reserved)
    need = wanted.order_up_to_level - position.units
    return ReorderInputs(
        policy=POLICY,
        rules_version=rules.version,
        cycle_service_level=rules.cycle_service_level,
        quantile_level=round(level_of(turn.state, demand, rules.cycle_service_level), 6),
        mean_per_day=demand.mean_per_day,
        variance_per_day=demand.variance_per_day,
        days_observed=demand.days_observed,
        lead_time_days=supplier.lead_time_days,
        lead_time_sd_days=supplier.lead_time_sd_days,
        review_period_days=supplier.review_period_days,
        reorder_point=wanted.reorder_point,
        order_up_to_level=wanted.order_up_to_level,
        safety_stock=wanted.safety_stock,
        on_hand=position.on_hand,
        on_order=position.on_order,
        backorders=position.backorders,
        reserved=position.reserved,
        inventory_position=position.units,
        need_units=need,
        minimum_order_units=minimum,
        pack_units=touched.sku.item.pack,
        rounding_units=quantity - need,
        opening_known=stock.ledger.opening_known,
        book_on_hand=stock.ledger.on_hand,
        probability_empty=round(empty(stock.belief), 4) if is_swept(stock) else None,
        blind_devices=blind_devices(turn, touched.location),
    )


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


def hold_late(turn: Turn, touched: Touched) -> None:
    """Orders that were taken and are more than a day overdue."""
    late_ms = turn.state.core.clock_ms - MILLISECONDS_PER_DAY
    late = [o for o in touched.stock.book.orders if o.status in AWAITED and 0 <= o.expected_at_ms < late_ms]
    summary = f"{len(late)} order(s) of {touched.sku.item.sku} for {touched.location} overdue"
    condition = Condition("late_order", "warning", summary, location=touched.location, sku=touched.sku.item.sku)
    hold(turn, touched.stock.alerts, condition, true=bool(late))


def _refill(turn: Turn, touched: Touched) -> None:
    """A refill task while the floor is below its minimum and the back room is not; none where zones are not told."""
    stock, item = touched.stock, touched.sku.item
    floor = stock.ledger.zones.get(SALES_ZONE, 0)
    back = stock.ledger.zones.get(RECEIVING_ZONE, 0)
    minimum = max(item.shelf_minimum_units, 1 if stock.gap_seen_at_ms >= 0 else 0)
    open_task = stock.tasks.get("refill")
    if open_task is None and stock.zones_told and 0 <= floor < minimum and back > 0:
        task_id = stock.tasks["refill"] = turn.saying.new_id("task", touched.location, item.sku)
        say_task(
            turn, touched, "refill", task_id, "open", f"floor {floor}, back room {back}", min(minimum - floor, back)
        )
    elif open_task is not None and (floor >= minimum or back <= 0):
        del stock.tasks["refill"]
        say_task(turn, touched, "refill", open_task, "done" if floor >= minimum else "cancelled", f"floor {floor}")
