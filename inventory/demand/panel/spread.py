"""How far sums of aggregates end up from their forecast: one width a sum, one shape a level.

``z = log(actual / forecast)``; a sum's width is the decayed root mean square of its z, and the level's
shape the decayed histogram of z over width, of all its sums together. A quantile is
``forecast * exp(shape quantile * width)``.
"""

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.histograms import quantiles_of

_KEEP = 0.9993
"""Per forecast: with four weeks rehearsed every week four a day are learned from, and memory is about a year."""
_STEP, _EDGE = 0.05, 8.0
_FIRST_WIDTH = 0.2
_NARROWED = 0.9
"""Blended forecasts improve as they learn, so past errors are a little too wide."""


class Spread:
    """Widths of ``size`` sums and the shape they share."""

    def __init__(self, size: int) -> None:
        self._weight = np.full(size, 1e-3)
        self._squares = self._weight * _FIRST_WIDTH**2
        self._centres = np.arange(-_EDGE, _EDGE + _STEP / 2, _STEP)
        self._shape = np.exp(-0.5 * self._centres**2)

    def learn(self, forecast: Array, actual: Array) -> None:
        """Units forecast some time ago for a day (size,), and what came."""
        known = (forecast > 0.0) & (actual > 0.0)
        error = np.log(actual[known] / forecast[known])
        self._learn_shape(error / self._width()[known])
        self._weight *= _KEEP
        self._squares *= _KEEP
        self._weight[known] += 1.0
        self._squares[known] += error * error

    def quantiles(self, forecast: Array, chances: Array) -> Array:
        """(size, h) -> (size, h, chances)."""
        shape = quantiles_of(self._shape, self._centres, chances)
        factors = np.exp(_NARROWED * shape * self._width()[:, None])
        spread: Array = forecast[:, :, None] * factors[:, None]
        return spread

    def _width(self) -> Array:
        width: Array = np.sqrt(self._squares / self._weight)
        return width

    def _learn_shape(self, standard: Array) -> None:
        at = np.rint((np.clip(standard, -_EDGE, _EDGE) + _EDGE) / _STEP).astype(np.intp)
        self._shape = _KEEP * self._shape + np.bincount(at, minlength=len(self._shape))
