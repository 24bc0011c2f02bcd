"""Days from order to receipt, as probabilities of whole days."""

from collections.abc import Callable
from functools import lru_cache
from itertools import count
from operator import mul

import msgspec
import numpy as np
from scipy import special

from inventory.replenishment.distribution import Distribution, counts, mixture

_REACH_SDS = 9.0
_LEAST_WEIGHT = 1e-9
_SECONDS_PER_DAY = 86_400


class LeadTime(msgspec.Struct, frozen=True, array_like=True):
    """``weights[n]`` is the probability of n days; they sum to 1."""

    weights: tuple[float, ...]

    @property
    def mean_days(self) -> float:
        """Expected days."""
        return float(sum(map(mul, count(), self.weights)))

    @property
    def mean_ms(self) -> int:
        """Expected milliseconds, in whole seconds: the sum of many weights is a little off."""
        return round(self.mean_days * _SECONDS_PER_DAY) * 1000

    @property
    def variance_days(self) -> float:
        """Their variance."""
        mean = self.mean_days
        return sum((day - mean) ** 2 * weight for day, weight in enumerate(self.weights))

    def quantile(self, probability: float) -> int:
        """Smallest number of days within which an order is there with this probability."""
        reached = 0.0
        for day, weight in enumerate(self.weights):
            reached += weight
            if reached >= probability - 1e-12:
                return day
        return len(self.weights) - 1


@lru_cache(maxsize=4096)
def stated(mean_days: float, sd_days: float) -> LeadTime:
    """The lead time of reference data: a gamma of this mean and sd, rounded to whole days.

    Without a deviation the mean is taken exactly, days between two whole ones
    with the weights that keep it.

    >>> round(stated(7, 2).mean_days, 6), stated(7, 2).quantile(0.95), stated(2.25, 0).weights
    (7.0, 11, (0.0, 0.0, 0.75, 0.25))
    """
    if sd_days <= 0.0 or mean_days <= 0.0:
        whole = int(mean_days)
        rest = mean_days - whole
        return LeadTime((0.0,) * whole + ((1.0 - rest, rest) if rest else (1.0,)))
    shape, scale = (mean_days / sd_days) ** 2, sd_days * sd_days / mean_days
    edges = np.arange(int(mean_days + _REACH_SDS * sd_days) + 2) + 0.5
    weights = np.diff(special.gammainc(shape, edges / scale), prepend=0.0)
    weights[weights < _LEAST_WEIGHT] = 0.0
    weights = np.trim_zeros(weights, "b")
    return LeadTime(tuple(float(weight) for weight in weights / weights.sum()))


def demand_over(lead_time: LeadTime, demand_of: Callable[[int], Distribution]) -> Distribution:
    """Demand over a random lead time, ``demand_of(n)`` the demand over n days (a review period in it, say)."""
    likely = [(day, weight) for day, weight in enumerate(lead_time.weights) if weight > 0.0]
    return mixture([weight for _, weight in likely], [demand_of(day) for day, _ in likely])


def counts_over(mean_per_day: float, variance_per_day: float, lead_time: LeadTime, more_days: float) -> Distribution:
    """Demand over lead time and ``more_days``, of independent days alike, negative binomial each."""
    return demand_over(
        lead_time, lambda day: counts(mean_per_day * (day + more_days), variance_per_day * (day + more_days))
    )
