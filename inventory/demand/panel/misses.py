"""Rehearsed forecasts of one level, kept until their day comes, and the quantiles they teach."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from inventory.demand.panel.arrays import Array, Index
from inventory.demand.panel.days import Day
from inventory.demand.panel.dispersion import Dispersion
from inventory.demand.panel.hierarchy import Level, lifted
from inventory.demand.panel.spread import Spread
from inventory.demand.panel.tables import Tables


class Sold(NamedTuple):
    """Units sold, or forecast to be: one day or h days."""

    totals: Array
    """(aggregates,) or (aggregates, h)"""
    units: Array
    """(n,) or (n, h), adding up to the totals."""


class Misses(Protocol):
    """What a level learns from rehearsals."""

    def learn(self, day: Day, sold: Sold) -> None: ...

    def rehearse(self, days: Sequence[Day], forecast: Sold) -> None: ...

    def quantiles(self, forecast: Sold, chances: Array) -> Array: ...


def misses_of(aggregate: Level, level: Level) -> Misses:
    """Sums of whole aggregates keep widths, all others tables."""
    try:
        return CoarseMisses(lifted(aggregate, level))
    except ValueError:
        return FineMisses(level)


class CoarseMisses:
    """Of sums of whole aggregates."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._spread = Spread(level.size)
        self._kept: dict[date, list[Array]] = defaultdict(list)

    def learn(self, day: Day, sold: Sold) -> None:
        for forecast in self._kept.pop(day.on, []):
            self._spread.learn(forecast, self._level.sum(sold.totals))

    def rehearse(self, days: Sequence[Day], forecast: Sold) -> None:
        for day, sums in zip(days, self._level.sum(forecast.totals).T, strict=True):
            self._kept[day.on].append(sums)

    def quantiles(self, forecast: Sold, chances: Array) -> Array:
        return self._spread.quantiles(self._level.sum(forecast.totals), chances)


class _Rehearsed(NamedTuple):
    forecast: Array
    dispersion: Index


class FineMisses:
    """Of sums within aggregates or across them."""

    def __init__(self, level: Level) -> None:
        self._level = level
        self._tables = Tables()
        self._dispersion = Dispersion(level.size)
        self._kept: dict[date, list[_Rehearsed]] = defaultdict(list)

    def learn(self, day: Day, sold: Sold) -> None:
        actual = self._level.sum(sold.units)
        for forecast, dispersion in self._kept.pop(day.on, []):
            self._tables.learn(forecast, dispersion, actual)
        if not day.closed:
            self._dispersion.learn(actual)

    def rehearse(self, days: Sequence[Day], forecast: Sold) -> None:
        classes = self._dispersion.classes()
        for day, sums in zip(days, self._level.sum(forecast.units).T, strict=True):
            self._kept[day.on].append(_Rehearsed(sums, classes))

    def quantiles(self, forecast: Sold, chances: Array) -> Array:
        return self._tables.quantiles(self._level.sum(forecast.units), self._dispersion.classes(), chances)
