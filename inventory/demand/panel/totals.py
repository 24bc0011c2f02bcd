"""Forecasts of the aggregates: one regression on three scales, and what last year says beyond it.

Log sales multiply effects, plain sales add them up, and the root lies between; on each scale the level drifts at
three rates. The nine forecasts are averaged with equal weights: no learned weights did better on
forty windows of M5.
"""

from collections.abc import Sequence

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Level
from inventory.demand.panel.last_year import LastYear
from inventory.demand.panel.regression import Regressions
from inventory.demand.panel.terms import Terms, demand_terms

_LEVEL_DRIFTS = np.array([0.003, 0.02, 0.1])
_SCALES = 3


class Totals:
    """Learns and forecasts m aggregates; ``region`` says in which region each lies."""

    def __init__(self, region: Level, events: Sequence[str]) -> None:
        m = len(region.of)
        self._region = region.of
        self._terms: Terms = demand_terms(events, region.size)
        self._regressions = Regressions(self._terms, np.tile(region.of, _SCALES), _LEVEL_DRIFTS)
        self._last_year = LastYear(m, region.size, len(self._terms.prior))
        self._started = np.zeros(m, dtype=bool)

    def learn(self, day: Day, units: Array) -> None:
        """One day of all aggregates, (m,)."""
        self._started |= units > 0.0
        row, units = self._terms.row(day), np.maximum(units, 0.0)
        logs = np.log(np.maximum(units, 1.0))
        self._last_year.learn(row, logs, closed=day.closed)
        if not day.closed:
            scaled = np.concatenate([logs, 2.0 * np.sqrt(units), units])
            self._regressions.learn(row, scaled, np.tile(self._started, _SCALES))

    def forecast(self, days: Sequence[Day]) -> Array:
        """Mean units of the coming days, (m, h); 0 on closed days and before the first sale."""
        logs = self._regressions.coefficients()[: len(self._region)]
        shift = self._last_year.forecast(logs, self._region, len(days))
        opened = np.array([not day.closed for day in days])
        return np.where(self._started[:, None] & opened, self._regressed(days) * np.exp(shift), 0.0)

    def _regressed(self, days: Sequence[Day]) -> Array:
        means, noise = self._regressions.forecast(np.stack([self._terms.row(day) for day in days]))
        log, root, plain = np.split(means, _SCALES, axis=1)
        log_noise, root_noise, _ = np.split(noise, _SCALES, axis=1)
        parts = (np.exp(log + log_noise / 2.0), (root / 2.0) ** 2 + root_noise / 4.0, np.maximum(plain, 0.0))
        mean: Array = np.mean(parts, axis=(0, 1))
        return mean
