"""Order up to a quantile of demand over the protection interval, (R, S) (FORMULAS.md 3.2, 3.3)."""

from collections.abc import Sequence

import msgspec

from inventory.replenishment.policies.case import Answer, Case
from inventory.replenishment.policies.protected import Protected, protected


class QuantileBaseStock(msgspec.Struct, frozen=True, tag="quantile_base_stock"):
    """``S = min{x : P(D over L + R <= x) >= cycle service level}``, every review up to S.

    Exact for independent negative binomial days and any distribution of the lead time.
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order what is missing to S."""
        return self.decide_many([case])[0]

    def decide_many(self, cases: Sequence[Case]) -> list[Answer]:
        """The same answers as one by one, quicker."""
        enough = protected(cases, self.cycle_service_level)
        return [self._answer(case, found) for case, found in zip(cases, enough, strict=True)]

    def _answer(self, case: Case, enough: Protected) -> Answer:
        made_of = {
            "cycle_service_level": self.cycle_service_level,
            "mean_over_interval": enough.mean,
            "variance_over_interval": enough.variance,
            "probability_enough": enough.probability_enough,
            "expected_shortage_units": enough.shortage_units,
        }
        level = enough.units
        need = max(level - case.position, 0)
        return Answer("quantile_base_stock", level - 1, level, level - enough.mean, need, made_of)
