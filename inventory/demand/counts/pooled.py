"""The distribution of units around a mean, as all series together have shown it.

Decayed histograms by length of the sum and by class of its mean; what came is counted in the two classes
next to its mean, and what is asked is mixed from them, so that nothing jumps where a class ends.
"""

from typing import ClassVar

import numpy as np
from scipy.stats import nbinom

from inventory.demand.counts.grid import BINS, CENTRES, CLASSES, EDGES, LARGE, bins_of, classes_of, scale_of
from inventory.demand.panel.arrays import Array, Index

LENGTHS = 7
"""One period, 2, 3 to 4, 5 to 8, ..., more than 32."""
_FIRST_SHAPES, _FIRST_OVERDISPERSION = 5.0, 0.4
_AT_ONCE = 8192


def lengths_of(periods: Index) -> Index:
    """Class of a sum of so many periods.

    >>> lengths_of(np.array([1, 2, 3, 4, 5, 100])).tolist()
    [0, 1, 2, 2, 3, 6]
    """
    return np.minimum(np.ceil(np.log2(np.maximum(periods, 1))), LENGTHS - 1).astype(np.intp)


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
        found = np.empty(chances.shape)
        for start in range(0, len(mean), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = self._quantiles(lengths[part], mean[part], chances[part])
        return found

    def _below(self, lengths: Index, mean: Array, classes: Index, units: Array) -> Array:
        place = units * scale_of(mean, classes)
        bins = bins_of(place)
        into = np.clip((place - EDGES[bins]) / np.diff(EDGES)[bins], 0.0, 1.0)
        table = self._cumulated()
        low = table[lengths, classes, bins]
        between: Array = low + into * (table[lengths, classes, bins + 1] - low)
        return between

    def _quantiles(self, lengths: Index, mean: Array, chances: Array) -> Array:
        below, towards = classes_of(mean)
        table, share = self._cumulated(), towards[:, None]
        low, high = table[lengths, below], table[lengths, below + 1]
        large = mean >= LARGE
        places = _inverse((1.0 - share) * low + share * high, chances)
        if large.any():
            two = (
                _inverse(rows[large], chances[large]) / scale_of(mean, classes)[large, None]
                for rows, classes in ((low, below), (high, below + 1))
            )
            places[large] = (1.0 - share[large]) * next(two) + share[large] * next(two)
        return np.maximum(np.ceil(places - 0.5 - 1e-6), 0.0)

    def _cumulated(self) -> Array:
        """(lengths, classes, edges), from 0 to 1."""
        if self._cumulated_of is not self._counts:
            self._cumulated_of, sums = self._counts, np.cumsum(self._counts, axis=-1)
            self._shares = np.concatenate([np.zeros((*sums.shape[:2], 1)), sums / sums[..., -1:]], axis=-1)
        return self._shares


def _inverse(table: Array, chances: Array) -> Array:
    """Where rows (m, edges) that rise from 0 to 1 reach chances (m, k), in units."""
    reached = (table[:, None, 1:] < chances[:, :, None] * (1.0 - 1e-9)).sum(axis=-1)
    bins = np.minimum(reached, BINS - 1)
    low, high = np.take_along_axis(table, bins, 1), np.take_along_axis(table, bins + 1, 1)
    into = np.clip((chances - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
    return EDGES[bins] + into * np.diff(EDGES)[bins]


def _first_shapes() -> Array:
    """Negative binomials of variance ``m + phi m^2``, (classes, bins)."""
    size = 1.0 / _FIRST_OVERDISPERSION
    below = nbinom.cdf(EDGES[None, 1:], size, size / (size + CENTRES[:, None]))
    shapes = np.diff(np.concatenate([np.zeros((CLASSES, 1)), below], axis=1), axis=1)
    return np.asarray(shapes / shapes.sum(axis=1, keepdims=True))
