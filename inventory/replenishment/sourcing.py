"""Whom to buy from: the supplier of least expected landed cost."""

from collections.abc import Sequence

import msgspec
import numpy as np

from inventory.replenishment.lead_time import LeadTime, counts_over
from inventory.replenishment.rounding import Lots


class Offer(msgspec.Struct, frozen=True):
    """What one supplier asks, and how it delivers (learned, see ``suppliers``)."""

    supplier: str
    unit_cost: float
    lead_time: LeadTime
    review_period_days: float = 1.0
    freight_per_unit: float = 0.0
    freight_per_order: float = 0.0
    delivered_share: float = 1.0
    lots: Lots = Lots()


class LandedCost(msgspec.Struct, frozen=True):
    """Expected money per unit demanded, and the stock it takes."""

    supplier: str
    unit_cost: float
    freight: float
    holding: float
    shortage: float
    order_up_to_level: int
    safety_stock: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.unit_cost + self.freight + self.holding + self.shortage


def landed_costs(
    offers: Sequence[Offer],
    mean_per_day: float,
    variance_per_day: float,
    margin: float,
    carrying_share_per_year: float,
    cycle_service_level: float,
) -> list[LandedCost]:
    """Each offer's expected landed cost, the least first; of equal ones the first by name."""
    costs = [
        _landed(offer, mean_per_day, variance_per_day, margin, carrying_share_per_year, cycle_service_level)
        for offer in offers
    ]
    return sorted(costs, key=lambda cost: (cost.total, cost.supplier))


def _landed(
    offer: Offer, mean: float, variance: float, margin: float, carrying_share_per_year: float, level: float
) -> LandedCost:
    """Price and freight; holding of safety stock and half a lot; the margin of what runs short.

    Short in a cycle is what demand to the next arrival exceeds the level by, less
    what it did by the last arrival already (FORMULAS.md 3.5).
    """
    review = max(offer.review_period_days, 1.0)
    lot = max(mean * review, float(offer.lots.first))
    days = _with_failures(offer)
    interval = counts_over(mean, variance, days, review)
    units = interval.quantile(level)
    short = interval.shortage(units) - counts_over(mean, variance, days, 0.0).shortage(units)
    holding_per_day = (offer.unit_cost + offer.freight_per_unit) * carrying_share_per_year / 365.0
    return LandedCost(
        offer.supplier,
        offer.unit_cost,
        offer.freight_per_unit + offer.freight_per_order / lot,
        holding_per_day * (interval.leftover(units) + lot / 2.0) / mean,
        margin * max(short, 0.0) / lot,
        units,
        units - interval.mean,
    )


def _with_failures(offer: Offer) -> LeadTime:
    """What does not come is ordered again: it takes a review period and as long once more."""
    once = np.array(offer.lead_time.weights)
    wait = np.zeros(int(np.ceil(offer.review_period_days)) + 1)
    wait[-1] = 1.0
    again = np.convolve(np.convolve(once, wait), once)
    again *= 1.0 - offer.delivered_share
    again[: len(once)] += offer.delivered_share * once
    return LeadTime(tuple(float(weight) for weight in again))
