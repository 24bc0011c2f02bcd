"""Forecasts of the aggregates: the mean of regressions on three scales of thought and of former years.

Regressions of log sales on the plain terms, and of log and root sales on the crossed
terms, each at three rates of level drift, are averaged with equal weights; a tenth is left to what
former years sold in these weeks.
"""

from collections.abc import Sequence

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day
from inventory.demand.panel.former_years import FormerYears
from inventory.demand.panel.hierarchy import Level
from inventory.demand.panel.regression import Regressions
from inventory.demand.panel.terms import crossed, plain

_LEVEL_DRIFTS = np.array([0.005, 0.02, 0.06])
_FORMER_YEARS = 0.1


class Totals:
    """Learns and forecasts m aggregates; ``region`` says in which region each lies."""

    def __init__(self, region: Level, events: Sequence[str]) -> None:
        self._plain_terms, self._crossed_terms = plain(events, region.size), crossed(events, region.size)
        self._plain = Regressions(self._plain_terms, region.of, _LEVEL_DRIFTS)
        self._crossed = Regressions(self._crossed_terms, np.tile(region.of, 2), _LEVEL_DRIFTS)
        self._former_years = FormerYears(len(region.of))
        self._started = np.zeros(len(region.of), dtype=bool)

    def learn(self, day: Day, units: Array) -> None:
        """One day of all aggregates, (m,)."""
        self._former_years.learn(units)
        self._started |= units > 0.0
        if day.closed:
            return
        logs = np.log(np.maximum(units, 1.0))
        self._plain.learn(self._plain_terms.row(day), logs, self._started)
        both = np.concatenate([logs, 2.0 * np.sqrt(np.maximum(units, 0.0))])
        self._crossed.learn(self._crossed_terms.row(day), both, np.tile(self._started, 2))

    def forecast(self, days: Sequence[Day]) -> Array:
        """Mean units of the coming days, (m, h); 0 on closed days and before the first sale."""
        ahead = self._regressed(days)
        former = self._former_years.forecast(len(days))
        if former is not None:
            ahead = (1.0 - _FORMER_YEARS) * ahead + _FORMER_YEARS * former
        opened = np.array([not day.closed for day in days])
        return np.where(self._started[:, None] & opened, ahead, 0.0)

    def _regressed(self, days: Sequence[Day]) -> Array:
        plain_log, plain_noise = self._plain.forecast(np.stack([self._plain_terms.row(day) for day in days]))
        means, noise = self._crossed.forecast(np.stack([self._crossed_terms.row(day) for day in days]))
        m = len(self._started)
        parts = (
            np.exp(plain_log + plain_noise / 2.0),
            np.exp(means[:, :m] + noise[:, :m] / 2.0),
            (means[:, m:] / 2.0) ** 2 + noise[:, m:] / 4.0,
        )
        mean: Array = np.mean(parts, axis=(0, 1))
        return mean
