"""How far demand over whole protection intervals ends up from its forecast.

Always one forecast per series is under way: made, added up against day by day, and compared when its interval
is over. With mean ``m`` and outcome ``y`` the overdispersion of a negative binomial (variance ``m + phi m^2``)
is learned from ``e = clip(((y - m)^2 - m) / (m (1 + m)), -1, 2)`` as ``phi = sum(w e) / sum(w m / (1 + m))``, older
intervals weighing less, by size of the forecast and pulled from there to each series' own. So it holds
everything that makes sums scatter: days that hang together, and levels and seasons that were guessed wrong.

Method of moments as for the negative binomial of Fisher (1941), with weights of its variance; see
the study in FORMULAS.md 3.2 for what the distribution is used for.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown

_KEEP, _KEEP_POOLED = 0.97, 0.999
_OWN_INTERVALS = 8.0
CLASSES = 12
_FIRST_PHI, _FIRST_WEIGHT = 0.3, 20.0
_LEAST_PHI, _MOST_PHI = 0.001, 5.0
_LEAST_MEAN = 0.05
_CLIP = 2.0
"""Chosen on 200 days of a twelfth of M5; a few promotions would otherwise widen everything."""


class IntervalErrors:
    """Overdispersion of n series; sizes of forecasts double from class to class."""

    KEPT: ClassVar[tuple[str, ...]] = (
        "_mean",
        "_variance",
        "_days_left",
        "_actual",
        "_excess",
        "_weight",
        "_pooled_excess",
        "_pooled_weight",
    )

    def __init__(self) -> None:
        self._mean, self._variance, self._actual = np.zeros((3, 0), dtype=np.float32)
        self._days_left = np.zeros(0, dtype=np.int32)
        self._excess, self._weight = np.zeros((2, 0), dtype=np.float32)
        self._pooled_weight = np.full(CLASSES, _FIRST_WEIGHT)
        self._pooled_excess = np.full(CLASSES, _FIRST_PHI * _FIRST_WEIGHT)

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._mean, self._variance = grown(self._mean, n), grown(self._variance, n)
        self._actual = grown(self._actual, n)
        self._days_left = grown(self._days_left, n)
        self._excess, self._weight = grown(self._excess, n), grown(self._weight, n)

    def learn(self, demand: Array, heard: Mask, closed: Mask) -> Mask:
        """A day's demand (n,); returns whose interval is over, (n,).

        A forecast of which a day was not heard of is given up, unless it was one on which the place was expected to be
        ``closed`` (n,), and was: that passes, and nothing was asked for.
        """
        under_way = self._days_left > 0
        self._days_left[under_way & ~heard & ~closed] = 0
        going = under_way & (heard | closed)
        self._actual[going] += (demand * heard)[going]
        self._days_left[going] -= 1
        over: Mask = going & (self._days_left == 0)
        self._compare(over)
        return over

    def begin(self, mean: Array, variance: Array, days: Index) -> Mask:
        """Forecasts of the coming intervals and their days, (n,) each, for those with none under way."""
        free: Mask = (self._days_left == 0) & (mean >= _LEAST_MEAN)
        self._mean[free], self._variance[free] = mean[free], variance[free]
        self._days_left[free], self._actual[free] = days[free], 0.0
        return free

    def ended(self, over: Mask) -> tuple[Array, Array, Array]:
        """Means and variances of intervals that are over, and what came of them."""
        mean, variance, actual = (kept[over].astype(np.float64) for kept in (self._mean, self._variance, self._actual))
        return mean, variance, actual

    def overdispersion(self, mean: Array) -> Array:
        """``phi`` of forecasts, (n,)."""
        pooled = (self._pooled_excess / self._pooled_weight)[size_class(mean)]
        own = (self._excess + _OWN_INTERVALS * pooled) / (self._weight + _OWN_INTERVALS)
        bounded: Array = np.clip(own, _LEAST_PHI, _MOST_PHI)
        return bounded

    def _compare(self, over: Mask) -> None:
        mean, _, actual = self.ended(over)
        excess = np.clip(((actual - mean) ** 2 - mean) / (mean * (1.0 + mean)), -1.0, _CLIP)
        weight = mean / (1.0 + mean)
        self._excess[over] = _KEEP * self._excess[over] + excess
        self._weight[over] = _KEEP * self._weight[over] + weight
        keep = _KEEP_POOLED ** np.bincount(size_class(mean), minlength=CLASSES)
        self._pooled_excess = keep * self._pooled_excess + np.bincount(size_class(mean), excess, CLASSES)
        self._pooled_weight = keep * self._pooled_weight + np.bincount(size_class(mean), weight, CLASSES)


def size_class(mean: Array) -> Index:
    """Class 0 up to a quarter of a unit, then up to a half, 1, 2, ..., the last beyond 256."""
    steps = np.floor(np.log2(np.maximum(mean, 1e-9))) + 3.0
    return np.clip(steps, 0, CLASSES - 1).astype(np.intp)
