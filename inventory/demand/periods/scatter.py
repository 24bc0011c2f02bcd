"""How far units scatter around their forecast, as negative binomials."""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Mask, grown

_KEEP, _TRUST_IN_ALL = 0.97, 8.0
_FIRST, _LEAST = 0.5, 0.02
_LEAST_MEAN, _LEAST_ERROR, _MOST_ERROR = 0.2, -1.0, 15.0


class Scatter:
    """``phi`` of variance ``m + phi m^2``, from squared errors clipped so that one spike does not decide.

    Each error (y - m)^2 - m, expected to be phi m^2, is divided by m (1 + m), about its own standard
    deviation. Series are drawn to all of them together.
    """

    KEPT: ClassVar[tuple[str, ...]] = ("_over", "_due")

    def __init__(self, n: int) -> None:
        self._over, self._due = np.zeros((2, n), dtype=np.float32)

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._over, self._due = grown(self._over, n), grown(self._due, n)

    def of_all(self) -> float:
        """``phi`` of all series together."""
        due = float(self._due.sum(dtype=np.float64))
        return max(float(self._over.sum(dtype=np.float64)) / due, _LEAST) if due > 0.0 else _FIRST

    def phi(self) -> Array:
        """(n,)"""
        own = (self._over + _TRUST_IN_ALL * self.of_all()) / (self._due + _TRUST_IN_ALL)
        return np.maximum(own, _LEAST)

    def learn(self, mean: Array, units: Array, heard: Mask) -> None:
        """A forecast and what came, (n,); forecasts of next to nothing teach nothing."""
        heard = heard & (mean >= _LEAST_MEAN)
        mean, units = mean[heard], units[heard]
        error = ((units - mean) ** 2 - mean) / (mean * (1.0 + mean))
        self._over[heard] = _KEEP * self._over[heard] + np.clip(error, _LEAST_ERROR, _MOST_ERROR)
        self._due[heard] = _KEEP * self._due[heard] + mean / (1.0 + mean)
