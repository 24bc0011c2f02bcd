"""How good the forecasts are, judged day by day before anything is learned of the day.

Three levels: SKU and location over a day, category and location over a day, SKU and location over the protection
interval, the last with quantiles. Days on which stock-outs hid demand do not count for the first. What is learned
here: at which levels quantiles cover what they say (``conformal``), and which categories have left their forecasts
(``drift``).
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand import conformal, negative_binomial, quality
from inventory.demand.drift import Drift, Drifted
from inventory.demand.intervals import CLASSES, size_class, size_class_of
from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.demand.quality import Sums

COVERAGES = (0.05, 0.25, 0.5, 0.8, 0.9, 0.95, 0.98)
SKU_DAY, CATEGORY_DAY, SKU_INTERVAL = "sku-location-day", "category-location-day", "sku-location-interval"
ONE_DAY, INTERVAL = "1 day", "protection interval"
_ENOUGH_UNITS = 2.0
_WEEK = 7


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

    KEPT: ClassVar[tuple[str, ...]] = ("_scales", "_conformal", "_drift")

    def __init__(self) -> None:
        self._scales = quality.new_scales(_WEEK)
        self._conformal = conformal.new(CLASSES)
        self._drift = Drift()
        self._known: dict[float, Array] = {}

    def grow(self, n: int) -> None:
        """More series at the end."""
        quality.grow_scales(self._scales, n)

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

    def of_intervals(self, day: int, ended: Interval, location: Index, locations: int) -> list[Quality]:
        """Of intervals that ended on a day, (n,); then coverage is learned from them."""
        if not len(ended.mean):
            return []
        of = size_class(ended.mean)
        read = np.stack([self._by_class(coverage)[of] for coverage in COVERAGES], axis=1)
        quantiles = negative_binomial.quantiles(ended.mean, ended.variance, read)
        sums = quality.score_groups(ended.units, ended.mean, location, locations, quantiles, COVERAGES)
        conformal.learn(self._conformal, day, of, *negative_binomial.chances(*ended))
        self._known = {}
        return _qualities(SKU_INTERVAL, INTERVAL, sums)

    def level(self, mean: float, coverage: float) -> float:
        """At which probability a forecast of this mean has to be read so that it covers as often as asked for."""
        return float(self._by_class(coverage)[size_class_of(mean)])

    def levels(self, mean: Array, coverage: float) -> Array:
        """``level`` of many forecasts, (n,)."""
        found: Array = self._by_class(coverage)[size_class(mean)]
        return found

    def _by_class(self, coverage: float) -> Array:
        found = self._known.get(coverage)
        if found is None:
            found = self._known[coverage] = conformal.levels(self._conformal, coverage)
        return found


def _qualities(level: str, horizon: str, sums: list[Sums]) -> list[Quality]:
    return [Quality(level, horizon, at, one) for at, one in enumerate(sums) if one.days > 0.0]
