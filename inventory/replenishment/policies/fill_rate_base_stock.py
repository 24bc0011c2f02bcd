"""Order up to the level of a fill rate instead of a cycle service level (FORMULAS.md 3.5)."""

import msgspec

from inventory.replenishment.lead_time import counts_over
from inventory.replenishment.policies.case import Answer, Case
from inventory.replenishment.service import cycle_service, fill_rate, level_for_fill_rate


class FillRateBaseStock(msgspec.Struct, frozen=True, tag="fill_rate_base_stock"):
    """Every review up to the smallest level that serves this share of demand."""

    fill_rate: float = 0.98

    def decide(self, case: Case) -> Answer:
        """Order what is missing to the level."""
        days = max(case.review_period_days, 1.0)
        lead = counts_over(case.mean_per_day, case.variance_per_day, case.lead_time, 0.0)
        interval = counts_over(case.mean_per_day, case.variance_per_day, case.lead_time, days)
        level = level_for_fill_rate(interval, lead, self.fill_rate)
        made_of = {
            "fill_rate_target": self.fill_rate,
            "fill_rate": fill_rate(interval, lead, level),
            "cycle_service_level": cycle_service(interval, level),
            "mean_over_interval": interval.mean,
        }
        need = max(level - case.position, 0)
        return Answer("fill_rate_base_stock", level - 1, level, level - interval.mean, need, made_of)
