"""When in the week an item sells, with and without the signal, beyond what its aggregate does."""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, grown
from inventory.demand.panel.days import Day, strengths
from inventory.demand.panel.hierarchy import Panel, level, lifted

_CELLS = 14
_KEEP = 0.985
_PULL_UNITS = 60.0


def cells(day: Day, regions: int) -> Index:
    """The cell of a day in every region: weekday, and whether the signal is on."""
    return 2 * day.on.weekday() + (strengths(day, regions) >= 0.5).astype(np.intp)


class Profile:
    """Units over expected units by item, region and cell; pulled to the item's own ratio, and that to one."""

    KEPT: ClassVar[tuple[str, ...]] = ("_units", "_expected")

    def __init__(self, panel: Panel) -> None:
        self._place(panel)
        self._units = np.zeros((_CELLS, self._at.size))
        self._expected = np.zeros((_CELLS, self._at.size))

    def grow(self, panel: Panel) -> None:
        """More series at the end."""
        self._place(panel)
        self._units = grown(self._units, self._at.size)
        self._expected = grown(self._expected, self._at.size)

    def _place(self, panel: Panel) -> None:
        """Items in regions are numbered as they first appear, so that more series only add to them."""
        region = panel.region.of[panel.aggregate.of]
        self._regions = panel.region.size
        self._at = level(list(zip(panel.item.of, region, strict=True)))
        self._region = np.zeros(self._at.size, dtype=np.intp)
        self._region[self._at.of] = region
        self._item = lifted(self._at, panel.item)

    def learn(self, day: Day, units: Array, expected: Array) -> None:
        """Units and what shares and totals let expect, both (n,)."""
        units, expected = self._at.sum(units), self._at.sum(expected)
        today = cells(day, self._regions)
        for cell in np.unique(today):
            mine = (today == cell)[self._region]
            self._units[cell] += mine * (units - (1.0 - _KEEP) * self._units[cell])
            self._expected[cell] += mine * (expected - (1.0 - _KEEP) * self._expected[cell])

    def ratios(self) -> Array:
        """(cells, item-regions)."""
        item = (self._item.sum(self._units.T) + _PULL_UNITS) / (self._item.sum(self._expected.T) + _PULL_UNITS)
        pulled: Array = item[self._item.of].T
        ratios: Array = (self._units + _PULL_UNITS * pulled) / (self._expected + _PULL_UNITS)
        return ratios

    def on(self, day: Day, ratios: Array) -> Array:
        """The ratios of a day, per series (n,)."""
        of_day = ratios[cells(day, self._regions)[self._region], np.arange(self._at.size)]
        return of_day[self._at.of]
