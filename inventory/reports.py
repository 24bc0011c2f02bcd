"""Saying what the stock and the orders are now."""

from inventory import health
from inventory.believing import worth_saying
from inventory.open_to_buy.claims import say_claim
from inventory.open_to_buy.lots import Lots
from inventory.outlook import demand_of, explain, quantiles_of
from inventory.replenishment.orders import SUGGESTED, Order, give_out
from inventory.replenishment.position import InventoryPosition
from inventory.state import LocationStock, OpenTransfer
from inventory.stock import belief as believed
from inventory.stock.ledger import SALES_ZONE
from inventory.supply import lead_time_of, supplier_named
from inventory.turn import Touched, Turn
from schemas.facts import (
    DemandForecast,
    Reorder,
    ReorderInputs,
    StockBelief,
    StockLevel,
    Task,
    Transfer,
    TransferInputs,
    utc,
)
from schemas.wording import amount

_BLIND_LEVEL = 0.995
PHANTOM = "phantom_stock"


def on_hand_of(stock: LocationStock) -> int:
    """The units decisions count with: the most probable number where readers sweep, else the book.

    While a device cannot be trusted nothing is ordered on its silence: the most there may well be counts then.
    """
    if not is_swept(stock):
        return stock.ledger.on_hand
    return believed.quantile(stock.belief, _BLIND_LEVEL) if stock.belief.blind else believed.likeliest(stock.belief)


def is_swept(stock: LocationStock) -> bool:
    """Whether RFID readers tell of this stock: without them the belief knows no more than the book."""
    return stock.belief.swept_at_ms >= 0 and bool(stock.belief.cells)


def position_of(stock: LocationStock) -> InventoryPosition:
    """The inventory position, transfers on their way to the location included."""
    return _position(stock, on_hand_of(stock))


def _position(stock: LocationStock, on_hand: int) -> InventoryPosition:
    coming = sum(transfer.coming for transfer in stock.transfers)
    return InventoryPosition(on_hand, stock.book.on_order + coming, stock.ledger.reserved)


def say_level(turn: Turn, touched: Touched) -> None:
    """The stock level of what was touched, by the book."""
    stock, saying = touched.stock, turn.saying
    position = _position(stock, stock.ledger.on_hand)
    saying.say(
        StockLevel(
            fact_id=saying.new_id("level", touched.location, touched.sku.item.sku),
            occurred_at=utc(touched.occurred_at_ms),
            location=touched.location,
            sku=touched.sku.item.sku,
            style=touched.sku.item.style,
            on_hand=stock.ledger.on_hand,
            zones=dict(sorted(stock.ledger.zones.items())),
            on_order=position.on_order,
            in_transit=stock.book.in_transit + sum(in_transit(transfer) for transfer in stock.transfers),
            reserved=stock.ledger.reserved,
            backorders=position.backorders,
            available=position.available,
            inventory_position=position.units,
            opening_known=stock.ledger.opening_known,
            last_evidence_at=utc(stock.last_evidence_ms) if stock.last_evidence_ms >= 0 else None,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
            input_appended_at=utc(touched.recorded_at_ms),
        )
    )


def say_belief(turn: Turn, touched: Touched) -> None:
    """What is believed of the stock of what was touched, where that is news."""
    belief, saying = touched.stock.belief, turn.saying
    book = touched.stock.ledger.on_hand
    if not is_belief_news(touched.stock):
        return
    chances = believed.chances(belief)
    belief.told, belief.told_empty = believed.likeliest(belief), chances.get(0, 0.0)
    belief.told_book, belief.told_blind = book, belief.blind
    saying.say(
        StockBelief(
            fact_id=saying.new_id("belief", touched.location, touched.sku.item.sku),
            occurred_at=utc(touched.occurred_at_ms),
            location=touched.location,
            sku=touched.sku.item.sku,
            style=touched.sku.item.style,
            likeliest_units=belief.told,
            mean_units=round(believed.mean(belief), 3),
            low_units=believed.quantile(belief, 0.05),
            high_units=believed.quantile(belief, 0.95),
            probability_empty=round(belief.told_empty, 4),
            book_units=book,
            probability_book_right=round(chances.get(book, 0.0), 4),
            zones={zone: round(units, 2) for zone, units in believed.by_zone(belief).items()},
            swept=is_swept(touched.stock),
            blind_devices=blind_devices(turn, touched.location),
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
            input_appended_at=utc(touched.recorded_at_ms),
        )
    )


def is_belief_news(stock: LocationStock) -> bool:
    """Whether people are told what is believed of this stock, and it is not what they were told last."""
    return bool(stock.belief.cells) and _is_watched(stock) and worth_saying(stock.belief, stock.ledger.on_hand)


def _is_watched(stock: LocationStock) -> bool:
    """Whether more than papers and tills tells of this stock, or its silence has: what was said once is kept true."""
    return is_swept(stock) or bool(stock.belief.facings) or PHANTOM in stock.alerts or stock.belief.told >= 0


def blind_devices(turn: Turn, location: str) -> str:
    """Devices of the location that cannot be trusted just now, by name."""
    place = turn.state.core.places.get(location)
    return ",".join(health.untrusted(place)) if place else ""


def say_forecast(turn: Turn, touched: Touched) -> None:
    """Demand over the protection interval as learned so far."""
    saying = turn.saying
    demand = demand_of(turn.state, touched.sku, touched.location, touched.stock)
    mean = demand.mean_units
    base, contributions = explain(turn.state, demand)
    touched.stock.forecast_told = mean
    touched.stock.forecast_day = max(turn.state.learner.day, touched.stock.demand.day)
    saying.say(
        DemandForecast(
            fact_id=saying.new_id("forecast", touched.location, touched.sku.item.sku, str(touched.stock.forecast_day)),
            occurred_at=utc(touched.occurred_at_ms),
            location=touched.location,
            sku=touched.sku.item.sku,
            style=touched.sku.item.style,
            mean_per_day=demand.mean_per_day,
            variance_per_day=demand.variance_per_day,
            days_observed=demand.days_observed,
            model=demand.model,
            interval_days=demand.interval_days,
            mean_units=mean,
            quantiles={chance: float(units) for chance, units in quantiles_of(turn.state, demand).items()},
            base=base,
            contributions=contributions,
        )
    )


def say_order(
    turn: Turn,
    touched: Touched,
    order: Order,
    reason: str,
    inputs: ReorderInputs | None = None,
    lots: Lots | None = None,
) -> None:
    """A reorder in its present state, also to the budgets it falls under; ``lots`` are what a pending one asks of them.

    What is told late is said at the time that was said before. What nobody has taken is asked for by when an order of
    now would come. A pending order that says no lots asks for what it asked for before.
    """
    item, saying = touched.sku.item, turn.saying
    give_out(order)
    order.said_at_ms = max(order.said_at_ms, touched.occurred_at_ms)
    _ask_for_date(turn, touched.location, order)
    saying.say(
        Reorder(
            fact_id=saying.new_id("reorder", order.order_id, str(order.revision), order.status, turn.cause),
            occurred_at=utc(order.said_at_ms),
            order_id=order.order_id,
            revision=order.revision,
            idempotency_key=f"{order.order_id}:{order.revision}",
            status=order.status,  # type: ignore[arg-type]  # kept as a plain string in the state
            location=touched.location,
            sku=item.sku,
            style=item.style,
            supplier=order.supplier,
            quantity=order.quantity,
            received_units=order.came,
            pack_units=item.pack,
            unit_cost=item.cost if order.unit_cost is None else order.unit_cost,
            currency=item.currency,
            requested_delivery_at=utc(order.expected_at_ms) if order.expected_at_ms >= 0 else None,
            erp_reference=order.erp_reference,
            budgets=order.budgets,
            reason=reason,
            inputs=inputs,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
            input_appended_at=utc(touched.recorded_at_ms),
        )
    )
    if order.budgets and (order.status != "pending" or lots is not None):
        say_claim(turn, touched, order, lots)


def _ask_for_date(turn: Turn, location: str, order: Order) -> None:
    if order.status in SUGGESTED and not order.taken and order.promised_at_ms < 0:
        lead_time = lead_time_of(turn.state, supplier_named(turn.state, order.supplier), location)
        order.expected_at_ms = max(order.expected_at_ms, order.said_at_ms + lead_time.mean_ms)


def say_received(turn: Turn, touched: Touched, changed: list[Order]) -> None:
    """Orders whose state a receipt or an answer changed."""
    for order in changed:
        say_order(turn, touched, order, f"{order.received} of {amount(order.quantity)} received")


def say_transfer(
    turn: Turn, touched: Touched, transfer: OpenTransfer, reason: str, inputs: TransferInputs | None = None
) -> None:
    """A transfer in its present state; ``touched`` is the destination."""
    item, saying = touched.sku.item, turn.saying
    transfer.said_at_ms = max(transfer.said_at_ms, touched.occurred_at_ms)
    key = (transfer.order_id, str(transfer.revision), transfer.status, turn.cause)
    saying.say(
        Transfer(
            fact_id=saying.new_id("transfer", *key),
            occurred_at=utc(transfer.said_at_ms),
            order_id=transfer.order_id,
            revision=transfer.revision,
            idempotency_key=f"{transfer.order_id}:{transfer.revision}",
            status=transfer.status,  # type: ignore[arg-type]  # kept as a plain string in the state
            origin=transfer.origin,
            destination=touched.location,
            sku=item.sku,
            style=item.style,
            quantity=transfer.quantity,
            expected_gain=round(transfer.gain, 2),
            expected_cost=round(transfer.cost, 2),
            currency=item.currency,
            reason=reason,
            blind_devices=",".join(
                filter(None, (blind_devices(turn, at) for at in (transfer.origin, touched.location)))
            ),
            inputs=inputs,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
            input_appended_at=utc(touched.recorded_at_ms),
        )
    )


def say_task(
    turn: Turn,
    touched: Touched,
    kind: str,
    task_id: str,
    status: str,
    reason: str,
    quantity: int = 0,
    money_at_risk_per_hour: float | None = None,
    *,
    again: bool = False,
) -> None:
    """A task for people in the store in its present state; ``again`` where that is as it was, and the reason is not."""
    saying = turn.saying
    key = (task_id, status, turn.cause) if again else (task_id, status)
    saying.say(
        Task(
            fact_id=saying.new_id("task-state", *key),
            occurred_at=utc(max(touched.occurred_at_ms, turn.now_at(touched.stock))),
            task_id=task_id,
            kind=kind,  # type: ignore[arg-type]  # one of the kinds the callers give
            status=status,  # type: ignore[arg-type]  # one of the three the callers give
            location=touched.location,
            sku=touched.sku.item.sku,
            style=touched.sku.item.style,
            zone=SALES_ZONE,
            quantity=quantity,
            reason=reason,
            money_at_risk_per_hour=money_at_risk_per_hour,
            currency=touched.sku.item.currency,
            input_appended_at=utc(touched.recorded_at_ms),
        )
    )


def in_transit(transfer: OpenTransfer) -> int:
    """Units of a transfer that left and did not arrive yet; none once it is overdue."""
    return 0 if transfer.overdue else max(min(transfer.shipped, transfer.quantity) - transfer.received, 0)
