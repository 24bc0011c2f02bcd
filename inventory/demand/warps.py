"""How each series departs from forecasts of its size: a decayed histogram of where in them outcomes fell.

If F is the common distribution, an outcome ``y`` spreads its count evenly between ``F(y - 1)`` and ``F(y)``
(Czado, Gneiting and Held, *Predictive model assessment for count data*, Biometrics 2009, section 2). With the
distribution G of these places, shrunk to an even one, the series' own distribution is ``G(F(y))``,
so its quantile is F's at the chance ``G^-1(q)``. A series whose level is off, that sells
in pairs or is dying shows it there, however large it is.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown

_EDGES = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 1.0], dtype=np.float32)
_WIDTHS = np.diff(_EDGES)


class Warps:
    """36 bytes a series."""

    KEPT: ClassVar[tuple[str, ...]] = ("_counts",)

    def __init__(self, keep: float, even: float) -> None:
        """``keep``: what an outcome is worth after the next; ``even``: outcomes that an even shape counts as."""
        self._keep, self._even = np.float32(keep), even
        self._counts = np.zeros((0, len(_WIDTHS)), dtype=np.float32)

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._counts = grown(self._counts, n, axis=0)

    def learn(self, below: Array, at_most: Array, heard: Mask) -> None:
        """Common chances of less than what came and of that or less, (m,) both, of the m of n ``heard`` of."""
        low, high = below[:, None].astype(np.float32), at_most[:, None].astype(np.float32)
        covered = np.clip((_EDGES - low) / np.maximum(high - low, np.float32(1e-7)), np.float32(0), np.float32(1))
        covered[:, -1] = 1.0  # what lies beyond the last level has no width to be spread over
        self._counts[heard] = self._keep * self._counts[heard] + np.diff(covered, axis=1)

    def chances(self, chances: Array, chosen: Index) -> Array:
        """What chances (m, k) of the ``chosen`` series (m,) are in the common shape, (m, k)."""
        reach = self._reach(chosen)
        bins = np.minimum((reach[:, None, 1:] < chances[:, :, None]).sum(axis=-1), len(_WIDTHS) - 1)
        low, high = np.take_along_axis(reach, bins, 1), np.take_along_axis(reach, bins + 1, 1)
        into = np.clip((chances - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        found: Array = _EDGES[bins].astype(np.float64) + into * _WIDTHS[bins]
        return found

    def _reach(self, chosen: Index) -> Array:
        """(m, edges), from 0 to 1."""
        sums = np.cumsum(self._counts[chosen] + self._even * _WIDTHS, axis=1, dtype=np.float64)
        return np.concatenate([np.zeros((len(sums), 1)), sums / sums[:, -1:]], axis=1)
