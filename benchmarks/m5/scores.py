"""WRMSSE and WSPL as the M5 competition defines them (The M5 competitors' guide, 2020).

For series i, horizon h and training days from the first sale on:
``RMSSE_i = sqrt(mean_h (y - f)^2 / mean_t (y_t - y_{t-1})^2)``,
``SPL_i = mean_q mean_h pinball_q(y, Q_q) / mean_t |y_t - y_{t-1}|``. A level's score is
the mean over its series, weighted by the revenue of the last 28 training days; the
score is the plain mean over levels.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.hierarchy import Level

QUANTILES = (0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995)
WEIGHT_DAYS = 28


class Steps:
    """Mean daily steps of every series of one level since its first sale, kept day by day."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._last = np.zeros(level.size)
        self._started = np.zeros(level.size, dtype=bool)
        self._days = np.zeros(level.size)
        self._squares = np.zeros(level.size)
        self._sizes = np.zeros(level.size)
        self._revenue: deque[Array] = deque(maxlen=WEIGHT_DAYS)

    def observe(self, units: Array, revenue: Array) -> None:
        """One training day of the bottom series, both (n,)."""
        total = self._level.sum(units)
        step = np.where(self._started, total - self._last, 0.0)
        self._days += self._started
        self._squares += step * step
        self._sizes += np.abs(step)
        self._started |= total > 0.0
        self._last = total
        self._revenue.append(self._level.sum(revenue))

    def wrmsse(self, actual: Array, forecast: Array) -> float:
        """Both (size, h)."""
        squared = ((actual - forecast) ** 2).mean(axis=1)
        return self._weighted(np.sqrt(_ratio(squared, self._mean(self._squares))))

    def wspl(self, actual: Array, quantiles: Array) -> float:
        """Actual (size, h), quantiles (size, h, 9)."""
        by_chance = [_pinball(chance, actual - quantiles[:, :, at]) for at, chance in enumerate(QUANTILES)]
        return self._weighted(_ratio(np.mean(by_chance, axis=0), self._mean(self._sizes)))

    def _mean(self, sums: Array) -> Array:
        return _ratio(sums, self._days)

    def _weighted(self, scores: Array) -> float:
        revenue = np.sum(self._revenue, axis=0)
        return float((scores * revenue).sum() / revenue.sum())


def mean_of_levels(by_level: Sequence[float]) -> float:
    return float(np.mean(by_level))


def _pinball(chance: float, miss: Array) -> Array:
    """Mean over the horizon."""
    mean: Array = np.maximum(chance * miss, (chance - 1.0) * miss).mean(axis=1)
    return mean


def _ratio(above: Array, below: Array) -> Array:
    """0 where there is nothing to divide by: such series have no sales and so no weight."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)
