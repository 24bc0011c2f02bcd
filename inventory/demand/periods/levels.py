"""What a period without season sells: a level that forgets slowly, and a quick one drawn to it."""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, added, grown, ratio

_SLOW, _QUICK = 0.985, 0.85
_TRUST_IN_GROUP, _TRUST_IN_SLOW = 1.0, 8.0


class SeasonalLevels:
    """Decayed units over decayed season factors; series without a past have the level of their group."""

    KEPT: ClassVar[tuple[str, ...]] = ("_sold", "_seen", "_lately_sold", "_lately_seen")

    def __init__(self, of: Index, groups: int) -> None:
        """``of`` (n,): the group of each series."""
        self._sold, self._seen, self._lately_sold, self._lately_seen = np.zeros((4, 0), dtype=np.float32)
        self.grow(of, groups)

    def grow(self, of: Index, groups: int) -> None:
        """More series at the end; the others must be as before."""
        self._of, self._groups = of, groups
        for name in self.KEPT:
            setattr(self, name, grown(getattr(self, name), len(of)))

    @property
    def seen(self) -> Array:
        """Periods of an ordinary season behind the slow level, decayed, (n,)."""
        return self._seen.astype(np.float64)

    def slow(self) -> Array:
        """(n,)"""
        sold, seen = self._sold.astype(np.float64), self._seen.astype(np.float64)
        of_group = ratio(self._group_sum(sold), self._group_sum(seen))
        found: Array = (sold + _TRUST_IN_GROUP * of_group[self._of]) / (seen + _TRUST_IN_GROUP)
        return found

    def quick(self) -> Array:
        """(n,)"""
        found: Array = (self._lately_sold + _TRUST_IN_SLOW * self.slow()) / (self._lately_seen + _TRUST_IN_SLOW)
        return found

    def learn(self, units: Array, factor: Array, heard: Mask) -> None:
        """Units of a period and its season factor, (n,); series not heard of neither learn nor forget."""
        for kept, value, keep in (
            (self._sold, units, _SLOW),
            (self._seen, factor, _SLOW),
            (self._lately_sold, units, _QUICK),
            (self._lately_seen, factor, _QUICK),
        ):
            kept[heard] = keep * kept[heard] + value[heard]

    def _group_sum(self, values: Array) -> Array:
        return added(self._of, values, self._groups)
