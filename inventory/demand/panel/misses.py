"""Rehearsed forecasts of one level, kept until their day comes, and the quantiles they teach."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from inventory.demand.panel.arrays import Array, Index
from inventory.demand.panel.days import Day
from inventory.demand.panel.dispersion import Dispersion
from inventory.demand.panel.hierarchy import Level
from inventory.demand.panel.spread import Spread
from inventory.demand.panel.tables import Tables


class CoarseMisses:
    """Of sums of whole aggregates; ``level`` is a partition of aggregates."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._spread = Spread(level.size)
        self._kept: dict[date, list[Array]] = defaultdict(list)

    def learn(self, day: Day, totals: Array) -> None:
        """What aggregates sold, (aggregates,)."""
        for forecast in self._kept.pop(day.on, []):
            self._spread.learn(forecast, self._level.sum(totals))

    def rehearse(self, days: Sequence[Day], totals: Array) -> None:
        """What they are forecast to sell, (aggregates, h)."""
        for day, forecast in zip(days, self._level.sum(totals).T, strict=True):
            self._kept[day.on].append(forecast)

    def quantiles(self, totals: Array, chances: Array) -> Array:
        """(aggregates, h) -> (size, h, chances)."""
        return self._spread.quantiles(self._level.sum(totals), chances)


class _Rehearsed(NamedTuple):
    forecast: Array
    dispersion: Index


class FineMisses:
    """Of sums within aggregates or across them; ``level`` is a partition of series."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._tables = Tables()
        self._dispersion = Dispersion(level.size)
        self._kept: dict[date, list[_Rehearsed]] = defaultdict(list)

    def learn(self, day: Day, units: Array) -> None:
        """What series sold, (n,)."""
        actual = self._level.sum(units)
        for forecast, dispersion in self._kept.pop(day.on, []):
            self._tables.learn(forecast, dispersion, actual)
        if not day.closed:
            self._dispersion.learn(actual)

    def rehearse(self, days: Sequence[Day], units: Array) -> None:
        """What they are forecast to sell, (n, h)."""
        classes = self._dispersion.classes()
        for day, forecast in zip(days, self._level.sum(units).T, strict=True):
            self._kept[day.on].append(_Rehearsed(forecast, classes))

    def quantiles(self, units: Array, chances: Array) -> Array:
        """(n, h) -> (size, h, chances)."""
        return self._tables.quantiles(self._level.sum(units), self._dispersion.classes(), chances)
