"""How an aggregate's sales divide among its series."""

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown, ratio
from inventory.demand.panel.blend import Blend
from inventory.demand.panel.days import Day
from inventory.demand.panel.hierarchy import Panel
from inventory.demand.panel.item_state import ItemState
from inventory.demand.panel.profile import Profile

_PRIOR = np.array([0.0, 0.25, 0.25, 0.25, 0.25, *([0.0] * 8)])
"""Before anything is learned: the mean of the shares of 14, 28, 56 and 112 days."""
_WEEKS = 4
_LEAST_SQUARE = 0.05
_Week = Sequence[Array]
"""Features at the end of a week (n, 13), what errors weighed then and what was sold in it, (n,) both."""


class Shares:
    """Shares of n series in their aggregates; every seventh day the blend learns from four weeks ago."""

    KEPT: ClassVar[tuple[str, ...]] = ("_state", "_profile", "_blend", "_weeks", "_units", "_days")

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

    def grow(self, panel: Panel) -> None:
        """More series at the end, and series that now belong to other aggregates."""
        n = len(panel.aggregate.of)
        self._panel, self._of = panel, panel.aggregate.of
        self._department = panel.department.of[self._of]
        self._state.grow(panel)
        self._profile.grow(panel)
        self._units = grown(self._units, n)
        self._weeks = deque((_grown(week, n) for week in self._weeks), maxlen=_WEEKS + 1)

    def divide(self, members: Index, share: float) -> None:
        """These series are now in an aggregate that is a share of the one they were in."""
        self._state.divide(members, share)
        for week in self._weeks:
            week[0][members] /= share

    def learn(self, day: Day, units: Array, totals: Array, price: Array, heard: Mask) -> None:
        """Units and prices of the series (n,), totals of the aggregates (m,); series not ``heard`` of wait."""
        totals = totals[self._of]
        self._profile.learn(day, units, self._state.share(56) * totals * heard)
        self._state.learn(units, totals, heard)
        self._units += units
        self._days += 1
        if self._days % 7 == 0:
            self._end_week(price)

    def weights(self, days: Sequence[Day]) -> Array:
        """What each series weighs in its aggregate, (n, h), before they are made to add up."""
        share = self._blend.shares(self._department, self._state.features())
        ratios = self._profile.ratios()
        return np.column_stack([share * self._profile.on(day, ratios) for day in days])

    def ordinary(self) -> Array:
        """Part of its aggregate that a series has, whatever the weekday, (n,)."""
        share = self._blend.shares(self._department, self._state.features())
        return ratio(share, self._panel.aggregate.sum(share)[self._of])

    def split(self, totals: Array, weights: Array) -> Array:
        """Forecasts (m, h) of the aggregates -> of the series (n, h), adding up to them."""
        return weights * ratio(totals, self._panel.aggregate.sum(weights))[self._of]

    def _end_week(self, price: Array) -> None:
        weight = price * self._state.rate / np.maximum(self._state.step_square, _LEAST_SQUARE)
        self._weeks.append((self._state.features().astype(np.float32), weight, self._units))
        self._units = np.zeros(len(self._of))
        if len(self._weeks) > _WEEKS:
            self._learn_blend()

    def _learn_blend(self) -> None:
        """The features of four weeks ago against the four weeks since."""
        features, weight, _ = self._weeks[0]
        sold = np.sum([units for _, _, units in list(self._weeks)[1:]], axis=0) / (7 * _WEEKS)
        total = self._panel.aggregate.sum(sold)[self._of]
        self._blend.learn(self._department, features * total[:, None], sold, weight)


def _grown(week: _Week, n: int) -> _Week:
    """With more series, which weigh nothing."""
    features, weight, units = week
    return grown(features, n, axis=0), grown(weight, n), grown(units, n)
