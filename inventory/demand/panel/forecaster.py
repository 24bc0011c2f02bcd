"""The panel forecaster: aggregates by regression, series by their share, quantiles by what rehearsals missed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Level, Panel, lifted, nests
from inventory.demand.panel.misses import CoarseMisses, FineMisses
from inventory.demand.panel.shares import Shares
from inventory.demand.panel.totals import Totals

_EVERY = 4
"""Small sums are so many that every fourth day of a rehearsal teaches enough, other days each time."""


class Forecast(NamedTuple):
    """Mean units of the days ahead."""

    totals: Array
    """(aggregates, h)"""
    units: Array
    """(n, h), adding up to the totals."""


class Forecaster:
    """Learns n daily series day by day, and forecasts them and any of the ``levels`` they add up to.

    Call ``learn`` once a day, in order, and ``rehearse`` about weekly: a rehearsal is a forecast that
    is kept and compared with what comes, and all that quantiles are made of. No call
    looks at anything but what was learned before it and the calendar it is given.
    """

    def __init__(self, panel: Panel, events: Sequence[str], levels: Sequence[Level]) -> None:
        """``events`` are the names that :class:`Day` may carry; others are not noticed."""
        self._panel = panel
        self._totals = Totals(panel.region, events)
        self._shares = Shares(panel)
        nested = [nests(panel.aggregate, level) for level in levels]
        self._coarse = {at: CoarseMisses(lifted(panel.aggregate, levels[at])) for at, nest in enumerate(nested) if nest}
        self._fine = {at: FineMisses(levels[at]) for at, nest in enumerate(nested) if not nest}
        self._rehearsals = 0

    def learn(self, day: Day, units: Array, price: Array) -> None:
        """Units sold on a day and the price, both (n,); price 0 where there is none, units below 0 count as 0.

        Prices weigh what errors cost; where all are 0 nothing is learned about blending shares.
        """
        units = np.maximum(units, 0.0)
        totals = self._panel.aggregate.sum(units)
        for coarse in self._coarse.values():
            coarse.learn(day, totals)
        for fine in self._fine.values():
            fine.learn(day, units)
        self._totals.learn(day, totals)
        if not day.closed:
            self._shares.learn(day, units, totals, price)

    def rehearse(self, days: Sequence[Day]) -> None:
        """Remember what would be forecast now for the coming days, at most a year of them."""
        totals = self._totals.forecast(days)
        few = range(self._rehearsals % _EVERY, len(days), _EVERY)
        some = [days[at] for at in few]
        units = self._shares.split(some, totals[:, few])
        for coarse in self._coarse.values():
            coarse.rehearse(days, totals)
        for fine in self._fine.values():
            fine.rehearse(some, units)
        self._rehearsals += 1

    def forecast(self, days: Sequence[Day]) -> Forecast:
        """Means of the days that follow the last one learned, at most a year of them."""
        totals = self._totals.forecast(days)
        return Forecast(totals, self._shares.split(days, totals))

    def quantiles(self, level: int, forecast: Forecast, chances: Sequence[float]) -> Array:
        """Of the sums of a level, (size, h, chances); never negative, never falling with the chance."""
        if level in self._coarse:
            return self._coarse[level].quantiles(forecast.totals, np.asarray(chances))
        return self._fine[level].quantiles(forecast.units, np.asarray(chances))
