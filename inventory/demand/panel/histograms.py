"""Quantiles of histograms."""

import numpy as np

from inventory.demand.panel.arrays import Array, Index


def quantiles_of(counts: Array, centres: Array, chances: Array) -> Array:
    """Interpolated between the centres of equally wide bins: values of one histogram.

    >>> quantiles_of(np.array([1.0, 2.0, 1.0]), np.array([-1.0, 0.0, 1.0]), np.array([0.25, 0.5])).tolist()
    [-0.5, 0.0]
    """
    step = centres[1] - centres[0]
    below = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    edges = np.concatenate([centres - step / 2.0, [centres[-1] + step / 2.0]])
    values: Array = np.interp(chances, below, edges)
    return values


def places_of(counts: Array, chances: Array) -> Index:
    """The first bin at which a share of at least ``chances`` lies at or below: (..., bins) -> (..., chances)."""
    below = np.cumsum(counts, axis=-1)
    wanted = chances * below[..., -1:] * (1.0 - 1e-9)
    places = (below[..., None, :] < wanted[..., :, None]).sum(axis=-1)
    kept: Index = np.minimum(places, counts.shape[-1] - 1)
    return kept
