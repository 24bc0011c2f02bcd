"""(s, S), exact for discrete demand and a fixed cost per order.

Zheng and Federgruen, "Finding optimal (s, S) policies is about as simple as
evaluating a single policy", Operations Research 39 (1991). With one-period cost
``G(y) = h E[(y - D)+] + p E[(D - y)+]`` over the protection interval, renewal
density ``m`` of the demand between reviews and ``M(j) = m(0) + ... + m(j - 1)``,
a policy costs ``c(s, S) = (K + sum_{j < S - s} m(j) G(S - j)) / M(S - s)`` per review.
"""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from inventory.replenishment.distribution import Array, Distribution, counts
from inventory.replenishment.policies.case import Answer, Case, answer, by_service

LEAST_COST = 1e-4

Index = npt.NDArray[np.intp]


class _Costing:
    """``G`` and ``c(s, S)``, the renewal density grown as far as it is asked for."""

    def __init__(
        self, between: Distribution, interval: Distribution, holding: float, shortage: float, order_cost: float
    ) -> None:
        self.between, self.interval = between.pmf, interval
        self.holding, self.shortage, self.order_cost = holding, shortage, order_cost
        self.density = np.array([1.0 / (1.0 - float(between.pmf[0]))])

    def one_period(self, level: int) -> float:
        """G(level)."""
        return self.holding * self.interval.leftover(level) + self.shortage * self.interval.shortage(level)

    def average(self, low: int, high: int) -> float:
        """c(low, high)."""
        gap = high - low
        if len(self.density) < gap:
            self._grow(2 * gap)
        costs = self._one_period(np.arange(high, low, -1))
        return float((self.order_cost + self.density[:gap] @ costs) / self.density[:gap].sum())

    def _one_period(self, levels: Index) -> Array:
        within = self.interval.shortages[np.clip(levels, 0, self.interval.most)]
        short = np.where(levels < 0, self.interval.mean - levels, within)
        return self.holding * (levels - self.interval.mean + short) + self.shortage * short

    def _grow(self, upto: int) -> None:
        """m(j) = (p_1 m(j - 1) + ... + p_j m(0)) / (1 - p_0)."""
        density = np.append(self.density, np.zeros(upto - len(self.density)))
        for j in range(len(self.density), upto):
            reach = min(j, len(self.between) - 1)
            density[j] = self.between[1 : reach + 1] @ density[j - reach : j][::-1] * density[0]
        self.density = density


def optimal_levels(
    between: Distribution, interval: Distribution, holding: float, shortage: float, order_cost: float
) -> tuple[int, int, float]:
    """Optimal ``(s, S)`` and its cost per review; order when the position is at or below s.

    ``between`` is the demand between two reviews, ``interval`` that over lead time
    and review period; holding and shortage are per unit and review.

    >>> from inventory.replenishment.distribution import poisson
    >>> low, high, cost = optimal_levels(poisson(6), poisson(6), 1, 4, 5)
    >>> low, high, round(cost, 6)
    (4, 10, 8.034112)
    """
    costing = _Costing(between, interval, holding, shortage, order_cost)
    best = low = interval.quantile(shortage / (shortage + holding))
    low -= 1
    while costing.average(low, best) > costing.one_period(low):
        low -= 1
    cost = costing.average(low, best)
    high = best + 1
    while costing.one_period(high) <= cost:
        if costing.average(low, high) < cost:
            best = high
            while costing.average(low, best) <= costing.one_period(low + 1):
                low += 1
            cost = costing.average(low, best)
        high += 1
    return low, best, cost


def power_approximation(
    holding: float, shortage: float, order_cost: float, mean: float, sd: float
) -> tuple[float, float]:
    """Ehrhardt and Mosier's power approximation of ``(s, S)`` (Snyder & Shen 4.77-4.80), for comparison.

    >>> low, high = power_approximation(0.18, 0.7, 2.5, 50, 8)
    >>> round(low, 6), round(high, 6)
    (40.194617, 74.29017)
    """
    lot = 1.3 * mean**0.494 * (order_cost / holding) ** 0.506 * (1.0 + (sd / mean) ** 2) ** 0.116
    z = math.sqrt(lot * holding / (shortage * sd))
    low = 0.973 * mean + sd * (0.183 / z + 1.063 - 2.192 * z)
    return low, low + lot


class MinMax(msgspec.Struct, frozen=True, tag="min_max"):
    """The (s, S) of least cost per review period, a unit short at its end costing the margin.

    Where ordering or holding costs nothing the optimum is no (s, S); such costs count as
    ``LEAST_COST`` each. Where price or cost are not known, or nothing is earned, the
    ``cycle_service_level`` decides.
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order up to S at or below s."""
        if case.costs.doubt:
            return by_service("min_max", case, self.cycle_service_level)
        days = max(case.review_period_days, 1.0)
        between = counts(case.mean_per_day * days, case.variance_per_day * days)
        interval = case.demand()
        holding = max(case.costs.holding_per_day * days, LEAST_COST)
        margin = case.costs.margin
        made_of = {"holding_per_review": holding, "margin": margin, "mean_over_interval": interval.mean}
        if between.most == 0:
            return answer("min_max", case, -1, 0, 0.0, made_of)
        low, high, cost = optimal_levels(between, interval, holding, margin, max(case.costs.order_cost, LEAST_COST))
        made_of |= {"order_cost": case.costs.order_cost, "cost_per_review": cost}
        return answer("min_max", case, low, high, interval.mean, made_of)
