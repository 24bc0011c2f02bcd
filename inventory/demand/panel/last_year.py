"""What last year's season did beyond the regression's, at the same weeks.

Log sales less everything the regression explains but its level are what waves over the year are too smooth for.
A part of how they moved last year, from the weeks before the same date on, is expected again: of a
series' own move, which is noisy, and of all series' together.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown

YEAR_DAYS = 364
"""52 weeks, so that weekdays meet."""
_OWN_PART, _COMMON_PART = 0.1, 0.2
_LEVEL_DAYS = 42
_LIMIT = 0.3
MOST_DAYS = YEAR_DAYS - 2


class LastYear:
    """Keeps a year and six weeks of m series and of their regressors."""

    KEPT: ClassVar[tuple[str, ...]] = ("_rows", "_logs", "_since", "_days")

    def __init__(self, m: int, regions: int, terms: int) -> None:
        kept = YEAR_DAYS + _LEVEL_DAYS
        self._rows = np.zeros((kept, regions, terms))
        self._logs = np.zeros((kept, m))
        self._since = np.zeros(m, dtype=np.intp)
        self._days = 0

    def grow(self, m: int) -> None:
        """More series at the end; they have no last year yet."""
        self._logs = grown(self._logs, m, axis=1)
        self._since = grown(self._since, m, fill=self._days)

    def copy(self, source: int, target: int, shift: float) -> None:
        """Let a series have the past of another, its logs shifted."""
        self._logs[:, target] = self._logs[:, source] + shift
        self._since[target] = self._since[source]

    def learn(self, row: Array, logs: Array, heard: Mask) -> None:
        """Regressors (regions, terms) and log sales (m,); a day not heard of passes as the day before."""
        at = self._days % len(self._rows)
        before = (self._days - 1) % len(self._rows)
        self._rows[at] = row if heard.any() else self._rows[before]
        self._logs[at] = np.where(heard, logs, self._logs[before])
        self._days += 1

    def forecast(self, coefficients: Array, region: Index, horizon: int) -> Array:
        """Shift of log sales, (m, horizon), for coefficients (m, terms); 0 until there is a last year."""
        known = self._days - self._since >= len(self._rows)
        if not known.any():
            return np.zeros((len(region), horizon))
        level = self._unexplained(coefficients, region, 0, _LEVEL_DAYS).mean(axis=0)
        moved = self._unexplained(coefficients, region, _LEVEL_DAYS - 1, horizon + 2) - level
        own = known * np.clip((moved[:-2] + moved[1:-1] + moved[2:]) / 3.0, -_LIMIT, _LIMIT)
        common = np.average(own, axis=1, weights=known * np.exp(self._logs.mean(axis=0)))
        shift: Array = (_OWN_PART * own + _COMMON_PART * common[:, None]).T
        return shift

    def _unexplained(self, coefficients: Array, region: Index, first: int, days: int) -> Array:
        """From the ``first`` oldest day kept on, (days, m); the level stays in."""
        kept = (self._days + first + np.arange(days)) % len(self._rows)
        slopes = coefficients[:, 1:]
        unexplained = np.empty((days, len(region)))
        for at in np.unique(region):
            mine = region == at
            unexplained[:, mine] = self._logs[kept][:, mine] - self._rows[kept, at, 1:] @ slopes[mine].T
        return unexplained
