"""What new series are taken to sell: the usual of their category and location, times what others like them did.

``first_days`` learns the factor from the first four weeks of series, from the chain down to the item at other
locations; exposure is in units that a usual series would have sold. What a series itself sold in its own first weeks
moves its factor for good, as much as a gamma-Poisson weighs it.
"""

from typing import ClassVar

import numpy as np

from inventory.demand import first_days
from inventory.demand.first_days import Prior, Rules
from inventory.demand.panel.arrays import Array, Index, grown
from inventory.demand.register import Register

_FIRST_DAYS = 28
_LEVELS = 5


class Newcomers:
    """Call `place` when series or clusters may have changed."""

    KEPT: ClassVar[tuple[str, ...]] = ("_others", "_units", "_exposed", "_first", "_days")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._others = first_days.new(_LEVELS, Rules(first_rate=1.0))
        self._units, self._exposed = np.zeros((2, 0), dtype=np.float32)
        """Of the first days of each series."""
        self._first = np.zeros(0, dtype=np.float32)
        """The rate that was expected of it on its first."""
        self._days = np.zeros(0, dtype=np.uint8)
        self._path = np.zeros((0, _LEVELS), dtype=np.intp)

    def place(self, cluster: list[int], clusters: int) -> None:
        """The cluster of each location, -1 for none yet. An item without a style stands by its category's cluster."""
        register, n = self._register, len(self._register)
        item, place = np.array(register.item, dtype=np.intp), np.array(register.location, dtype=np.intp)
        category = register.categories_of_series()
        alike = category * (clusters + 1) + np.array(cluster, dtype=np.intp)[place] + 1
        named = np.array([bool(style) for style in register.styles], dtype=np.bool_)
        style = np.array(register.style_of, dtype=np.intp)[item]
        by_style = np.where(named[style], 2 * style + 1, 2 * alike)
        self._path = np.column_stack([np.zeros_like(item), category, alike, by_style, item])
        for name in ("_units", "_exposed", "_first", "_days"):
            setattr(self, name, grown(getattr(self, name), n))

    def learn(self, units: Array, usual: Array, share: Array) -> None:
        """A day, (n,) all: units sold, those of a usual series, and the share of the day in stock, 0 if not heard."""
        exposure = usual * share
        new = np.flatnonzero((self._days < _FIRST_DAYS) & (exposure > 0.0))
        fresh = self._days[new] == 0
        self._first[new] = np.where(fresh, self._prior(new).rate, self._first[new])
        first_days.learn(self._others, self._path[new], units[new], exposure[new], fresh)
        self._units[new] += units[new]
        self._exposed[new] += exposure[new]
        self._days[new] += np.uint8(1)
        over = new[self._days[new] == _FIRST_DAYS]
        before = Prior(self._first[over], np.empty(0))
        first_days.graduate(self._others, before, self._units[over], self._exposed[over])

    def expected(self, usual: Array) -> Array:
        """Units a day, (n,), by those of a usual series."""
        every = np.arange(len(self._days))
        units, exposed = self._units.astype(np.float64), self._exposed.astype(np.float64)
        return np.asarray(first_days.own(self._prior(every), units, exposed).rate * usual)

    def _prior(self, series: Index) -> Prior:
        return first_days.prior(self._others, self._path[series])
