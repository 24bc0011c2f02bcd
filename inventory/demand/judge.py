"""How good the forecasts are, judged day by day before anything is learned of the day.

Three levels: SKU and location over a day, category and location over a day, SKU and location over the protection
interval, the last with quantiles. Days on which stock-outs hid demand do not count for the first. What is learned
here: at which levels quantiles cover what they say, by size of the forecast (``conformal``) and as each series departs
from those of its size (``warps``), and which categories have left their forecasts (``drift``).
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand import conformal, negative_binomial, quality
from inventory.demand.drift import Drift, Drifted
from inventory.demand.intervals import CLASSES, size_class
from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.demand.quality import Sums
from inventory.demand.warps import Warps

COVERAGES = (0.05, 0.25, 0.5, 0.8, 0.9, 0.95, 0.98)
SKU_DAY, CATEGORY_DAY, SKU_INTERVAL = "sku-location-day", "category-location-day", "sku-location-interval"
ONE_DAY, INTERVAL = "1 day", "protection interval"
_ENOUGH_UNITS = 2.0
_WEEK = 7
_KEEP, _EVEN = 0.97, 50.0
"""Chosen on M5; from 0.95 and 50 to 0.98 and 100 it makes no difference."""


class Quality(NamedTuple):
    """Sums of one level at one location (its number in the register)."""

    level: str
    horizon: str
    location: int
    sums: Sums


class Interval(NamedTuple):
    """Protection intervals that ended, (n,) each: forecast mean and variance, and what came."""

    mean: Array
    variance: Array
    units: Array


class Judge:
    """Judges n series of a register."""

    KEPT: ClassVar[tuple[str, ...]] = ("_scales", "_conformal", "_warps", "_drift")

    def __init__(self) -> None:
        self._scales = quality.new_scales(_WEEK)
        self._conformal = conformal.new(CLASSES)
        self._drift = Drift()
        self._warps = Warps(_KEEP, _EVEN)

    def grow(self, n: int) -> None:
        """More series at the end."""
        quality.grow_scales(self._scales, n)
        self._warps.grow(n)

    def of_day(self, units: Array, forecast: Array, known: Mask, location: Index, locations: int) -> list[Quality]:
        """Of SKUs on a day, (n,), where ``known``; then the day is learned as a naive forecast's."""
        sums = quality.score_groups(units, forecast, location, locations, scales=self._scales, known=known)
        quality.learn_scales(self._scales, units)
        return _qualities(SKU_DAY, ONE_DAY, sums)

    def of_pairs(
        self, day: int, names: Sequence[str], location: Index, units: Array, forecast: Array, locations: int
    ) -> tuple[list[Quality], list[Drifted]]:
        """Of categories in locations on a day, (pairs,); names are those drift is told by."""
        sums = quality.score_groups(units, forecast, location, locations)
        enough = forecast >= _ENOUGH_UNITS
        standard = (units - forecast) / np.sqrt(np.maximum(forecast, 1.0))
        told = [(name, float(z)) for name, z, seen in zip(names, standard, enough, strict=True) if seen]
        return _qualities(CATEGORY_DAY, ONE_DAY, sums), self._drift.learn(day, told)

    def of_intervals(self, day: int, over: Mask, ended: Interval, location: Index, locations: int) -> list[Quality]:
        """Of those of the n series whose intervals ended on a day, (m,); then coverage is learned from them."""
        if not len(ended.mean):
            return []
        read = self.levels(np.flatnonzero(over), ended.mean, np.tile(COVERAGES, (len(ended.mean), 1)))
        quantiles = negative_binomial.quantiles(ended.mean, ended.variance, read)
        sums = quality.score_groups(ended.units, ended.mean, location, locations, quantiles, COVERAGES)
        of, chances = size_class(ended.mean), negative_binomial.chances(*ended)
        below, at_most = conformal.delivered(self._conformal, of, np.stack(chances, axis=1)).T
        self._warps.learn(below, at_most, over)
        conformal.learn(self._conformal, day, of, *chances)
        return _qualities(SKU_INTERVAL, INTERVAL, sums)

    def levels(self, series: Index, mean: Array, coverage: Array) -> Array:
        """At which probabilities forecasts of these means (m,) have to be read to cover ``coverage`` (m, k), (m, k)."""
        common = self._warps.chances(coverage, series)
        return conformal.read(self._conformal, size_class(mean), common)


def _qualities(level: str, horizon: str, sums: list[Sums]) -> list[Quality]:
    return [Quality(level, horizon, at, one) for at, one in enumerate(sums) if one.days > 0.0]
