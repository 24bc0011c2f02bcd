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
from scipy import signal

from inventory.replenishment.distribution import Array, Distribution, convolved, counts, reach_of
from inventory.replenishment.lead_time import counts_over
from inventory.replenishment.policies.case import Answer, Case, answer, by_service
from inventory.replenishment.policies.periodic_min_max import economic_order_quantity

LEAST_COST = 1e-4
_ROUNDING = 1e-12
_MOST_LEVELS = 2_000
"""Levels that are looked at one by one; where an order spans more, units are counted in lots."""


Index = npt.NDArray[np.intp]


class _Costing:
    """``G`` and ``c(s, S)`` of many levels at once."""

    def __init__(
        self, between: Distribution, interval: Distribution, holding: float, shortage: float, order_cost: float
    ) -> None:
        self.interval = interval
        self.holding, self.shortage, self.order_cost = holding, shortage, order_cost
        self._pmf, self._density = between.pmf, np.zeros(0)

    def one_period(self, levels: Index) -> Array:
        """G of levels."""
        within = self.interval.shortages[np.clip(levels, 0, self.interval.most)]
        short = np.where(levels < 0, self.interval.mean - levels, within)
        return self.holding * (levels - self.interval.mean + short) + self.shortage * short

    def below(self, high: int, gaps: int) -> Array:
        """``c(high - 1, high), ..., c(high - gaps, high)``."""
        costs = self.one_period(np.arange(high, high - gaps, -1))
        density = self._renewal(gaps)
        return (self.order_cost + np.cumsum(density * costs)) / np.cumsum(density)

    def above(self, low: int, gaps: int) -> Array:
        """``c(low, low + 1), ..., c(low, low + gaps)``."""
        costs, density = self.one_period(np.arange(low + 1, low + gaps + 1)), self._renewal(gaps)
        return (self.order_cost + convolved(density, costs)[:gaps]) / np.cumsum(density)

    def last_within(self, cost: float, low: int) -> int:
        """The largest level of which one period costs no more; it does at ``low``."""
        reach = 1
        while self.one_period(np.array([low + reach]))[0] <= cost:
            reach *= 2
        levels = np.arange(low, low + reach + 1)
        return int(levels[self.one_period(levels) <= cost][-1])

    def _renewal(self, gaps: int) -> Array:
        """``m(j) = (p_1 m(j - 1) + ... + p_j m(0)) / (1 - p_0)`` for j < gaps, from ``m(0) = 1 / (1 - p_0)``."""
        if len(self._density) < gaps:
            first = np.zeros(2 * gaps)
            first[0] = 1.0
            feedback = np.concatenate([[1.0 - self._pmf[0]], -self._pmf[1:]])
            self._density = np.asarray(signal.lfilter([1.0], feedback, first))
        return self._density[:gaps]


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
    least = best = interval.quantile(shortage / (shortage + holding))
    low, cost = _lowest(costing, best)
    while True:
        upto = costing.last_within(cost, least)
        costs = costing.above(low, upto - low)[least - low - 1 :]
        at = int(costs.argmin())
        if costs[at] >= cost - _ROUNDING * cost:
            return low, best, cost
        best = least + at
        low, cost = _lowest(costing, best)


def _lowest(costing: _Costing, high: int) -> tuple[int, float]:
    """The best s below an S, and what the two cost: the first that costs no more than a period at s itself."""
    gaps = 64
    while True:
        costs = costing.below(high, gaps)
        enough = np.flatnonzero(costs <= costing.one_period(np.arange(high - 1, high - gaps - 1, -1)))
        if len(enough):
            return high - 1 - int(enough[0]), float(costs[enough[0]])
        gaps *= 2


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
        holding, order_cost = max(case.costs.holding_per_day * days, LEAST_COST), max(case.costs.order_cost, LEAST_COST)
        margin, lot = case.costs.margin, _lot(case, order_cost, holding / days)
        mean, variance = case.mean_per_day / lot, case.variance_per_day / lot**2
        between = counts(mean * days, variance * days)
        interval = counts_over(mean, variance, case.lead_time, case.review_period_days)
        expected = interval.mean * lot
        made_of = {"holding_per_review": holding, "margin": margin, "mean_over_interval": expected}
        if between.most == 0:
            return answer("min_max", case, -1, 0, 0.0, made_of)
        low, high, cost = optimal_levels(between, interval, holding * lot, margin * lot, order_cost)
        made_of |= {"order_cost": case.costs.order_cost, "cost_per_review": cost}
        return answer("min_max", case, low * lot, high * lot, expected, made_of)


def _lot(case: Case, order_cost: float, holding_per_day: float) -> int:
    """Units to count as one, so that the levels between s and S are not too many to be looked at."""
    order = economic_order_quantity(order_cost, case.mean_per_day, holding_per_day)
    days = case.protected_days
    spread = reach_of(case.mean_per_day * days, case.variance_per_day * days) - case.mean_per_day * days
    return max(math.ceil((order + spread) / _MOST_LEVELS), 1)
