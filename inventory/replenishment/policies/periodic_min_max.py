"""(R, s, S): the reorder point a quantile, the order at least an economic lot (FORMULAS.md 3.3)."""

import math
from collections.abc import Sequence

import msgspec

from inventory.replenishment.policies.case import Answer, Case, answer
from inventory.replenishment.policies.protected import Protected, protected


def economic_order_quantity(order_cost: float, mean_per_day: float, holding_per_day: float) -> float:
    """``sqrt(2 K D / h)``; 0 where ordering or holding costs nothing.

    >>> economic_order_quantity(8, 100, 1)
    40.0
    """
    if order_cost <= 0.0 or holding_per_day <= 0.0:
        return 0.0
    return math.sqrt(2.0 * order_cost * mean_per_day / holding_per_day)


class PeriodicMinMax(msgspec.Struct, frozen=True, tag="periodic_min_max"):
    """Order when the position is at or below s, up to ``S = s + max(EOQ, mean R, mean cover, 1)``."""

    cycle_service_level: float = 0.95
    order_cover_days: float = 0.0

    def decide(self, case: Case) -> Answer:
        """Order up to S at or below s."""
        return self.decide_many([case])[0]

    def decide_many(self, cases: Sequence[Case]) -> list[Answer]:
        """The same answers as one by one, quicker."""
        enough = protected(cases, self.cycle_service_level)
        return [self._answer(case, found) for case, found in zip(cases, enough, strict=True)]

    def _answer(self, case: Case, enough: Protected) -> Answer:
        lot = economic_order_quantity(case.costs.order_cost, case.mean_per_day, case.costs.holding_per_day)
        cover = case.mean_per_day * max(case.review_period_days, self.order_cover_days)
        batch = max(math.ceil(max(lot, cover)), 1) if case.mean_per_day > 0.0 else 0
        made_of = {
            "cycle_service_level": self.cycle_service_level,
            "mean_over_interval": enough.mean,
            "variance_over_interval": enough.variance,
            "probability_enough": enough.probability_enough,
            "expected_shortage_units": enough.shortage_units,
            "economic_order_quantity": lot,
            "cover_units": cover,
        }
        return answer("periodic_min_max", case, enough.units, enough.units + batch, enough.mean, made_of)
