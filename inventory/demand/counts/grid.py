"""Bins of units, 0 to 15 one by one and then six to the doubling, and classes of means, three to the doubling.

Bin ``b`` reaches from ``EDGES[b]`` to ``EDGES[b + 1]``, half units, so that each whole number lies in one.
"""

import numpy as np

from inventory.demand.panel.arrays import Array, Index

_EXACT, _PER_DOUBLING, _DOUBLINGS = 16, 6, 20
_ABOVE = np.unique(np.ceil(_EXACT * 2.0 ** (np.arange(_DOUBLINGS * _PER_DOUBLING + 1) / _PER_DOUBLING)))
EDGES: Array = np.concatenate([np.arange(_EXACT), _ABOVE]) - 0.5
BINS = len(EDGES) - 1

_PER_DOUBLING_OF_MEANS, _LEAST, _CLASSES_OF = 3, -8, 27
CLASSES = _PER_DOUBLING_OF_MEANS * _CLASSES_OF
CENTRES: Array = 2.0 ** (_LEAST + np.arange(CLASSES) / _PER_DOUBLING_OF_MEANS)
"""Means the classes stand for, 1/256 to about 420,000."""

LARGE = 8.0
"""Means from which units are counted relative to the mean: there one unit more or less has no meaning of its own."""


def bins_of(units: Array) -> Index:
    """The bin of each; beyond the last edge the last."""
    return np.clip(np.searchsorted(EDGES, units, side="right") - 1, 0, BINS - 1)


def classes_of(mean: Array) -> tuple[Index, Array]:
    """The class whose centre is next below, and how far towards the one above, 0 to 1."""
    steps = (np.log2(np.maximum(mean, 1e-9)) - _LEAST) * _PER_DOUBLING_OF_MEANS
    bounded = np.clip(steps, 0.0, CLASSES - 1.0)
    below = np.minimum(bounded.astype(np.intp), CLASSES - 2)
    return below, bounded - below


def scale_of(mean: Array, classes: Index) -> Array:
    """What units are multiplied with before they are looked up in a class: 1 where means are small."""
    large: Array = np.where(mean >= LARGE, CENTRES[classes] / np.maximum(mean, LARGE), 1.0)
    return large
