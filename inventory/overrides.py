"""What people made of suggestions, and who was right: scored by the demand that came.

A person (or the buyer in the ERP) who rejects a suggestion or changes its quantity has a reason. Both quantities are
held against the demand of the days the order was to cover: the margin of what would have run short, and the holding of
what would have been left.
"""

import math

from inventory.demand.learner import Judgement
from inventory.reordering import terms_of
from inventory.replenishment.orders import Asked, Order
from inventory.replenishment.reorder import costs_of
from inventory.reports import position_of
from inventory.state import Override, PartitionState
from inventory.supply import lead_time_of, supplier_named
from inventory.turn import Touched, Turn
from schemas.facts import OverrideScore, utc

MILLISECONDS_PER_DAY = 86_400_000
ERP = "ERP"
_MOST = 10_000
"""Overrides that wait to be scored; of more the oldest are forgotten."""


def noted(turn: Turn, touched: Touched, order: Order, asked: Asked, by: str, reason: str) -> None:
    """Remember what was made of a suggestion, of several answers to the same the last.

    ``asked`` is what the answered revision wanted; an amendment since is no choice of who answers.
    """
    chosen = 0 if order.status in {"rejected", "cancelled"} else order.taken or order.quantity
    known = next((one for one in turn.state.core.overrides if one.order_id == order.order_id), None)
    if order.received or chosen == (asked.units if known is None else known.chosen):
        return
    if known is not None and asked.revision < known.revision:
        return
    days = _days_to_cover(turn.state, order, touched.location)
    day = turn.now_at(touched.stock) // MILLISECONDS_PER_DAY
    position = position_of(touched.stock).units - order.outstanding
    others = [other for other in turn.state.core.overrides if other.order_id != order.order_id]
    turn.state.core.overrides = others
    if chosen != asked.suggested:
        sku, until_day = touched.sku.item.sku, day + days
        told = (order.order_id, touched.location, sku, by, reason)
        override = Override(*told, asked.suggested, chosen, position, day, until_day, revision=asked.revision)
        turn.state.core.overrides = [*others, override][-_MOST:]


def _days_to_cover(state: PartitionState, order: Order, location: str) -> int:
    """The protection interval of an order at its supplier, in whole days."""
    supplier = supplier_named(state, order.supplier)
    days = lead_time_of(state, supplier, location).mean_days + supplier.review_period_days
    return max(math.ceil(days - 1e-9), 1)


def end_day(turn: Turn, judgement: Judgement) -> None:
    """Count the day's demand, and score what is over."""
    waiting, register = [], turn.state.learner.register
    for override in turn.state.core.overrides:
        if judgement.day > override.day:
            override.demand += judgement.demand_of(register.find(override.sku, override.location))
        if judgement.day < override.until_day:
            waiting.append(override)
        else:
            _say(turn, override)
    turn.state.core.overrides = waiting


def _say(turn: Turn, override: Override) -> None:
    item, saying = turn.state.skus[override.sku].item, turn.saying
    costs, days = costs_of(item, terms_of(turn.rules)), override.until_day - override.day

    def cost(quantity: int) -> tuple[float, float, float]:
        """Units short, units left, money."""
        left = override.position + quantity - override.demand
        short, left = max(-left, 0.0), max(left, 0.0)
        return short, left, costs.margin * short + costs.holding_per_day * days * left

    suggested, chosen = cost(override.suggested), cost(override.chosen)
    saying.say(
        OverrideScore(
            fact_id=saying.new_id("override", override.order_id),
            occurred_at=utc(saying.occurred_at_ms),
            order_id=override.order_id,
            location=override.location,
            sku=override.sku,
            style=item.style,
            by=override.by,
            reason=override.reason,
            decided_at=utc(override.day * MILLISECONDS_PER_DAY),
            days=days,
            position_units=override.position,
            suggested_units=override.suggested,
            chosen_units=override.chosen,
            demand_units=round(override.demand, 4),
            suggested_short_units=suggested[0],
            chosen_short_units=chosen[0],
            suggested_left_units=suggested[1],
            chosen_left_units=chosen[1],
            suggested_cost=round(suggested[2], 4),
            chosen_cost=round(chosen[2], 4),
            currency=item.currency,
            log_partition=saying.origin.partition,
            log_offset=saying.origin.offset,
        )
    )
