"""Reorder point and order-up-to level from mean and variance of demand and lead time.

Source: FORMULAS.md 3.2 (quantile form; Snyder & Shen ch. 4) and 3.3. With mean
``m = mu_D (mu_L + R)`` and variance ``v = (mu_L + R) sigma_D^2 + mu_D^2 sigma_L^2``
of demand over the protection interval, the reorder point is the smallest ``x``
with ``P(demand <= x) >= cycle service level``, demand negative binomial
(Poisson where ``v`` is about ``m``); above ``NORMAL_FROM`` units the normal
quantile with Cornish and Fisher's corrections for the negative binomial's
skewness and kurtosis, since lumpy demand is far from normal however large.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from statistics import NormalDist

import msgspec

POLICY = "quantile_reorder_point"
NORMAL_FROM = 400.0
_POISSON_MARGIN = 1.001
_FURTHEST = 1_000_000


class Levels(msgspec.Struct, frozen=True, array_like=True):
    """What the policy says: order when the position is at or below ``reorder_point``, up to ``order_up_to_level``."""

    reorder_point: int
    order_up_to_level: int
    safety_stock: float


@lru_cache(maxsize=1 << 16)
def levels(
    mean_per_day: float,
    variance_per_day: float,
    lead_time_days: float,
    lead_time_sd_days: float,
    review_period_days: float,
    order_cover_days: float,
    cycle_service_level: float,
) -> Levels:
    """The two levels, whole units.

    >>> levels(2, 4, 7, 2, 0, 7, 0.95).reorder_point, levels(2, 4, 7, 2, 7, 7, 0.95).reorder_point
    (26, 43)
    >>> levels(0.3, 0.36, 7, 2, 0, 7, 0.95).reorder_point, levels(10, 25, 7, 2, 0, 7, 0.95).reorder_point
    (5, 113)
    """
    interval = lead_time_days + review_period_days
    mean = mean_per_day * interval
    variance = interval * variance_per_day + (mean_per_day * lead_time_sd_days) ** 2
    point = quantile(mean, variance, cycle_service_level)
    batch = max(math.ceil(mean_per_day * order_cover_days), 1) if mean > 0.0 else 0
    return Levels(point, point + batch, point - mean)


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
