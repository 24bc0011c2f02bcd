"""Demand per period, learned online: memories of the product's learner, believed as far as they were right.

A memory that forgets a share k of what it knew each period is right about a level
that drifts; by how much follows (the local level model of exponential smoothing):
of the variance v of a period, ``k v`` is doubt about the level, which wanders by
``k^2 / (1 - k) v`` a period. Memories are weighed by how likely what came was to
each, and so is the drift to reckon with.
"""

import math
from dataclasses import dataclass, field

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.distribution import Distribution, counts

DAY = 86_400_000
HALF_LIVES = (2.0, 6.0, 28.0)
STATED_PERIODS = 6


@dataclass
class Forecast:
    """Demand of one market; ``stated`` is what reference data says, and counts as some periods seen."""

    stated: float
    period: int = 0
    memories: list[DailyDemand] = field(default_factory=lambda: [DailyDemand() for _ in HALF_LIVES])
    likelihoods: list[float] = field(default_factory=lambda: [0.0] * len(HALF_LIVES))

    def __post_init__(self) -> None:
        for _ in range(STATED_PERIODS):
            self._tell(round(self.stated))

    def observe(self, units: float) -> None:
        """Learn the demand of a period, after scoring what each memory expected."""
        for place in range(len(HALF_LIVES)):
            mean, variance = self._moments(place, 1)
            self.likelihoods[place] -= 0.5 * ((units - mean) ** 2 / variance + math.log(variance))
        self._tell(round(units))

    def moments(self, periods: float) -> tuple[float, float]:
        """Mean and variance of demand over some periods together."""
        best = max(self.likelihoods)
        weights = [math.exp(likelihood - best) for likelihood in self.likelihoods]
        each = [self._moments(place, periods) for place in range(len(HALF_LIVES))]
        mean = sum(weight * one[0] for weight, one in zip(weights, each, strict=True)) / sum(weights)
        spread = sum(weight * (one[1] + (one[0] - mean) ** 2) for weight, one in zip(weights, each, strict=True))
        return mean, spread / sum(weights)

    def over(self, periods: int) -> Distribution:
        """Demand over some periods together."""
        return counts(*self.moments(periods))

    def _moments(self, place: int, periods: float) -> tuple[float, float]:
        """Noise, doubt about the level, and its wandering, of one memory."""
        mean, variance = daily.forecast(self.memories[place])
        variance = max(variance, 1.0)
        forgets = 1.0 - 0.5 ** (1.0 / HALF_LIVES[place])
        drift = forgets * forgets / (1.0 - forgets)
        sums = periods + forgets * periods**2 + drift * (periods - 1) * periods * (2 * periods - 1) / 6.0
        return mean * periods, variance * sums

    def _tell(self, units: int) -> None:
        for memory, half_life in zip(self.memories, HALF_LIVES, strict=True):
            daily.observe(memory, units, self.period * DAY, half_life)
            daily.close_days(memory, self.period + 1, half_life)
        self.period += 1
