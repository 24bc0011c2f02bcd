"""Factors of the places of a season, of groups of series that share it."""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, added, grown


class Season:
    """Units sold over units expected by group and place, smoothed over the neighbouring places.

    factor(w) = (s(w) + trust) / (e(w) + trust), where s and e are sums of units sold and expected around w, the season
    taken as a circle: with little known it is 1. Where nothing was seen of w itself it is 1 too, however much is sold
    beside it, which may as well be a step of the level. ``keep`` is what remains of a place's sums when the place comes
    round again; ``beside`` the weight of either neighbour.
    """

    KEPT: ClassVar[tuple[str, ...]] = ("_sold", "_expected")

    def __init__(self, groups: int, places: int, *, trust: float, keep: float, beside: float) -> None:
        self._sold, self._expected = np.zeros((groups, places)), np.zeros((groups, places))
        self._trust, self._keep, self._beside = trust, keep, beside

    def grow(self, groups: int) -> None:
        """More groups at the end."""
        self._sold, self._expected = (grown(kept, groups, axis=0) for kept in (self._sold, self._expected))

    def factor(self, place: int) -> Array:
        """Of every group, (groups,)."""
        sold, expected = self._around(self._sold, place), self._around(self._expected, place)
        known = self._expected[:, place] > 0.0
        found: Array = np.where(known, (sold + self._trust) / (expected + self._trust), 1.0)
        return found

    def learn(self, place: int, of: Index, sold: Array, expected: Array) -> None:
        """Units of the series heard of in a period, and those expected of them without this season; all (m,).

        Groups of which nothing is heard neither learn nor forget.
        """
        groups = np.unique(of)
        for kept, units in ((self._sold, sold), (self._expected, expected)):
            sums = added(of, units, len(kept))
            kept[groups, place] = self._keep * kept[groups, place] + sums[groups]

    def _around(self, sums: Array, place: int) -> Array:
        places = sums.shape[1]
        beside: Array = sums[:, place - 1] + sums[:, (place + 1) % places]
        return sums[:, place] + self._beside * beside
