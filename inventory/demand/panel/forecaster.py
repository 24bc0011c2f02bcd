"""The panel forecaster: aggregates by regression, series by their share, quantiles by what rehearsals missed."""

from collections.abc import Sequence

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Level, Panel
from inventory.demand.panel.misses import Sold, misses_of
from inventory.demand.panel.shares import Shares
from inventory.demand.panel.totals import Totals

_EVERY = 4
"""A rehearsal teaches enough by every fourth of its days, other ones each time."""


class Forecaster:
    """Learns n daily series day by day, and forecasts any of the ``levels`` they add up to.

    Call ``learn`` once a day, in order, and ``rehearse`` about weekly: a rehearsal is a forecast that
    is kept and compared with what comes, and all that quantiles are made of. No call
    looks at anything but what was learned before it and the calendar it is given.
    """

    def __init__(self, panel: Panel, events: Sequence[str], levels: Sequence[Level]) -> None:
        """``events`` are the names that :class:`Day` may carry; others are not noticed."""
        self._panel = panel
        self._totals = Totals(panel.region, events)
        self._shares = Shares(panel)
        self._misses = [misses_of(panel.aggregate, level) for level in levels]
        self._rehearsals = 0

    def learn(self, day: Day, units: Array, price: Array) -> None:
        """Units sold on a day and the price, both (n,); price 0 where there is none."""
        sold = Sold(self._panel.aggregate.sum(units), units)
        for misses in self._misses:
            misses.learn(day, sold)
        self._totals.learn(day, sold.totals)
        if not day.closed:
            self._shares.learn(day, units, sold.totals, price)

    def rehearse(self, days: Sequence[Day]) -> None:
        """Remember what would be forecast now for the coming days."""
        kept = slice(self._rehearsals % _EVERY, None, _EVERY)
        self._rehearsals += 1
        if not days[kept]:
            return
        totals = self._totals.forecast(days)[:, kept]
        forecast = Sold(totals, self._shares.split(days[kept], totals))
        for misses in self._misses:
            misses.rehearse(days[kept], forecast)

    def forecast(self, days: Sequence[Day]) -> Sold:
        """Means of the days that follow the last one learned, at most a year of them."""
        totals = self._totals.forecast(days)
        return Sold(totals, self._shares.split(days, totals))

    def quantiles(self, level: int, forecast: Sold, chances: Sequence[float]) -> Array:
        """Of the sums of a level, (size, h, chances); never negative, never falling with the chance."""
        return self._misses[level].quantiles(forecast, np.asarray(chances))
