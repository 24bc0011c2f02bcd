"""Many series, one design: regressions whose coefficients drift, with one shared covariance.

The Kalman filter of ``y_t = x_t' b_t + noise``, ``b_t = b_{t-1} + drift``
(Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, 1989, section 3.2), in units
of the noise variance:
``v = 1 + x'Px``, ``b += Px e / v``, ``P += diag(drift) - Pxx'P / v``, ``e = y - x'b``.
P depends on the design alone, so series that see the same days share it, per region
and rate of the level's drift. Surprises are clipped at 2.5 standard deviations, which keeps that true.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown
from inventory.demand.panel.terms import Terms

_CLIP = 2.5
_SLOWEST = 0.01
_FIRST_NOISE = 0.01


class Regressions:
    """m series, each in a region, learned at r rates of level drift side by side."""

    KEPT: ClassVar[tuple[str, ...]] = ("_covariance", "_coefficients", "_noise", "_days")

    def __init__(self, terms: Terms, region: Index, level_drifts: Array) -> None:
        rates, regions, size = len(level_drifts), int(region.max(initial=0)) + 1, len(terms.prior)
        self._region = region
        self._drift = np.tile(terms.drift, (rates, 1))
        self._drift[:, 0] = level_drifts
        self._covariance = np.tile(np.diag(terms.prior), (rates, regions, 1, 1))
        self._coefficients = np.zeros((rates, len(region), size))
        self._noise = np.full((rates, len(region)), _FIRST_NOISE)
        self._days = np.zeros(len(region))

    def grow(self, region: Index) -> None:
        """More series at the end, of regions that are known; ``region`` is of all."""
        self._region = region
        self._coefficients = grown(self._coefficients, len(region), axis=1)
        self._noise = grown(self._noise, len(region), fill=_FIRST_NOISE)
        self._days = grown(self._days, len(region))

    def copy(self, source: int, target: int, *, factor: float, noise: float, shift: float = 0.0) -> None:
        """Let a series begin as another: its coefficients times ``factor``, its level then plus ``shift``."""
        self._coefficients[:, target] = factor * self._coefficients[:, source]
        self._coefficients[:, target, 0] += shift
        self._noise[:, target] = noise * self._noise[:, source]
        self._days[target] = self._days[source]

    def learn(self, row: Array, y: Array, selling: Mask) -> None:
        """Regressors (regions, size) and values (m,) of a day; series not yet ``selling`` wait."""
        self._begin(y, selling & (self._days == 0))
        gain, variance = self._shared_step(row)
        variance = variance[:, self._region]
        error = np.where(selling, y - self._predict(row), 0.0)
        limit = _CLIP * np.sqrt(self._noise * variance)
        self._learn_noise(error * error / variance, selling)
        step = np.clip(error, -limit, limit) / variance
        self._coefficients += step[:, :, None] * gain[:, self._region]

    def coefficients(self) -> Array:
        """Means over the rates, (m, size)."""
        mean: Array = self._coefficients.mean(axis=0)
        return mean

    def forecast(self, rows: Array) -> tuple[Array, Array]:
        """Rows (h, regions, size) -> means (rates, m, h) and noise variances (rates, m, 1)."""
        means = np.stack([self._predict(row) for row in rows], axis=-1)
        return means, self._noise[:, :, None]

    def _begin(self, y: Array, first: Mask) -> None:
        self._coefficients[:, first, 0] = y[first]

    def _predict(self, row: Array) -> Array:
        predicted: Array = np.einsum("rmp,mp->rm", self._coefficients, row[self._region])
        return predicted

    def _shared_step(self, row: Array) -> tuple[Array, Array]:
        """Gain before division (rates, regions, size) and ``v`` (rates, regions)."""
        gain = (self._covariance @ row[:, :, None])[..., 0]
        variance = 1.0 + (gain * row).sum(axis=-1)
        scaled = gain / np.sqrt(variance)[..., None]
        self._covariance -= scaled[..., :, None] * scaled[..., None, :]
        size = row.shape[-1]
        self._covariance[..., range(size), range(size)] += self._drift[:, None]
        return gain, variance

    def _learn_noise(self, squares: Array, selling: Mask) -> None:
        rate = np.maximum(_SLOWEST, 1.0 / (self._days + 2.0)) * selling
        self._noise += rate * (np.minimum(squares, 9.0 * self._noise) - self._noise)
        self._days += selling
