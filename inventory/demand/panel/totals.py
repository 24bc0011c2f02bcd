"""Forecasts of the aggregates: one regression on three scales, and what last year says beyond it.

Log sales multiply effects, plain sales add them up, and the root lies between; on each scale the level drifts at
three rates. The nine forecasts are averaged with equal weights: no learned weights did better on
forty windows of M5.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Mask, grown
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Level
from inventory.demand.panel.last_year import LastYear
from inventory.demand.panel.regression import Regressions
from inventory.demand.panel.terms import Terms, demand_terms

_LEVEL_DRIFTS = np.array([0.003, 0.02, 0.1])
_SCALES = 3
LEAST_SHARE = 0.01
"""What is left of an aggregate below that begins anew, if it sells anything."""


class Totals:
    """Learns and forecasts m aggregates; ``region`` says in which region each lies."""

    KEPT: ClassVar[tuple[str, ...]] = ("_regressions", "_last_year", "_started")

    def __init__(self, region: Level, events: Sequence[str]) -> None:
        m = len(region.of)
        self._region = region.of
        self._terms: Terms = demand_terms(events, region.size)
        self._regressions = Regressions(self._terms, np.repeat(region.of, _SCALES), _LEVEL_DRIFTS)
        self._last_year = LastYear(m, region.size, len(self._terms.prior))
        self._started = np.zeros(m, dtype=bool)

    def grow(self, region: Level) -> None:
        """More aggregates at the end."""
        m = len(region.of)
        self._region = region.of
        self._regressions.grow(np.repeat(region.of, _SCALES))
        self._last_year.grow(m)
        self._started = grown(self._started, m)

    def divide(self, whole: int, part: int, share: float) -> None:
        """Let an aggregate begin as that share of another, which keeps the rest."""
        self._rescaled(whole, part, share)
        if share < 1.0 - LEAST_SHARE:
            self._rescaled(whole, whole, 1.0 - share)
        else:
            self._started[whole] = False

    def learn(self, day: Day, units: Array, heard: Mask) -> None:
        """One day of all aggregates, (m,); those not ``heard`` of wait."""
        self._started |= units > 0.0
        heard = heard & (not day.closed)
        row, units = self._terms.row(day), np.maximum(units, 0.0)
        logs = np.log(np.maximum(units, 1.0))
        self._last_year.learn(row, logs, heard)
        if heard.any():
            scaled = np.column_stack([logs, 2.0 * np.sqrt(units), units]).ravel()
            self._regressions.learn(row, scaled, np.repeat(self._started & heard, _SCALES))

    def forecast(self, days: Sequence[Day]) -> Array:
        """Mean units of the coming days, (m, h); 0 on closed days and before the first sale."""
        return self._selling(days, self._regressed(self._rows(days)) * np.exp(self._moves(days)))

    def steps(self, days: Sequence[Day]) -> list[tuple[str, Array]]:
        """The same forecast effect by effect: the level alone first, the last with everything, (m, h) each."""
        names, rows = self._terms.names, self._rows(days)
        parts = [self._regressed(rows * self._terms.among(names[: at + 1])) for at in range(len(names))]
        parts.append(parts[-1] * np.exp(self._moves(days)))
        return [(name, self._selling(days, part)) for name, part in zip([*names, "last_year"], parts, strict=True)]

    def _selling(self, days: Sequence[Day], units: Array) -> Array:
        opened = np.array([not day.closed for day in days])
        return np.where(self._started[:, None] & opened, units, 0.0)

    def _moves(self, days: Sequence[Day]) -> Array:
        logs = self._regressions.coefficients()[::_SCALES]
        return self._last_year.forecast(logs, self._region, len(days))

    def _rows(self, days: Sequence[Day]) -> Array:
        return np.stack([self._terms.row(day) for day in days])

    def _regressed(self, rows: Array) -> Array:
        means, noise = self._regressions.forecast(rows)
        log, root, plain = (means[:, at::_SCALES] for at in range(_SCALES))
        log_noise, root_noise = (noise[:, at::_SCALES] for at in range(2))
        parts = (np.exp(log + log_noise / 2.0), (root / 2.0) ** 2 + root_noise / 4.0, np.maximum(plain, 0.0))
        mean: Array = np.mean(parts, axis=(0, 1))
        return mean

    def _rescaled(self, source: int, target: int, share: float) -> None:
        """Counts of a share scatter like counts: noise of logs over it, of roots the same, of plain sales times it."""
        shift, copy = float(np.log(share)), self._regressions.copy
        plain = 2
        copy(_SCALES * source, _SCALES * target, factor=1.0, noise=1.0 / share, shift=shift)
        copy(_SCALES * source + 1, _SCALES * target + 1, factor=share**0.5, noise=1.0)
        copy(_SCALES * source + plain, _SCALES * target + plain, factor=share, noise=share)
        self._last_year.copy(source, target, shift)
        self._started[target] = self._started[source]
