"""Distributions around means that come from anywhere: of the next period and of the sum of several.

Of every series one sum at a time is under way: its mean is remembered, the periods are added up, and when it is over
it is counted. So the distribution of a sum holds what makes sums scatter more than independent periods would:
levels that were wrong, seasons, and periods that hang together. Adding up independent periods instead
cost more on each set of ``benchmarks.intermittent`` before its scored part: 0.4 % (parts, 3 months), 5 %
(juice, 4 weeks), 12 % (pasta, 14 days).
"""

from typing import ClassVar

import numpy as np

from inventory.demand.counts.grid import EDGES
from inventory.demand.counts.pooled import Pooled, lengths_of
from inventory.demand.counts.warps import Warps
from inventory.demand.panel.arrays import Array, Index, Mask, grown

_KEEP_POOLED, _KEEP = 0.98, 0.9
_EVEN, _EVEN_OF_SUMS = 20.0, 100.0
_ALL = slice(None)
_WARM_PERIODS = 3
"""Means of the first periods are guesses, and say nothing about shapes."""


class Shapes:
    """About 140 bytes a series."""

    KEPT: ClassVar[tuple[str, ...]] = (
        *("_pooled", "_of_period", "_of_sum"),
        *("_mean", "_units", "_periods", "_periods_left", "_periods_learned"),
    )

    def __init__(self) -> None:
        self._pooled = Pooled(_KEEP_POOLED)
        self._of_period, self._of_sum = Warps(_KEEP, _EVEN), Warps(_KEEP, _EVEN_OF_SUMS)
        self._mean, self._units = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
        self._periods, self._periods_left = np.zeros(0, dtype=np.int16), np.zeros(0, dtype=np.int16)
        self._periods_learned = 0

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._of_period.grow(n)
        self._of_sum.grow(n)
        self._mean, self._units = grown(self._mean, n), grown(self._units, n)
        self._periods, self._periods_left = grown(self._periods, n), grown(self._periods_left, n)

    def begin(self, mean: Array, periods: Index) -> Mask:
        """Means of the sums of the coming periods, (n,) both; returns whose sum begins now, (n,).

        Sums follow each other without a gap; which periods begin one is spread over the series.
        """
        turn = (np.arange(len(mean)) + self._periods_learned) % np.maximum(periods, 1) == 0
        begun: Mask = turn & (self._periods_left == 0) & (periods > 1)
        self._mean[begun], self._units[begun] = mean[begun], 0.0
        self._periods[begun] = self._periods_left[begun] = periods[begun]
        return begun

    def learn(self, mean: Array, units: Array, heard: Mask) -> tuple[Mask, Array]:
        """The mean that was forecast of a period and what came, (n,) each; once a period.

        Returns whose sum is over and what the sums came to, (n,) both. A sum of which a
        period was not ``heard`` of is given up.
        """
        over = self._add(units, heard)
        known = heard if self._periods_learned >= _WARM_PERIODS else np.zeros_like(heard)
        self._count(known, mean, units, over)
        self._periods_learned += 1
        return over, self._units.astype(np.float64)

    def quantiles(self, mean: Array, chances: Array, periods: Index, chosen: Index | slice = _ALL) -> Array:
        """Whole units of sums of so many periods, (m, k); never negative, never falling with the chance.

        Means (m,) and periods (m,) are of the ``chosen`` series, all n unless said.
        """
        single = (periods <= 1)[:, None]
        common = np.where(single, self._of_period.chances(chances, chosen), self._of_sum.chances(chances, chosen))
        return self._pooled.quantiles(lengths_of(periods), mean, common)

    def pmf(self, mean: Array, periods: Index) -> Array:
        """Chances of the bins of ``grid.EDGES``, (n, bins)."""
        lengths, single = lengths_of(periods), (periods <= 1)[:, None]
        common = np.stack([self._pooled.below(lengths, mean, np.full(len(mean), edge)) for edge in EDGES[1:-1]], axis=1)
        own = np.where(single, self._of_period.of(common), self._of_sum.of(common))
        none, all_ = np.zeros((len(mean), 1)), np.ones((len(mean), 1))
        chances: Array = np.diff(np.concatenate([none, own, all_], axis=1), axis=1)
        return chances

    def _add(self, units: Array, heard: Mask) -> Mask:
        under_way = self._periods_left > 0
        self._periods_left[under_way & ~heard] = 0
        going = under_way & heard
        self._units[going] += units[going]
        self._periods_left[going] -= 1
        over: Mask = going & (self._periods_left == 0)
        return over

    def _count(self, heard: Mask, mean: Array, units: Array, over: Mask) -> None:
        """Of periods and of sums: first where in the common shape they fell, then as part of it."""
        singles = int(heard.sum())
        lengths = np.concatenate([np.zeros(singles, dtype=np.intp), lengths_of(self._periods[over])])
        means = np.concatenate([mean[heard], self._mean[over]])
        came = np.concatenate([units[heard], self._units[over]])
        below, at_most = (self._pooled.below(lengths, means, came + half) for half in (-0.5, 0.5))
        self._of_period.learn(below[:singles], at_most[:singles], heard)
        self._of_sum.learn(below[singles:], at_most[singles:], over)
        self._pooled.learn(lengths, means, came)
