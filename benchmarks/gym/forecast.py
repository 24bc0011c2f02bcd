"""Demand per period, learned online: several memories, believed as far as they were right.

Three keep a level (the product's learner with a short, a middle and a long
half-life), two a level and a slope that fades (Brown's double smoothing, damped).
How far each may be wrong over h periods follows from what it takes of an error
into its forecasts: c_1 of it into the next period, c_2 into the one after, ... ;
of the error variance v of one period, demand over h periods together has
``v (1 + (1 + c_1)^2 + ... + (1 + c_1 + ... + c_{h-1})^2)`` (Hyndman, Koehler, Ord
and Snyder, Forecasting with Exponential Smoothing, 2008, ch. 6). Memories are
weighed by how likely what came was to each.

That is of demand that moves as they suppose. Where it moves otherwise (a trend, a
season, a shock) sums of many periods are further off than they say, though the next
period is not. So what was said is held to what came: variances over h periods grow
by how much larger squared errors over up to h periods were than said, on average.
Forecasts that overlap tell little new, so one over h periods counts as 1 / h.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.distribution import Distribution, counts

DAY = 86_400_000
STATED_PERIODS = 6
DAMPING = 0.95
HORIZON = 30
"""Periods that are forecast."""
PRIOR_ERRORS = 1.0
"""Errors as large as said that a forecast begins with. Of 1, 3 and 10 it earned most where nothing is scored."""

Array = npt.NDArray[np.float64]


class Memory(Protocol):
    """One way of learning."""

    def observe(self, units: float) -> None:
        """Learn the demand of a period."""

    def sums(self, periods: int) -> tuple[Array, Array]:
        """Means and variances of demand over the next 1, 2, ..., ``periods`` periods."""


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

    def sums(self, periods: int) -> tuple[Array, Array]:
        """The level as often as there are periods."""
        mean, variance = daily.forecast(self.demand)
        taken = np.full(periods - 1, 1.0 - 0.5 ** (1.0 / self.half_life))
        return mean * np.arange(1.0, periods + 1.0), max(variance, 1.0) * _spreads(taken)


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

    def sums(self, periods: int) -> tuple[Array, Array]:
        """The line as far as it goes, not below nothing."""
        faded = np.cumsum(DAMPING ** np.arange(1, periods + 1))
        means = np.cumsum(np.maximum(self.level + faded * self.slope, 0.0))
        variance = max(self.squares / self.weight, self.level, 1.0)
        return means, variance * _spreads(self.level_gain + self.slope_gain * faded[:-1])


@dataclass
class Forecast:
    """Demand of one market; ``stated`` is what reference data says, and counts as some periods seen."""

    stated: float
    memories: list[Memory] = field(init=False)
    likelihoods: list[float] = field(init=False)
    seen: list[float] = field(default_factory=list)
    said: list[tuple[Array, Array]] = field(default_factory=list)
    errors: Array = field(default_factory=lambda: np.zeros(HORIZON))
    counted: Array = field(default_factory=lambda: np.zeros(HORIZON))

    def __post_init__(self) -> None:
        levels: list[Memory] = [Level(self.stated, half_life) for half_life in (2.0, 6.0, 28.0)]
        self.memories = [*levels, Slope(self.stated, 6.0), Slope(self.stated, 28.0)]
        self.likelihoods = [0.0] * len(self.memories)
        self.said.append(self._mixed())

    def observe(self, units: float) -> None:
        """Learn the demand of a period, after scoring what was said of it and of the sums that end with it."""
        self.seen.append(units)
        self._score()
        for place, memory in enumerate(self.memories):
            means, variances = memory.sums(1)
            self.likelihoods[place] -= 0.5 * ((units - means[0]) ** 2 / variances[0] + math.log(variances[0]))
            memory.observe(units)
        self.said.append(self._mixed())

    def moments(self, periods: int) -> tuple[float, float]:
        """Mean and variance of demand over some periods together."""
        means, variances = self.said[-1]
        return float(means[periods - 1]), float(variances[periods - 1]) * self._further_off(periods)

    def over(self, periods: int) -> Distribution:
        """Demand over some periods together."""
        return counts(*self.moments(periods))

    def _mixed(self) -> tuple[Array, Array]:
        """As the memories have it, over 1, 2, ... periods."""
        weights = np.exp(np.array(self.likelihoods) - max(self.likelihoods))
        weights /= weights.sum()
        each = [memory.sums(HORIZON) for memory in self.memories]
        means, variances = (np.array(told) for told in zip(*each, strict=True))
        mean = weights @ means
        return mean, weights @ (variances + (means - mean) ** 2)

    def _score(self) -> None:
        """Squared errors, as shares of the variances that were said, of all sums that end with the newest period."""
        came = np.cumsum(self.seen[: -HORIZON - 1 : -1])
        for place, units in enumerate(came.tolist()):
            means, variances = self.said[-1 - place]
            weight = 1.0 / (place + 1.0)
            self.errors[place] += weight * (units - means[place]) ** 2 / max(variances[place], means[place])
            self.counted[place] += weight

    def _further_off(self, periods: int) -> float:
        """How many times larger squared errors were than was said, over as many periods or fewer; at least 1."""
        errors, counted = self.errors[:periods].sum(), self.counted[:periods].sum()
        return max(float((PRIOR_ERRORS + errors) / (PRIOR_ERRORS + counted)), 1.0)


def _spreads(taken: Array) -> Array:
    """Variances of sums of 1, 2, ... periods in units of one period's, ``taken`` of an error in each later one."""
    return np.cumsum((1.0 + np.concatenate([[0.0], np.cumsum(taken)])) ** 2)
