"""How far small sums end up from their forecast: pooled tables by size of forecast and by dispersion.

Small forecasts (up to four units) keep counts of units sold, larger ones counts of units over
forecast. Of two quantiles, one by size of forecast alone and one by size and dispersion class, the mean is taken.
"""

import numpy as np

from inventory.demand.panel.arrays import Array, Index
from inventory.demand.panel.histograms import places_of

CLASSES = 5
_BINS, _SMALLEST, _LARGEST, _SMALL = 44, 0.02, 400.0, 4.0
_UNITS, _RATIOS, _RATIO_STEP = 128, 400, 0.02
_KEEP = 0.985
"""Per forecast: every fourth of four weeks rehearsed weekly is one a day, and memory is about nine weeks."""
_FIRST_SCATTER = 0.3


class Tables:
    """Histograms by bin of forecast and class of dispersion; at first one count each, of a Poisson or normal shape."""

    def __init__(self) -> None:
        middle = _SMALLEST * (_LARGEST / _SMALLEST) ** ((np.arange(_BINS) + 0.5) / _BINS)
        self._small = int((middle <= _SMALL).sum())
        self._units = np.repeat(_poisson(middle[: self._small])[:, None], CLASSES, axis=1)
        self._ratios = np.tile(_normal(), (_BINS - self._small, CLASSES, 1))

    def learn(self, forecast: Array, dispersion: Index, actual: Array) -> None:
        """Units forecast some time ago for a day, the class of dispersion then, and what came; all (size,)."""
        bins, known = self._bins(forecast), forecast > 0.0
        small = known & (bins < self._small)
        large = known & ~small
        self._units *= _KEEP
        self._ratios *= _KEEP
        _count(self._units, bins[small], dispersion[small], actual[small])
        ratios = actual[large] / forecast[large] / _RATIO_STEP
        _count(self._ratios, bins[large] - self._small, dispersion[large], ratios)

    def quantiles(self, forecast: Array, dispersion: Index, chances: Array) -> Array:
        """Forecast (size, h), dispersion (size,) -> (size, h, chances)."""
        by_class = self._table(self._units, self._ratios, chances)
        alone = self._table(self._units.sum(1, keepdims=True), self._ratios.sum(1, keepdims=True), chances)
        table = (by_class + alone) / 2.0
        bins = self._bins(forecast)
        scale = np.where(bins < self._small, forecast > 0.0, forecast)
        found: Array = table[bins, dispersion[:, None]] * scale[..., None]
        return found

    def _table(self, units: Array, ratios: Array, chances: Array) -> Array:
        """Quantiles by bin and class: units where small, else units over forecast."""
        return np.concatenate([places_of(units, chances), (places_of(ratios, chances) + 0.5) * _RATIO_STEP])

    def _bins(self, forecast: Array) -> Index:
        steps = np.log(np.maximum(forecast, _SMALLEST) / _SMALLEST) * (_BINS / np.log(_LARGEST / _SMALLEST))
        bins: Index = np.minimum(steps, _BINS - 1).astype(np.intp)
        return bins


def _poisson(mean: Array) -> Array:
    units = np.arange(_UNITS)
    logs = units * np.log(mean)[:, None] - np.cumsum(np.log(np.maximum(units, 1)))
    weights: Array = np.exp(logs - mean[:, None])
    return weights


def _normal() -> Array:
    ratios = (np.arange(_RATIOS) + 0.5) * _RATIO_STEP
    weights: Array = np.exp(-0.5 * ((ratios - 1.0) / _FIRST_SCATTER) ** 2)
    weights /= weights.sum()
    return weights


def _count(counts: Array, bins: Index, dispersion: Index, values: Array) -> None:
    _, classes, size = counts.shape
    at = (bins * classes + dispersion) * size + np.minimum(values, size - 1).astype(np.intp)
    counts += np.bincount(at, minlength=counts.size).reshape(counts.shape)
