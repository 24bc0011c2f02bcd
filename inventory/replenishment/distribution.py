"""Demand in whole units as probabilities of 0, 1, ..., K units.

Everything the policies ask for follows from the probabilities exactly: moments,
quantiles, expected shortage and leftover, sums (convolution) and mixtures over
random lead times. The few probabilities beyond K, less than ``TAIL`` together,
are counted at K. Demand of very many units is counted in lots of several (``lot_of``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy import fft, special

Array = npt.NDArray[np.float64]

TAIL = 1e-12
POISSON_MARGIN = 1.001
MOST_EXPECTED = 50_000.0
"""Where more units are expected, or four times as many spoken of at all, several are counted as one."""
_MOST_DIRECTLY = 1 << 22
"""Products of a convolution that are summed one by one."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Demand D with ``pmf[x] = P(D = x)``; the probabilities sum to 1.

    >>> die = Distribution(np.full(6, 1 / 6))
    >>> die.mean, die.quantile(0.5), round(die.shortage(3), 9), round(die.leftover(3), 9)
    (2.5, 2, 0.5, 1.0)
    """

    pmf: Array

    @cached_property
    def cdf(self) -> Array:
        """``cdf[x] = P(D <= x)``; the last is exactly 1."""
        total = np.cumsum(self.pmf)
        total[-1] = 1.0
        return np.minimum(total, 1.0)

    @cached_property
    def survival(self) -> Array:
        """``survival[x] = P(D > x)``, summed from the far end, so that small ones are right too."""
        return np.append(np.cumsum(self.pmf[:0:-1])[::-1], 0.0)

    @cached_property
    def shortages(self) -> Array:
        """``shortages[x] = E[(D - x)+]`` for x = 0, ..., K."""
        return np.append(np.cumsum(self.survival[-2::-1])[::-1], 0.0)

    @cached_property
    def mean(self) -> float:
        """E[D]."""
        return float(self.pmf @ np.arange(len(self.pmf)))

    @cached_property
    def variance(self) -> float:
        """Var[D]."""
        away = np.arange(len(self.pmf)) - self.mean
        return float(self.pmf @ (away * away))

    @property
    def most(self) -> int:
        """K, the largest number of units it speaks of."""
        return len(self.pmf) - 1

    def quantile(self, probability: float) -> int:
        """Smallest ``x`` with ``P(D <= x) >= probability``.

        A probability that is reached but for rounding (1e-12) counts as reached.
        """
        return int(np.searchsorted(self.cdf, probability - TAIL))

    def at_least(self, units: int) -> float:
        """P(D >= units)."""
        if units <= 0:
            return 1.0
        return float(self.survival[units - 1]) if units <= self.most else 0.0

    def shortage(self, units: int) -> float:
        """E[(D - units)+], the loss function; a negative ``units`` is demand already waiting."""
        if units < 0:
            return self.mean - units
        return float(self.shortages[units]) if units <= self.most else 0.0

    def leftover(self, units: int) -> float:
        """E[(units - D)+], the complementary loss function."""
        return units - self.mean + self.shortage(units)

    def plus(self, other: "Distribution") -> "Distribution":
        """The sum of two independent demands."""
        return trimmed(convolved(self.pmf, other.pmf))

    def less(self, other: "Distribution") -> "Distribution":
        """``(D - other)+``: what is left of a random stock after a demand, under lost sales."""
        difference = convolved(self.pmf, other.pmf[::-1])
        left = difference[other.most :].copy()
        left[0] += difference[: other.most].sum()
        return trimmed(left)

    def raised(self, units: int) -> "Distribution":
        """``D + units``."""
        return Distribution(np.concatenate([np.zeros(units), self.pmf])) if units else self


NOTHING = Distribution(np.ones(1))


def trimmed(pmf: Array) -> Distribution:
    """Probabilities cut where less than ``TAIL`` is left, made to sum to 1."""
    kept = np.maximum(pmf, 0.0)
    beyond = np.cumsum(kept[::-1])[::-1]
    last = int(np.searchsorted(-beyond, -TAIL * beyond[0])) - 1
    kept = kept[: max(last, 0) + 1]
    return Distribution(kept / kept.sum())


def convolved(left: Array, right: Array) -> Array:
    """Their convolution in full; by Fourier's transform where the sums would be many."""
    if len(left) * len(right) <= _MOST_DIRECTLY:
        return np.convolve(left, right)
    size = len(left) + len(right) - 1
    width = fft.next_fast_len(size, real=True)
    product: Array = fft.irfft(fft.rfft(left, width) * fft.rfft(right, width), width)[:size]
    return product


def reach_of(mean: float, variance: float) -> float:
    """Units that demand of this mean and variance (``counts``) all but surely stays below."""
    ratio = variance / mean if mean > 0.0 else 1.0
    return mean + 12.0 * math.sqrt(max(variance, mean)) + 40.0 * max(ratio, 1.0)


def lot_of(mean: float, variance: float, most_expected: float = MOST_EXPECTED) -> int:
    """Units to count as one, so that a distribution takes a bounded time and memory whatever the demand.

    >>> lot_of(40_000, 80_000), lot_of(7e6, 7e6), lot_of(1.0, 1e6)
    (1, 140, 201)
    """
    return max(int(mean / most_expected), math.ceil(reach_of(mean, variance) / (4.0 * most_expected)), 1)


def counts(mean: float, variance: float) -> Distribution:
    """Negative binomial of this mean and variance; Poisson where the variance is no larger than the mean.

    >>> counts(14, 84).quantile(0.95), counts(0, 0).most
    (32, 0)
    """
    if mean <= 0.0:
        return NOTHING
    ratio = variance / mean
    x = np.arange(int(reach_of(mean, variance)) + 2, dtype=np.float64)
    if ratio <= POISSON_MARGIN:
        return trimmed(np.exp(special.xlogy(x, mean) - mean - special.gammaln(x + 1.0)))
    size = mean / (ratio - 1.0)
    steps = special.gammaln(x + size) - special.gammaln(size) - special.gammaln(x + 1.0)
    return trimmed(np.exp(steps - size * np.log(ratio) + x * np.log1p(-1.0 / ratio)))


def exactly(units: int) -> Distribution:
    """A stock that is known."""
    return NOTHING.raised(units)


def poisson(mean: float) -> Distribution:
    """Poisson demand."""
    return counts(mean, mean)


def from_samples(units: Sequence[int], weights: Sequence[float] | None = None) -> Distribution:
    """What was seen, each with its weight (1 unless told)."""
    return trimmed(np.bincount(units, weights).astype(np.float64))


def from_quantiles(probabilities: Sequence[float], values: Sequence[float]) -> Distribution:
    """Demand whose quantile at every given probability is the given value, rounded up.

    Both ascending, values from 0. Between them the distribution function is
    straight; beyond the last it falls off exponentially, as from the last but one
    distinct value to the last.

    >>> demand = from_quantiles([0.1, 0.5, 0.9], [0, 4, 9.5])
    >>> [demand.quantile(p) for p in (0.1, 0.5, 0.9)]
    [0, 4, 10]
    """
    reached = {-1.0: 0.0}
    for value, probability in zip(values, probabilities, strict=True):
        reached[float(value)] = float(probability)
    places, levels = list(reached), list(reached.values())
    span = (places[-1] - places[-2]) / np.log((1.0 - levels[-2]) / (1.0 - levels[-1]))
    reach = places[-1] + span * np.log((1.0 - levels[-1]) / TAIL)
    x = np.arange(int(reach) + 2, dtype=np.float64)
    beyond = 1.0 - (1.0 - levels[-1]) * np.exp(-np.maximum(x - places[-1], 0.0) / span)
    cdf = np.where(x <= places[-1], np.interp(x, places, levels), beyond)
    return trimmed(np.diff(cdf, prepend=0.0))


def mixture(weights: Sequence[float], parts: Sequence[Distribution]) -> Distribution:
    """One of the parts, drawn with these weights."""
    pmf = np.zeros(max(part.most for part in parts) + 1)
    for weight, part in zip(weights, parts, strict=True):
        pmf[: part.most + 1] += weight * part.pmf
    return trimmed(pmf)


def over_days(daily: Distribution, weights: Sequence[float]) -> Distribution:
    """Demand over a random number of days, ``weights[n]`` the probability of n; days independent and alike."""
    sums = [NOTHING]
    for _ in weights[1:]:
        sums.append(sums[-1].plus(daily))
    return mixture(weights, sums)


def normal_shortage(units: float, mean: float, sd: float) -> float:
    """E[(D - units)+] of a normal demand: ``sd G(k)``, ``G(k) = phi(k) - k (1 - Phi(k))`` (FORMULAS.md 3.5).

    >>> round(normal_shortage(55, 50, 8), 6)
    1.29536
    """
    k = (units - mean) / sd
    return sd * (NormalDist().pdf(k) - k * (1.0 - NormalDist().cdf(k)))
