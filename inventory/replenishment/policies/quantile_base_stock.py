"""Order up to a quantile of demand over the protection interval, (R, S) (FORMULAS.md 3.2, 3.3)."""

import msgspec

from inventory.replenishment.policies.case import Answer, Case


class QuantileBaseStock(msgspec.Struct, frozen=True, tag="quantile_base_stock"):
    """``S = min{x : P(D over L + R <= x) >= cycle service level}``, every review up to S.

    Exact for independent negative binomial days and any distribution of the lead time.
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order what is missing to S."""
        demand = case.demand()
        level = demand.quantile(self.cycle_service_level)
        made_of = {
            "cycle_service_level": self.cycle_service_level,
            "mean_over_interval": demand.mean,
            "variance_over_interval": demand.variance,
            "probability_enough": float(demand.cdf[level]),
            "expected_shortage_units": demand.shortage(level),
        }
        need = max(level - case.position, 0)
        return Answer("quantile_base_stock", level - 1, level, level - demand.mean, need, made_of)
