"""How an aggregate's sales divide among its series."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, ratio
from inventory.demand.panel.blend import Blend
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Panel
from inventory.demand.panel.item_state import ItemState
from inventory.demand.panel.profile import Profile

_PRIOR = np.array([0.0, 0.25, 0.25, 0.25, 0.25, *([0.0] * 8)])
"""Before anything is learned: the mean of the shares of 14, 28, 56 and 112 days."""
_WEEKS = 4
_LEAST_SQUARE = 0.05


class _Week(NamedTuple):
    """Features at the end of a week, and what was sold in it."""

    features: Array
    weight: Array
    units: Array


class Shares:
    """Shares of n series in their aggregates; every seventh day the blend learns from four weeks ago."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._of = panel.aggregate.of
        self._department = panel.department.of[self._of]
        self._state = ItemState(panel)
        self._profile = Profile(panel)
        self._blend = Blend(panel.department.size, _PRIOR)
        self._weeks: deque[_Week] = deque(maxlen=_WEEKS + 1)
        self._units = np.zeros(len(self._of))
        self._days = 0

    def learn(self, day: Day, units: Array, totals: Array, price: Array) -> None:
        """Units and prices of the series (n,), totals of the aggregates (m,)."""
        totals = totals[self._of]
        self._profile.learn(day, units, self._state.share(56) * totals)
        self._state.learn(units, totals)
        self._units += units
        self._days += 1
        if self._days % 7 == 0:
            self._end_week(price)

    def split(self, days: Sequence[Day], totals: Array) -> Array:
        """Forecasts (m, h) of the aggregates -> of the series (n, h), adding up to them."""
        share = self._blend.shares(self._department, self._state.features())
        ratios = self._profile.ratios()
        weights = np.column_stack([share * self._profile.on(day, ratios) for day in days])
        return weights * ratio(totals, self._panel.aggregate.sum(weights))[self._of]

    def _end_week(self, price: Array) -> None:
        weight = price * self._state.rate / np.maximum(self._state.step_square, _LEAST_SQUARE)
        self._weeks.append(_Week(self._state.features(), weight, self._units))
        self._units = np.zeros(len(self._of))
        if len(self._weeks) > _WEEKS:
            self._learn_blend()

    def _learn_blend(self) -> None:
        """The features of four weeks ago against the four weeks since."""
        then = self._weeks[0]
        sold = np.sum([week.units for week in list(self._weeks)[1:]], axis=0) / (7 * _WEEKS)
        total = self._panel.aggregate.sum(sold)[self._of]
        self._blend.learn(self._department, then.features * total[:, None], sold, then.weight)
