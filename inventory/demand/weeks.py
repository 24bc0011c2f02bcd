"""Demand by the week of the year: a level of each series, and a season that all of them share (``periods``).

A place that sells little says little of its year; all together do. What a week brings is spread over its days as days
of the week sell at the location, against a seventh of the week.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, added, grown, ratio
from inventory.demand.periods.learner import PeriodDemand

_DAYS, PLACES = 7, 52
_LEAST_DAYS = 2.5
"""Ordinary days on the shelf in a week that teaches anything."""
_KEEP, _EVEN_UNITS = 0.98, 20.0
_EPOCH = date(1970, 1, 1).toordinal()


def place_of(on: date) -> int:
    """Of a date's week in the year, from 0; week 53 counts as 52.

    >>> [place_of(date(2026, 12, day)) for day in (27, 28)], place_of(date(1970, 1, 4))
    ([51, 51], 0)
    """
    return min(on.isocalendar().week, PLACES) - 1


def week_of(day: int) -> int:
    """The place of a day since the epoch."""
    return place_of(date.fromordinal(day + _EPOCH))


class Weeks:
    """Of n series; 32 bytes each."""

    KEPT: ClassVar[tuple[str, ...]] = ("_periods", "_units", "_days", "_sold", "_expected")

    def __init__(self) -> None:
        nothing = np.zeros(0, dtype=np.intp)
        self._periods, self._location = PeriodDemand(nothing, nothing, PLACES), nothing
        self._units, self._days = np.zeros((2, 0), dtype=np.float32)
        self._sold, self._expected = np.zeros((2, 0, _DAYS))

    def grow(self, category: Index, location: Index, locations: int) -> None:
        """More series and locations at the end; ``category`` and ``location`` (n,) are of all, from 0."""
        self._periods.grow(category, location)
        self._location = location
        self._units, self._days = grown(self._units, len(location)), grown(self._days, len(location))
        self._sold, self._expected = (grown(kept, locations, axis=0) for kept in (self._sold, self._expected))

    def learn(self, day: int, units: Array, on_shelf: Mask) -> None:
        """Demand of a day since the epoch, (n,), where it was ``on_shelf`` (n,); each day once, in order.

        Days that were not count by what they usually sell beside the others.
        """
        weekday = _weekday(day)
        self._units += (units * on_shelf).astype(np.float32)
        self._days += (self._factors()[self._location, weekday] * on_shelf).astype(np.float32)
        usual = self._periods.forecast([week_of(day)]).mean[:, 0] / _DAYS
        seen = on_shelf & (usual > 0.0)
        for kept, of_series in ((self._sold, units), (self._expected, usual)):
            kept[:, weekday] = _KEEP * kept[:, weekday] + added(self._location, of_series * seen, len(kept))
        if weekday == _DAYS - 1:
            known = self._days >= _LEAST_DAYS
            whole = self._units.astype(np.float64) * _DAYS / np.where(known, self._days, 1.0)
            self._periods.learn(week_of(day), whole, known)
            self._units, self._days = np.zeros_like(self._units), np.zeros_like(self._days)

    def path(self, ahead: Sequence[int]) -> Array:
        """Mean units of days since the epoch, (n, h)."""
        weeks = [week_of(day) for day in ahead]
        several = sorted(set(weeks))
        mean = self._periods.forecast(several).mean / _DAYS
        by_day = self._factors()[:, [_weekday(day) for day in ahead]]
        path: Array = mean[:, [several.index(week) for week in weeks]] * by_day[self._location]
        return path

    def _factors(self) -> Array:
        """Of the days of the week against the mean of those that were seen, (locations, 7)."""
        level = ratio(self._sold.sum(axis=1), self._expected.sum(axis=1))
        factors: Array = (self._sold + _EVEN_UNITS) / (level[:, None] * self._expected + _EVEN_UNITS)
        return factors


def _weekday(day: int) -> int:
    """0 is Monday."""
    return (day + _EPOCH - 1) % _DAYS
