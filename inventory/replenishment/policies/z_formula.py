"""The classic safety stock, ``z`` standard deviations of a normal demand (FORMULAS.md 3.1)."""

import math
from statistics import NormalDist
from typing import Literal

import msgspec

from inventory.replenishment.policies.case import Answer, Case, answer

Form = Literal["standard", "additive", "literal"]

LITERAL_WARNING = "adds deviations of days to deviations of units and ignores the length of the lead time"


def safety_stock(
    form: Form,
    cycle_service_level: float,
    mean_per_day: float,
    sd_per_day: float,
    lead_time_days: float,
    lead_time_sd_days: float,
    review_period_days: float = 0.0,
) -> float:
    """Units beyond the mean.

    ``standard`` is ``z sqrt((mu_L + R) sigma_D^2 + mu_D^2 sigma_L^2)``, for independent
    demand and lead time; ``additive`` adds the two deviations (King's dependent
    case); ``literal`` is ``z sigma_L + z sigma_D``, found in print and wrong: kept to
    compare with.

    >>> round(safety_stock("standard", 0.95, 2, 2, 7, 2), 4), round(safety_stock("standard", 0.95, 2, 2, 7, 2, 7), 4)
    (10.9107, 13.957)
    """
    z = NormalDist().inv_cdf(cycle_service_level)
    days = lead_time_days + review_period_days
    if form == "standard":
        return z * math.sqrt(days * sd_per_day**2 + (mean_per_day * lead_time_sd_days) ** 2)
    if form == "additive":
        return z * (sd_per_day * math.sqrt(days) + mean_per_day * lead_time_sd_days)
    return z * lead_time_sd_days + z * sd_per_day


class ZFormula(msgspec.Struct, frozen=True, tag="z_formula"):
    """Reorder point ``mean over L + R`` and safety stock, rounded up; an order covers ``order_cover_days`` more."""

    cycle_service_level: float = 0.95
    form: Form = "standard"
    order_cover_days: float = 0.0

    def decide(self, case: Case) -> Answer:
        """Order up to S at or below s."""
        mean = case.mean_per_day * case.protected_days
        stock = safety_stock(
            self.form,
            self.cycle_service_level,
            case.mean_per_day,
            math.sqrt(case.variance_per_day),
            case.lead_time.mean_days,
            math.sqrt(case.lead_time.variance_days),
            case.review_period_days,
        )
        point = math.ceil(mean + stock) if mean > 0.0 else 0
        batch = max(math.ceil(case.mean_per_day * self.order_cover_days), 1) if mean > 0.0 else 0
        made_of = {"cycle_service_level": self.cycle_service_level, "mean_over_interval": mean, "safety_stock": stock}
        warning = LITERAL_WARNING if self.form == "literal" else ""
        return answer("z_formula", case, point, point + batch, mean, made_of, warning)
