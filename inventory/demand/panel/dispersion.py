"""Which series scatter more than others of their size."""

import numpy as np

from inventory.demand.panel.arrays import Array, Index
from inventory.demand.panel.tables import CLASSES

_RATE = 1.0 / 112.0


class Dispersion:
    """Exponentially weighted mean and square of ``size`` series."""

    def __init__(self, size: int) -> None:
        self._mean = np.zeros(size)
        self._square = np.zeros(size)

    def learn(self, units: Array) -> None:
        self._mean += _RATE * (units - self._mean)
        self._square += _RATE * (units * units - self._square)

    def classes(self) -> Index:
        """0 to CLASSES - 1, equally many of each: by the residual of log(variance / mean) on a parabola in log mean."""
        known = self._mean > 1e-6
        classes = np.full(len(self._mean), CLASSES // 2, dtype=np.intp)
        if known.sum() < 10 * CLASSES:
            return classes
        mean = self._mean[known]
        variance = np.maximum(self._square[known] - mean * mean, 1e-3 * mean)
        classes[known] = _fifths(_residual(np.log(mean), np.log(variance / mean)))
        return classes


def _residual(x: Array, y: Array) -> Array:
    design = np.column_stack([np.ones_like(x), x, x * x])
    fitted: Array = design @ np.linalg.lstsq(design, y)[0]
    return y - fitted


def _fifths(values: Array) -> Index:
    cuts = np.quantile(values, np.arange(1, CLASSES) / CLASSES)
    return np.searchsorted(cuts, values).astype(np.intp)
