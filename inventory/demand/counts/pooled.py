"""The distribution of units around a mean, as all series together have shown it.

Decayed histograms by length of the sum and by class of its mean; what came is counted in the two classes
next to its mean, and what is asked is mixed from them, so that nothing jumps where a class ends.
"""

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.stats import nbinom

from inventory.demand.counts.grid import BINS, CENTRES, CLASSES, EDGES, LARGE, bins_of, classes_of, scale_of
from inventory.demand.panel.arrays import Array, Index

LENGTHS = 7
"""One period, 2, 3 to 4, 5 to 8, ..., more than 32."""
_FIRST_SHAPES, _FIRST_OVERDISPERSION = 5.0, 0.4


def lengths_of(periods: npt.NDArray[np.signedinteger]) -> Index:
    """Class of a sum of so many periods.

    >>> lengths_of(np.array([1, 2, 3, 4, 5, 100])).tolist()
    [0, 1, 2, 2, 3, 6]
    """
    lengths: Index = np.minimum(np.ceil(np.log2(np.maximum(periods, 1))), LENGTHS - 1).astype(np.intp)
    return lengths


class Pooled:
    """Starts as a negative binomial that counts as five outcomes."""

    KEPT: ClassVar[tuple[str, ...]] = ("_counts",)

    def __init__(self, keep: float) -> None:
        """``keep``: what a count is worth a period later."""
        self._keep = keep
        self._counts = np.tile(_FIRST_SHAPES * _first_shapes(), (LENGTHS, 1, 1))
        self._cumulated_of = self._shares = np.zeros(0)

    def learn(self, lengths: Index, mean: Array, units: Array) -> None:
        """Sums of so many periods, their means and what came, all (m,); once a period, m may be 0."""
        below, towards = classes_of(mean)
        seen = np.zeros(self._counts.size)
        for classes, weight in ((below, 1.0 - towards), (below + 1, towards)):
            bins = bins_of(units * scale_of(mean, classes))
            seen += np.bincount((lengths * CLASSES + classes) * BINS + bins, weight, self._counts.size)
        self._counts = self._keep * self._counts + seen.reshape(self._counts.shape)

    def below(self, lengths: Index, mean: Array, units: Array) -> Array:
        """Chance of fewer units, (m,); half units separate whole ones."""
        below, towards = classes_of(mean)
        return (1.0 - towards) * self._below(lengths, mean, below, units) + towards * self._below(
            lengths, mean, below + 1, units
        )

    def quantiles(self, lengths: Index, mean: Array, chances: Array) -> Array:
        """Whole units that are not exceeded with chances (m, k), of means (m,)."""
        below, towards = classes_of(mean)
        low, share = (lengths * CLASSES + below)[:, None], towards[:, None]
        places = self._inverse(low, share, chances)
        large = np.flatnonzero(mean >= LARGE)
        if len(large):
            mean, below = mean[large], below[large]
            places[large] = sum(
                weight * self._inverse(low[large] + step, np.zeros(1), chances[large])
                / scale_of(mean, below + step)[:, None]
                for step, weight in ((0, 1.0 - share[large]), (1, share[large]))
            )  # fmt: skip
        whole: Array = np.maximum(np.ceil(places - 0.5 - 1e-6), 0.0)
        return whole

    def _below(self, lengths: Index, mean: Array, classes: Index, units: Array) -> Array:
        place = units * scale_of(mean, classes)
        bins = bins_of(place)
        into = np.clip((place - EDGES[bins]) / np.diff(EDGES)[bins], 0.0, 1.0)
        table = self._cumulated()
        low = table[lengths, classes, bins]
        between: Array = low + into * (table[lengths, classes, bins + 1] - low)
        return between

    def _inverse(self, row: Index, share: Array, chances: Array) -> Array:
        """Where the mixture of a row and the one after it reaches chances (m, k), in units; by bisection."""
        table = self._cumulated().reshape(-1, BINS + 1)
        low, high = np.zeros(chances.shape, dtype=np.intp), np.full(chances.shape, BINS)
        chances = chances * (1.0 - 1e-9)
        for _ in range(BINS.bit_length()):
            middle = (low + high) // 2
            short = _mixed(table, row, share, middle) < chances
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        high = np.maximum(high, 1)
        at_low, at_high = _mixed(table, row, share, high - 1), _mixed(table, row, share, high)
        into = np.clip((chances - at_low) / np.maximum(at_high - at_low, 1e-12), 0.0, 1.0)
        places: Array = EDGES[high - 1] + into * np.diff(EDGES)[high - 1]
        return places

    def _cumulated(self) -> Array:
        """(lengths, classes, edges), from 0 to 1."""
        if self._cumulated_of is not self._counts:
            self._cumulated_of, sums = self._counts, np.cumsum(self._counts, axis=-1)
            self._shares = np.concatenate([np.zeros((*sums.shape[:2], 1)), sums / sums[..., -1:]], axis=-1)
        return self._shares


def _mixed(table: Array, row: Index, share: Array, edge: Index) -> Array:
    mixed: Array = (1.0 - share) * table[row, edge] + share * table[row + (share > 0.0), edge]
    return mixed


def _first_shapes() -> Array:
    """Negative binomials of variance ``m + phi m^2``, (classes, bins)."""
    size = 1.0 / _FIRST_OVERDISPERSION
    below = nbinom.cdf(EDGES[None, 1:], size, size / (size + CENTRES[:, None]))
    shapes = np.diff(np.concatenate([np.zeros((CLASSES, 1)), below], axis=1), axis=1)
    return np.asarray(shapes / shapes.sum(axis=1, keepdims=True))
