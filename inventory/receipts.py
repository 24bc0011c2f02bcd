"""What an order rests on, written down so that it can be followed and computed again."""

from functools import lru_cache
from typing import NamedTuple

from inventory.in_force import rules_for
from inventory.open_to_buy.lots import Lots, lots_of
from inventory.outlook import Demand
from inventory.replenishment.distribution import Distribution, counts, lot_of
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies import Case
from inventory.replenishment.reorder import Decision
from inventory.reports import blind_devices, is_swept, position_of
from inventory.state import LocationStock
from inventory.stock import belief as believed
from inventory.supply import Source
from inventory.turn import Touched, Turn
from schemas.facts import ReorderInputs

_CHANCES = (0.05, 0.5, 0.95, 0.99)
_LEAD_TIME_CHANCES = (0.5, 0.9, 0.95)


class Basis(NamedTuple):
    """What is decided about: a case, where goods would come from, and at which level the forecast is read."""

    case: Case
    demand: Demand
    source: Source
    service_level: float
    quantile_level: float


_counts = lru_cache(maxsize=512)(counts)
"""Of a day's forecast an order may be amended several times."""


class _Demand(NamedTuple):
    """Demand over some days, negative binomial by its mean and variance, counted in lots where it is very large."""

    lots: Distribution
    lot: int

    @classmethod
    def over(cls, case: Case, days: float, variance_of_days: float = 0.0) -> "_Demand":
        mean = case.mean_per_day * days
        variance = case.variance_per_day * days + case.mean_per_day**2 * variance_of_days
        lot = lot_of(mean, variance)
        return cls(_counts(mean / lot, variance / lot**2), lot)

    def quantile(self, chance: float) -> int:
        return self.lots.quantile(chance) * self.lot

    def shortage(self, units: int) -> float:
        return self.lots.shortage(units // self.lot) * self.lot

    def leftover(self, units: int) -> float:
        return units - self.lots.mean * self.lot + self.shortage(units)


def inputs_of(turn: Turn, touched: Touched, basis: Basis, decision: Decision) -> ReorderInputs:
    """The receipt of a decision; an order that is amended does not count in its own position."""
    stock, case, answer = touched.stock, basis.case, decision.answer
    suggestion, counted = stock.book.suggestion, position_of(stock)
    own = suggestion.outstanding if suggestion is not None else 0
    interval = _Demand.over(case, case.protected_days, case.lead_time.variance_days)
    return ReorderInputs(
        policy=answer.policy,
        rules_version=rules_for(turn.state, touched.sku.item).version,
        cycle_service_level=basis.service_level,
        quantile_level=round(basis.quantile_level, 6),
        mean_per_day=case.mean_per_day,
        variance_per_day=case.variance_per_day,
        days_observed=basis.demand.days_observed,
        lead_time_days=round(case.lead_time.mean_days, 6),
        lead_time_sd_days=round(case.lead_time.variance_days**0.5, 6),
        review_period_days=case.review_period_days,
        reorder_point=answer.reorder_point,
        order_up_to_level=answer.order_up_to_level,
        safety_stock=answer.safety_stock,
        on_hand=counted.on_hand,
        on_order=counted.on_order - own,
        backorders=counted.backorders,
        reserved=counted.reserved,
        inventory_position=case.position,
        need_units=answer.need_units,
        minimum_order_units=basis.source.lots.minimum_order_units,
        pack_units=basis.source.lots.pack_units,
        rounding_units=decision.rounding_units,
        opening_known=stock.ledger.opening_known,
        book_on_hand=stock.ledger.on_hand,
        probability_empty=round(believed.empty(stock.belief), 4) if is_swept(stock) else None,
        blind_devices=blind_devices(turn, touched.location),
        rounding=turn.rules.rounding,
        belief=_belief(stock),
        demand_quantiles={str(chance): float(interval.quantile(chance)) for chance in _CHANCES},
        lead_time_quantiles=_days(case.lead_time),
        policy_terms={name: round(value, 6) for name, value in answer.made_of.items()},
        expected_costs=_expected_costs(case, interval, decision.quantity, basis.source.lots.pack_units),
        warning=answer.warning,
        landed_costs={name: round(cost, 4) for name, cost in basis.source.alternatives.items()},
        cancelled_at_position=answer.order_up_to_level,
    )


def lots_to_buy(basis: Basis, quantity: int) -> Lots:
    """An order in lots, with what each is expected to save to the end of the protection interval."""
    case, lots = basis.case, basis.source.lots
    interval = _Demand.over(case, case.protected_days, case.lead_time.variance_days)
    known = case.costs.margin > 0.0
    after = (lambda units: _expected_cost(case, interval, units, 0.0)) if known else None
    return lots_of(quantity, lots.minimum_order_units, lots.pack_units, after)


def _belief(stock: LocationStock) -> dict[str, float]:
    """Likeliest units and the central 90 %; empty where no reader sweeps and the book is all there is."""
    if not is_swept(stock):
        return {}
    belief = stock.belief
    return {
        "likeliest": float(believed.likeliest(belief)),
        "low": float(believed.quantile(belief, 0.05)),
        "high": float(believed.quantile(belief, 0.95)),
        "empty": round(believed.empty(belief), 4),
    }


def _days(lead_time: LeadTime) -> dict[str, float]:
    return {str(chance): float(lead_time.quantile(chance)) for chance in _LEAD_TIME_CHANCES}


def _expected_costs(case: Case, interval: _Demand, quantity: int, pack: int) -> dict[str, float]:
    """Expected money of this order and of what was not chosen, to the end of the protection interval.

    The margin of what runs short, holding of what is left, the order's own cost and, where a season ends, what is lost
    on leftovers. Empty where price or cost are not known, or nothing is earned.
    """
    if case.costs.doubt:
        return {}
    choices = {"ordered": quantity, "nothing": 0, "a pack less": quantity - pack, "a pack more": quantity + pack}
    order_cost = case.costs.order_cost
    costs = {
        name: _expected_cost(case, interval, units, order_cost if units else 0.0)
        for name, units in choices.items()
        if units >= 0
    }
    return {name: round(cost, 4) for name, cost in costs.items()}


def _expected_cost(case: Case, interval: _Demand, quantity: int, order_cost: float) -> float:
    costs, units = case.costs, case.position + quantity
    cost = order_cost + costs.margin * interval.shortage(units)
    cost += costs.holding_per_day * case.protected_days * interval.leftover(units)
    if case.season_days is not None:
        season = _Demand.over(case, max(case.season_days, 0.0))
        cost += max(costs.unit_cost - costs.leftover_value, 0.0) * season.leftover(max(units, 0))
    return cost
