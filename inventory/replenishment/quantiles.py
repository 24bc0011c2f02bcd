"""Quantiles of demand over the protection interval, from its mean and variance (FORMULAS.md 3.2).

Negative binomial, Poisson where the variance is about the mean; above ``NORMAL_FROM``
units the normal quantile with Cornish and Fisher's corrections for the negative
binomial's skewness and kurtosis, since lumpy demand is far from normal however large.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import NormalDist

NORMAL_FROM = 400.0
_POISSON_MARGIN = 1.001
_FURTHEST = 1_000_000


def quantile(mean: float, variance: float, probability: float) -> int:
    """Smallest whole ``x`` with ``P(demand <= x) >= probability``; 0 for no demand."""
    return quantiles(mean, variance, (probability,))[0]


def quantiles(mean: float, variance: float, probabilities: Sequence[float]) -> list[int]:
    """``quantile`` of each of the probabilities, which rise.

    >>> quantiles(2.0, 2.0, (0.1, 0.5, 0.95))
    [0, 2, 5]
    """
    if mean <= 0.0:
        return [0] * len(probabilities)
    if mean > NORMAL_FROM:
        return [_normal_quantile(mean, max(variance, mean), probability) for probability in probabilities]
    poisson = variance <= mean * _POISSON_MARGIN
    terms = _poisson(mean) if poisson else _negative_binomial(mean, variance)
    total, x, found = next(terms), 0, []
    for probability in probabilities:
        while total < probability and x < _FURTHEST:
            total += next(terms)
            x += 1
        found.append(x)
    return found


def _normal_quantile(mean: float, variance: float, probability: float) -> int:
    """Cornish-Fisher expansion; third cumulant ``v (2 v/m - 1)``, fourth ``v (1 + 6 d (1 + d))``, ``d = v/m - 1``."""
    z, sd, ratio = NormalDist().inv_cdf(probability), math.sqrt(variance), variance / mean
    skewness = (2.0 * ratio - 1.0) / sd
    kurtosis = (1.0 + 6.0 * (ratio - 1.0) * ratio) / variance
    bent = z + (z * z - 1.0) * skewness / 6.0 + (z**3 - 3.0 * z) * kurtosis / 24.0
    bent -= (2.0 * z**3 - 5.0 * z) * skewness * skewness / 36.0
    return math.ceil(mean + bent * sd - 0.5)


def _poisson(mean: float) -> Iterator[float]:
    """Probabilities of 0, 1, 2, ... units."""
    term = math.exp(-mean)
    for x in count(1):
        yield term
        term *= mean / x


def _negative_binomial(mean: float, variance: float) -> Iterator[float]:
    """Probabilities of 0, 1, 2, ... units."""
    size = mean * mean / (variance - mean)
    failure = mean / (size + mean)
    term = math.exp(size * math.log1p(-failure))
    for x in count(1):
        yield term
        term *= (x - 1 + size) / x * failure
