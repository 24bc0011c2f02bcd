"""The panel forecaster: aggregates by regression, series by their share, quantiles by what rehearsals missed."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Mask
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Level, Panel, lifted, nests
from inventory.demand.panel.misses import CoarseMisses, FineMisses
from inventory.demand.panel.shares import Shares
from inventory.demand.panel.totals import LEAST_SHARE, Totals

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

    KEPT: ClassVar[tuple[str, ...]] = ("_totals", "_shares")
    """What quantiles of levels are made of is not kept: a forecaster that has them is not taken up again."""

    def __init__(self, panel: Panel, events: Sequence[str], levels: Sequence[Level]) -> None:
        """``events`` are the names that :class:`Day` may carry; others are not noticed."""
        self._panel = panel
        self._totals = Totals(panel.region, events)
        self._shares = Shares(panel)
        nested = [nests(panel.aggregate, level) for level in levels]
        self._coarse = {at: CoarseMisses(lifted(panel.aggregate, levels[at])) for at, nest in enumerate(nested) if nest}
        self._fine = {at: FineMisses(levels[at]) for at, nest in enumerate(nested) if not nest}
        self._rehearsals = 0

    def grow(self, panel: Panel) -> None:
        """More series, items or aggregates at the end; the others must be as before.

        Raises ``ValueError`` where quantiles of levels are learned: those know what they add up.
        """
        if self._coarse or self._fine:
            raise ValueError("a forecaster that learns quantiles of levels does not grow")
        self._totals.grow(panel.region)
        self._shares.grow(panel)
        self._panel = panel

    def divide(self, whole: int, part: int, share: float) -> None:
        """Let the aggregate ``part``, just grown, go on as that share of ``whole``.

        The series that are in ``part`` now must have been in ``whole``; ``whole`` keeps the others.
        """
        self._totals.divide(whole, part, share)
        self._shares.divide(np.flatnonzero(self._panel.aggregate.of == part), share)
        rest = np.flatnonzero(self._panel.aggregate.of == whole)
        self._shares.divide(rest, max(1.0 - share, LEAST_SHARE))

    def learn(self, day: Day, units: Array, price: Array, heard: Mask | None = None) -> None:
        """Units sold on a day and the price, both (n,); price 0 where there is none, units below 0 count as 0.

        Prices weigh what errors cost; where all are 0 nothing is learned about blending shares. Series
        that were not ``heard`` of (n,) teach nothing that day; their units, guessed, only complete the sums.
        """
        units = np.maximum(units, 0.0)
        if heard is None:
            heard = np.ones(len(units), dtype=np.bool_)
        totals = self._panel.aggregate.sum(units)
        for coarse in self._coarse.values():
            coarse.learn(day, totals)
        for fine in self._fine.values():
            fine.learn(day, units)
        self._totals.learn(day, totals, self._panel.aggregate.sum(heard.astype(np.float64)) > 0.0)
        if not day.closed:
            self._shares.learn(day, units * heard, totals, price, heard)

    def rehearse(self, days: Sequence[Day]) -> None:
        """Remember what would be forecast now for the coming days, at most a year of them."""
        totals = self._totals.forecast(days)
        few = range(self._rehearsals % _EVERY, len(days), _EVERY)
        some = [days[at] for at in few]
        units = self._shares.split(totals[:, few], self._shares.weights(some))
        for coarse in self._coarse.values():
            coarse.rehearse(days, totals)
        for fine in self._fine.values():
            fine.rehearse(some, units)
        self._rehearsals += 1

    def forecast(self, days: Sequence[Day]) -> Forecast:
        """Means of the days that follow the last one learned, at most a year of them."""
        totals = self._totals.forecast(days)
        return Forecast(totals, self._shares.split(totals, self._shares.weights(days)))

    def totals(self, days: Sequence[Day]) -> Array:
        """Means of the aggregates alone, (aggregates, h)."""
        return self._totals.forecast(days)

    def steps(self, days: Sequence[Day]) -> list[tuple[str, Array]]:
        """How the totals come about: their means with one effect more each time, (aggregates, h) by its name."""
        return self._totals.steps(days)

    def shares(self) -> Array:
        """Each series' part of its aggregate on an ordinary day, (n,), adding up to 1."""
        return self._shares.ordinary()

    def split(self, days: Sequence[Day], totals: Array) -> Array:
        """Means of the series (n, h), adding up to these totals."""
        return self._shares.split(totals, self._shares.weights(days))

    def quantiles(self, level: int, forecast: Forecast, chances: Sequence[float]) -> Array:
        """Of the sums of a level, (size, h, chances); never negative, never falling with the chance."""
        if level in self._coarse:
            return self._coarse[level].quantiles(forecast.totals, np.asarray(chances))
        return self._fine[level].quantiles(forecast.units, np.asarray(chances))
