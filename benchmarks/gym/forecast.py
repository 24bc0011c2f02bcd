"""Demand per period, learned online: several memories, believed as far as they were right.

Three keep a level (the product's learner with a short, a middle and a long
half-life), two a level and a slope that fades (Brown's double smoothing, damped).
How far each may be wrong over h periods follows from what it takes of an error
into its forecasts: c_1 of it into the next period, c_2 into the one after, ... ;
of the error variance v of one period, demand over h periods together has
``v (1 + (1 + c_1)^2 + ... + (1 + c_1 + ... + c_{h-1})^2)`` (Hyndman, Koehler, Ord
and Snyder, Forecasting with Exponential Smoothing, 2008, ch. 6). Memories are
weighed by how likely what came was to each.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.distribution import Distribution, counts

DAY = 86_400_000
STATED_PERIODS = 6
DAMPING = 0.95


class Memory(Protocol):
    """One way of learning."""

    def observe(self, units: float) -> None:
        """Learn the demand of a period."""

    def moments(self, periods: int) -> tuple[float, float]:
        """Mean and variance of demand over the periods to come."""


class Level:
    """The product's learner: a level and a variance, halved in weight every so many periods."""

    def __init__(self, stated: float, half_life: float) -> None:
        self.half_life = half_life
        self.period = 0
        self.demand = DailyDemand()
        for _ in range(STATED_PERIODS):
            self.observe(stated)

    def observe(self, units: float) -> None:
        """Learn the demand of a period."""
        daily.observe(self.demand, round(units), self.period * DAY, self.half_life)
        self.period += 1
        daily.close_days(self.demand, self.period, self.half_life)

    def moments(self, periods: int) -> tuple[float, float]:
        """The level as often as there are periods."""
        mean, variance = daily.forecast(self.demand)
        taken = np.full(periods - 1, 1.0 - 0.5 ** (1.0 / self.half_life))
        return mean * periods, max(variance, 1.0) * _spread(taken)


class Slope:
    """Level and slope by discounting (Brown 1963), the slope fading by ``DAMPING`` a period."""

    def __init__(self, stated: float, half_life: float) -> None:
        keep = 0.5 ** (1.0 / half_life)
        self.keep = keep
        self.level, self.slope = stated, 0.0
        self.level_gain, self.slope_gain = 1.0 - keep * keep, (1.0 - keep) ** 2
        self.weight, self.squares = float(STATED_PERIODS), STATED_PERIODS * stated

    def observe(self, units: float) -> None:
        """Learn the demand of a period."""
        error = units - self.level - DAMPING * self.slope
        self.level += DAMPING * self.slope + self.level_gain * error
        self.slope = DAMPING * self.slope + self.slope_gain * error
        self.weight = self.keep * self.weight + 1.0
        self.squares = self.keep * self.squares + error * error

    def moments(self, periods: int) -> tuple[float, float]:
        """The line as far as it goes, not below nothing."""
        faded = np.cumsum(DAMPING ** np.arange(1, periods + 1))
        mean = float(np.maximum(self.level + faded * self.slope, 0.0).sum())
        variance = max(self.squares / self.weight, self.level, 1.0)
        return mean, variance * _spread(self.level_gain + self.slope_gain * faded[:-1])


@dataclass
class Forecast:
    """Demand of one market; ``stated`` is what reference data says, and counts as some periods seen."""

    stated: float
    memories: list[Memory] = field(init=False)
    likelihoods: list[float] = field(init=False)

    def __post_init__(self) -> None:
        levels: list[Memory] = [Level(self.stated, half_life) for half_life in (2.0, 6.0, 28.0)]
        self.memories = [*levels, Slope(self.stated, 6.0), Slope(self.stated, 28.0)]
        self.likelihoods = [0.0] * len(self.memories)

    def observe(self, units: float) -> None:
        """Learn the demand of a period, after scoring what each memory expected."""
        for place, memory in enumerate(self.memories):
            mean, variance = memory.moments(1)
            self.likelihoods[place] -= 0.5 * ((units - mean) ** 2 / variance + math.log(variance))
            memory.observe(units)

    def moments(self, periods: int) -> tuple[float, float]:
        """Mean and variance of demand over some periods together."""
        best = max(self.likelihoods)
        weights = [math.exp(likelihood - best) for likelihood in self.likelihoods]
        each = [memory.moments(periods) for memory in self.memories]
        mean = sum(weight * one[0] for weight, one in zip(weights, each, strict=True)) / sum(weights)
        spread = sum(weight * (one[1] + (one[0] - mean) ** 2) for weight, one in zip(weights, each, strict=True))
        return mean, spread / sum(weights)

    def over(self, periods: int) -> Distribution:
        """Demand over some periods together."""
        return counts(*self.moments(periods))


def _spread(taken: "np.typing.NDArray[np.float64]") -> float:
    """Variance of a sum of periods in units of one period's, ``taken`` of an error in each later one."""
    sums = 1.0 + np.concatenate([[0.0], np.cumsum(taken)])
    return float(sums @ sums)
