"""Whom to buy from: the supplier of least expected landed cost."""

from collections.abc import Sequence

import msgspec
import numpy as np

from inventory.replenishment.distribution import Array, Distribution, counts, lot_of, mixture
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies.periodic_min_max import economic_order_quantity
from inventory.replenishment.rounding import Lots

_STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
"""Probabilities that days are told apart by: costs are to be compared, not booked."""
_MOST_EXPECTED = 20_000.0
"""Units that are still counted one by one, for the same reason."""


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


class Habit(msgspec.Struct, frozen=True):
    """How much the policy in force orders at once, besides a review period's demand and what the supplier asks for.

    ``cover_days`` of demand, or where an order costs something the economic lot.
    """

    cover_days: float = 0.0
    order_cost: float = 0.0


_NO_HABIT = Habit()


def landed_costs(
    offers: Sequence[Offer],
    mean_per_day: float,
    variance_per_day: float,
    margin: float,
    carrying_share_per_year: float,
    cycle_service_level: float,
    habit: Habit = _NO_HABIT,
) -> list[LandedCost]:
    """Each offer's expected landed cost, the least first; of equal ones the first by name."""
    costs = [
        _landed(offer, mean_per_day, variance_per_day, margin, carrying_share_per_year, cycle_service_level, habit)
        for offer in offers
    ]
    return sorted(costs, key=lambda cost: (cost.total, cost.supplier))


def _landed(
    offer: Offer,
    mean: float,
    variance: float,
    margin: float,
    carrying_share_per_year: float,
    level: float,
    habit: Habit,
) -> LandedCost:
    """Price and freight; holding of safety stock and half a lot; the margin of what runs short.

    Short in a cycle is what demand to the next arrival exceeds the level by, less
    what it did by the last arrival already (FORMULAS.md 3.5).
    """
    review = max(offer.review_period_days, 1.0)
    holding_per_day = (offer.unit_cost + offer.freight_per_unit) * carrying_share_per_year / 365.0
    economic = economic_order_quantity(habit.order_cost, mean, holding_per_day)
    batch = max(mean * max(review, habit.cover_days), economic, float(offer.lots.first))
    days = _points(_with_failures(offer))
    longest = days[-1][0] + review
    lot = lot_of(mean * longest, variance * longest, _MOST_EXPECTED)
    interval = _demand(mean / lot, variance / lot**2, days, review)
    lots = interval.quantile(level)
    short = lot * (interval.shortage(lots) - _demand(mean / lot, variance / lot**2, days, 0.0).shortage(lots))
    return LandedCost(
        offer.supplier,
        offer.unit_cost,
        offer.freight_per_unit + offer.freight_per_order / batch,
        holding_per_day * (lot * interval.leftover(lots) + batch / 2.0) / mean,
        margin * max(short, 0.0) / batch,
        lots * lot,
        lot * (lots - interval.mean),
    )


def _demand(mean: float, variance: float, days: Sequence[tuple[float, float]], more_days: float) -> Distribution:
    parts = [counts(mean * (day + more_days), variance * (day + more_days)) for day, _ in days]
    return mixture([weight for _, weight in days], parts)


def _points(days: Array) -> list[tuple[float, float]]:
    """A few days that stand for all, closer where it gets late, each the mean of those it stands for, and weights."""
    step = np.searchsorted(_STEPS, np.cumsum(days) - days / 2.0)
    weights = np.bincount(step, days)
    means = np.bincount(step, days * np.arange(len(days))) / np.maximum(weights, np.finfo(float).tiny)
    return [(day, weight) for day, weight in zip(means.tolist(), weights.tolist(), strict=True) if weight > 0.0]


def _with_failures(offer: Offer) -> Array:
    """What does not come is ordered again: it takes a review period and as long once more."""
    once = np.array(offer.lead_time.weights)
    wait = np.zeros(int(np.ceil(offer.review_period_days)) + 1)
    wait[-1] = 1.0
    again = np.convolve(np.convolve(once, wait), once)
    again *= 1.0 - offer.delivered_share
    again[: len(once)] += offer.delivered_share * once
    return again
