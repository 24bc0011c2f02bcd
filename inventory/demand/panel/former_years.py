"""What former years sold in the coming weeks, at this year's level."""

import numpy as np

from inventory.demand.panel.arrays import Array, ratio

_YEAR_DAYS = 364
"""52 weeks, so that weekdays meet."""
_WEIGHTS = (1.0, 0.6, 0.36)
_LEVEL_DAYS = 28


class FormerYears:
    """Keeps three years and four weeks of m series."""

    def __init__(self, m: int) -> None:
        self._kept = np.zeros((len(_WEIGHTS) * _YEAR_DAYS + _LEVEL_DAYS, m))
        self._days = 0

    def learn(self, units: Array) -> None:
        self._kept[self._days % len(self._kept)] = units
        self._days += 1

    def forecast(self, horizon: int) -> Array | None:
        """(m, horizon), horizon at most a year; None while there is no former year."""
        years = [year for year in range(1, len(_WEIGHTS) + 1) if self._days >= year * _YEAR_DAYS + _LEVEL_DAYS]
        if not years:
            return None
        weights = np.array(_WEIGHTS[: len(years)])
        by_year: Array = np.stack([self._scaled(year, horizon) for year in years])
        mean: Array = np.tensordot(weights / weights.sum(), by_year, 1)
        return mean

    def _scaled(self, year: int, horizon: int) -> Array:
        first = self._days - year * _YEAR_DAYS
        level = self._span(self._days - _LEVEL_DAYS, _LEVEL_DAYS).mean(axis=0)
        growth = ratio(level, self._span(first - _LEVEL_DAYS, _LEVEL_DAYS).mean(axis=0))
        scaled: Array = (self._span(first, horizon) * np.clip(growth, 0.3, 3.0)).T
        return scaled

    def _span(self, first: int, days: int) -> Array:
        """Days counted from the first one learned; (days, m)."""
        return self._kept[np.arange(first, first + days) % len(self._kept)]
