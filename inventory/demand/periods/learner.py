"""Demand of n series by the period: a level each, a season of all, a departure from it by store.

Once a period: ``forecast`` as wanted, then ``learn``. Nothing looks at anything but what was learned before.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.demand.periods.levels import SeasonalLevels
from inventory.demand.periods.scatter import Scatter
from inventory.demand.periods.season import Season

_LEAST_SEEN = 4.0


class Expected(NamedTuple):
    """Of the periods ahead, (n, h) each; series and periods independent."""

    mean: Array
    variance: Array


class PeriodDemand:
    """``group`` and ``store`` (n,) number the series' departments and stores from 0; a season has ``places``."""

    KEPT: ClassVar[tuple[str, ...]] = ("_levels", "_season", "_by_store", "_scatter")

    def __init__(self, group: Index, store: Index, places: int = 52) -> None:
        self._store = store
        self._levels = SeasonalLevels(group, _count(group))
        self._season = Season(1, places, trust=40.0, keep=0.7, beside=0.5)
        self._by_store = Season(_count(store), places, trust=100.0, keep=0.5, beside=1.0)
        self._scatter = Scatter(len(group))

    def grow(self, group: Index, store: Index) -> None:
        """More series at the end, the others as before; they begin like the others of their group."""
        self._store = store
        self._levels.grow(group, _count(group))
        self._by_store.grow(_count(store))
        self._scatter.grow(len(group))

    def forecast(self, places: Sequence[int]) -> Expected:
        """Of the periods with these places in the season."""
        level = self._levels.quick()
        mean = np.stack([level * self._factor(place) for place in places], axis=1)
        return Expected(mean, mean + self._scatter.phi()[:, None] * mean * mean)

    def learn(self, place: int, units: Array, heard: Mask | None = None) -> None:
        """Units of a period, (n,); NaN and series not ``heard`` of (out of stock) teach nothing, below 0 is 0.

        Levels learn against the season as it was known before: what all do for the first time is a level's step too.
        """
        heard = np.isfinite(units) if heard is None else heard & np.isfinite(units)
        units = np.maximum(np.where(heard, units, 0.0), 0.0)
        self._scatter.learn(self.forecast([place]).mean[:, 0], units, heard)
        shared = np.broadcast_to(self._season.factor(place), units.shape)
        self._learn_season(place, units, heard)
        self._levels.learn(units, shared, heard)

    def _learn_season(self, place: int, units: Array, heard: Mask) -> None:
        """Series whose level is hardly known do not tell of the season; of all, each counts by its precision."""
        known = np.flatnonzero(heard & (self._levels.seen > _LEAST_SEEN))
        slow = self._levels.slow()[known]
        weight = 1.0 / (1.0 + self._scatter.of_all() * slow)
        self._season.learn(place, np.zeros(len(known), dtype=np.intp), weight * units[known], weight * slow)
        expected = slow * self._season.factor(place)
        self._by_store.learn(place, self._store[known], units[known], expected)

    def _factor(self, place: int) -> Array:
        """Season of all and half the departure of the store, (n,)."""
        departure = (1.0 + self._by_store.factor(place)[self._store]) / 2.0
        found: Array = self._season.factor(place) * departure
        return found


def _count(of: Index) -> int:
    return int(of.max(initial=-1)) + 1
