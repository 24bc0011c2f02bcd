"""On which weekdays and in which hours a location trades.

A location that should have sold several units and sold none was closed, or nobody heard of it: such a day teaches
nothing about demand. That it comes back on the same weekday is learned here, so that nothing is forecast for it from
the third time on; once is no habit. A place that was closed on all of them is open again with its first sale. Hours in
which next to nothing is ever sold are not trading hours: an empty shelf at night loses no sale.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.day_book import HOURS
from inventory.demand.panel.arrays import Array, Mask, grown

_SURELY = 8.0
"""Units that Poisson demand leaves unsold once in 3,000 days."""
_RATE, _REOPENING = 0.4, 0.7
_KEEP_SOLD, _HARDLY = 0.98, 0.002
_NEVER, _ALWAYS = 0.2, 0.5
"""Weighted shares of open days at and below which a location is taken to be closed, and above which open."""


class Opening:
    """How likely each location trades, by weekday, and when it sells, by hour."""

    KEPT: ClassVar[tuple[str, ...]] = ("_open", "_sold")

    def __init__(self) -> None:
        self._open = np.ones((7, 0))
        self._sold = np.zeros((0, HOURS))

    def grow(self, locations: int) -> None:
        """More locations at the end; taken to be open."""
        self._open = grown(self._open, locations, fill=1.0)
        self._sold = grown(self._sold, locations, axis=0)

    def traded(self, sold: Array, expected: Array, chance: Array) -> tuple[Mask, Mask]:
        """Which locations traded on a day, and of which that can be told, (locations,) both.

        By units sold and expected if open, and the ``chance`` that it would be, (locations,) each.
        """
        told: Mask = (sold > 0.0) | (expected >= _SURELY)
        traded: Mask = (sold > 0.0) | (~told & (chance > 0.0))
        return traded, told

    def learn(self, weekday: int, told: Mask, traded: Mask) -> None:
        """A day of the locations it can be told of; leave out those on which that day was none like others."""
        sold = told & traded
        self._open[:, sold & (self._open < _ALWAYS).all(axis=0)] = 1.0
        self._open[weekday] += np.where(sold, _REOPENING, _RATE) * told * (traded - self._open[weekday])

    def hours(self, sold: Array) -> Mask:
        """Learn of a day's units by hour, (locations, 24); returns which are trading hours."""
        self._sold = _KEEP_SOLD * self._sold + sold
        trading: Mask = self._sold > _HARDLY * self._sold.sum(axis=1, keepdims=True)
        return trading

    def chance(self, weekday: int) -> Array:
        """That each trades on an ordinary day of that weekday, (locations,)."""
        return chance_of(self._open[weekday])


def chance_of(share: Array) -> Array:
    """How likely it is open where it was on that share of such days: habits are kept."""
    chances: Array = np.clip((share - _NEVER) / (_ALWAYS - _NEVER), 0.0, 1.0)
    return chances
