"""From what is known of a SKU at a location to units to order, one by one or thousands at once."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from inventory.outlook import Demand, margin_of
from inventory.replenishment import rounding as rounded
from inventory.replenishment.distribution import Distribution, lot_of
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies import Answer, AnyPolicy, Case, Costs, PeriodicMinMax, Policy, QuantileBaseStock
from inventory.replenishment.policies.newsvendor import holding_cost, overage
from inventory.replenishment.rounding import Lots
from inventory.reports import on_hand_of, position_of
from inventory.state import LocationStock
from schemas.observations import ItemDefined

MILLISECONDS_PER_DAY = 86_400_000
DAYS_PER_YEAR = 365.0

Rounding = Literal["up", "down", "nearest", "economic"]


class Terms(msgspec.Struct, frozen=True):
    """What reference data does not say: the carrying cost of money a year, cost of an order, worth of leftovers."""

    carrying_share_per_year: float = 0.25
    order_cost: float = 0.0
    leftover_share: float = 0.0


class Decision(msgspec.Struct, frozen=True):
    """A policy's answer and what can be ordered of it; ``rounding_units`` are ordered beyond the need."""

    answer: Answer
    quantity: int
    rounding_units: int


def case_of(
    stock: LocationStock,
    item: ItemDefined,
    demand: Demand,
    lead_time: LeadTime,
    review_period_days: float,
    now_ms: int,
    terms: Terms,
) -> Case:
    """The case of one SKU at one location; its open suggestion is what is being decided, so it does not count."""
    suggestion = stock.book.suggestion
    position = position_of(stock)
    own = suggestion.outstanding if suggestion is not None else 0
    season_days = None if item.season_end_ms is None else max(item.season_end_ms - now_ms, 0) / MILLISECONDS_PER_DAY
    return Case(
        demand.mean_per_day,
        demand.variance_per_day,
        lead_time,
        review_period_days,
        position.units - own,
        max(on_hand_of(stock) - stock.ledger.reserved, 0),
        _arrivals(stock, lead_time, now_ms),
        costs_of(item, terms),
        season_days,
        position.backorders,
    )


def _arrivals(stock: LocationStock, lead_time: LeadTime, now_ms: int) -> tuple[tuple[int, int], ...]:
    """All that is on order but the suggestion, ``(days from now, units)``.

    Transfers come tomorrow; what nobody told a date of, orders placed past restockd too, when an order would.
    """
    book, suggestion = stock.book, stock.book.suggestion
    due = [
        (_days_until(order.expected_at_ms, now_ms, lead_time), order.outstanding)
        for order in book.orders
        if order is not suggestion and order.outstanding
    ]
    due += [(1, transfer.coming) for transfer in stock.transfers if transfer.coming]
    if book.foreign_on_order:
        due.append((_days_until(-1, now_ms, lead_time), book.foreign_on_order))
    return tuple(due)


def _days_until(at_ms: int, now_ms: int, lead_time: LeadTime) -> int:
    """Whole days to that time; -1, no time, is when an order of now would come."""
    return max(-(-(at_ms - now_ms) // MILLISECONDS_PER_DAY), 0) if at_ms >= 0 else round(lead_time.mean_days)


def costs_of(item: ItemDefined, terms: Terms) -> Costs:
    """Money of an item; an unknown price or cost is none, and said to be so."""
    cost = item.cost or 0.0
    return Costs(
        unit_cost=cost,
        margin=margin_of(item, cost),
        holding_per_day=cost * terms.carrying_share_per_year / DAYS_PER_YEAR,
        order_cost=terms.order_cost,
        leftover_value=cost * terms.leftover_share,
        price_known=item.price is not None,
        cost_known=item.cost is not None,
    )


def decide(policy: Policy, case: Case, lots: Lots, rounding: Rounding = "up") -> Decision:
    """What to order now."""
    lot = _lot(case)
    if lot == 1:
        return _rounded(policy.decide(case), case, lots, rounding)
    counted = isinstance(policy, QuantileBaseStock | PeriodicMinMax)
    answer = policy.decide(case) if counted else _in_units(policy.decide(_in_lots(case, lot)), case.position, lot)
    return _rounded(answer, case, lots, "up" if rounding == "economic" else rounding)


def up_to_level(decision: Decision, case: Case, lots: Lots, rounding: Rounding = "up") -> Decision:
    """The decision on a case that is above the reorder point already, as if it were not."""
    answer = decision.answer
    if case.position <= answer.reorder_point:
        return decision
    need = max(answer.order_up_to_level - case.position, 0)
    simple = rounding == "economic" and _lot(case) > 1
    return _rounded(msgspec.structs.replace(answer, need_units=need), case, lots, "up" if simple else rounding)


def _lot(case: Case) -> int:
    """Units that are counted as one where demand is too large to be counted unit by unit."""
    days = max(case.protected_days, case.season_days or 0.0)
    return lot_of(case.mean_per_day * days, case.variance_per_day * days)


def _in_lots(case: Case, lot: int) -> Case:
    """The same case with ``lot`` units as one; positions rounded down."""
    costs = case.costs
    return Case(
        case.mean_per_day / lot,
        case.variance_per_day / lot**2,
        case.lead_time,
        case.review_period_days,
        case.position // lot,
        case.on_hand // lot,
        tuple((days, units // lot) for days, units in case.arrivals),
        Costs(
            costs.unit_cost * lot, costs.margin * lot, costs.holding_per_day * lot, costs.order_cost,
            costs.leftover_value * lot, costs.price_known, costs.cost_known,
        ),
        case.season_days,
        -(-case.backorders // lot),
    )  # fmt: skip


def _in_units(answer: Answer, position: int, lot: int) -> Answer:
    level, point = answer.order_up_to_level * lot, answer.reorder_point * lot
    need = max(level - position, 0) if position <= point else 0
    return Answer(answer.policy, point, level, answer.safety_stock * lot, need, answer.made_of, answer.warning)


def decide_many(
    policy: AnyPolicy, cases: Sequence[Case], lots: Sequence[Lots], rounding: Rounding = "up"
) -> list[Decision]:
    """The decisions of ``decide`` for every case and its lots, equal to the last bit."""
    if isinstance(policy, QuantileBaseStock | PeriodicMinMax):
        answers = policy.decide_many(cases)
        return [
            _rounded(answer, case, allowed, "up" if rounding == "economic" and _lot(case) > 1 else rounding)
            for answer, case, allowed in zip(answers, cases, lots, strict=True)
        ]
    return [decide(policy, case, allowed, rounding) for case, allowed in zip(cases, lots, strict=True)]


def _rounded(answer: Answer, case: Case, lots: Lots, rounding: Rounding) -> Decision:
    """In packs; where the season ends none is added that does not pay, whatever the rounding."""
    if rounding == "economic" and case.costs.doubt:
        answer = msgspec.structs.replace(answer, warning=answer.warning or f"{case.costs.doubt}: rounded up")
    quantity = rounded.orderable(answer.need_units, lots, "up" if rounding == "economic" else rounding)
    if quantity and not case.costs.doubt:
        if rounding == "economic":
            quantity = _economic(case, lots)
        elif quantity > answer.need_units and case.season_days is not None and _lot(case) == 1:
            quantity = min(quantity, _economic(case, lots))
    return Decision(answer, quantity, quantity - answer.need_units)


def _economic(case: Case, lots: Lots) -> int:
    """Weighed as the newsvendor does: not sold in the interval is held, not sold in the season is lost."""
    near, season = case.demand_in_season()
    margin, holding = case.costs.margin, holding_cost(case)
    lost = overage(case) - holding

    def worth(units: int) -> float:
        sold, at_last = _sold(near, case.position, units), _sold(season, case.position, units)
        return margin * sold - holding * (units - sold) - lost * (units - at_last)

    return rounded.economic(worth, lots, near.most - case.position)


def _sold(demand: Distribution, position: int, units: int) -> float:
    """Of further units, expected."""
    return demand.shortage(position) - demand.shortage(position + units)
