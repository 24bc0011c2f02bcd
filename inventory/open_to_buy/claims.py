"""What orders ask of their budgets, as the fold says it."""

from inventory import approvals
from inventory.open_to_buy.covering import covering
from inventory.open_to_buy.lots import Lots
from inventory.replenishment.orders import OPEN, Order
from inventory.rules import Rules
from inventory.turn import Touched, Turn
from schemas.facts import BudgetEntry, utc
from schemas.observations import BudgetDefined

MILLISECONDS_PER_DAY = 86_400_000


def needs_person(rules: Rules, order: Order) -> bool:
    """Whether an order is larger than may be released without a person, or may be, for all that is known."""
    if order.unit_cost is None:
        return bool(order.budgets)
    return is_above_limit(rules, order)


def is_above_limit(rules: Rules, order: Order) -> bool:
    """Whether an order is worth more than may be released without a person."""
    return approvals.is_above_limit(rules, order.quantity * (order.unit_cost or 0.0))


def say_claim(turn: Turn, touched: Touched, order: Order, lots: Lots | None = None) -> None:
    """How an order stands with its budgets; with ``lots`` what a pending one asks for."""
    item, saying = touched.sku.item, turn.saying
    if lots is not None:
        order.claimed_day = turn.now_at(touched.stock) // MILLISECONDS_PER_DAY
    saying.say(
        BudgetEntry(
            fact_id=saying.new_id("claim", order.order_id, str(order.revision), order.status, turn.cause),
            occurred_at=utc(touched.occurred_at_ms),
            kind="claim",
            order_id=order.order_id,
            revision=order.revision,
            status=order.status,  # type: ignore[arg-type]  # kept as a plain string in the state
            budgets=order.budgets,
            location=touched.location,
            sku=item.sku,
            style=item.style,
            supplier=order.supplier,
            quantity=order.quantity,
            counted_units=order.bought,
            unit_cost=item.cost if order.unit_cost is None else order.unit_cost,
            currency=item.currency,
            first_lot_units=lots.units[0] if lots else 0,
            lot_units=lots.units[1] if lots and len(lots.units) > 1 else 0,
            lot_gains=lots.gains if lots else (),
            needs_person=needs_person(turn.rules, order),
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
        )
    )


def count_placed(turn: Turn, budget: BudgetDefined) -> None:
    """A budget is new or another: orders of its period that are on their way count against it from now on."""
    state = turn.state
    for name in sorted(state.skus):
        sku = state.skus[name]
        for location in sorted(sku.locations):
            stock = sku.locations[location]
            for order in stock.book.orders:
                at_ms = order.proposed_at_ms
                falls = covering({budget.budget: budget}, sku.item, order.supplier, location, at_ms)
                if order.bought and order.status in OPEN and set(falls) - set(order.budgets):
                    order.budgets = tuple(sorted({*order.budgets, *falls}))
                    say_claim(turn, turn.aside(sku, location, stock, max(at_ms, turn.now_at(stock))), order)
