"""Which size curve each series counts for, and what a day teaches the curves.

A curve is of a location, a category and a size-set; a run is a style in one colour at a location, whose sizes divide
what is asked of it. Several runs of a curve weigh by what is expected of each.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand import size_curves
from inventory.demand.panel.arrays import Array, Mask, added, grown
from inventory.demand.register import Register

_LEAST = 0.01


class Look(NamedTuple):
    """What tells an item from its siblings; ``sizes``: those of its style, in order, as ``normal_size`` writes them."""

    colour: str = ""
    size: str = ""
    sizes: tuple[str, ...] = ()


class Curve(NamedTuple):
    """Shares of sizes, which add up to 1, and the units of late that say so, older ones weighing less."""

    location: str
    category: str
    shares: dict[str, float]
    units: float


class SizeRuns:
    """Call `place` when series, looks or clusters may have changed, then `learn` for a day."""

    KEPT: ClassVar[tuple[str, ...]] = ("_sets", "_of", "_curves", "_sold")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._sets: list[tuple[int, list[str]]] = []
        """Category and sizes of each size-set."""
        self._of: list[tuple[int, int]] = []
        """Location and size-set of each curve."""
        self._curves = size_curves.new(0)
        self._sold = np.zeros(0, dtype=np.bool_)
        """Which curves sold since they were last said."""
        self._series, self._curve, self._column, self._run = (np.zeros(0, dtype=np.intp) for _ in range(4))
        self._first = np.zeros(0, dtype=np.intp)
        """Where in these each run begins."""

    def place(self, looks: Sequence[Look]) -> None:
        """``looks`` are of items; series whose style has no two sizes are in no run."""
        register = self._register
        sets = {(category, tuple(sizes)): at for at, (category, sizes) in enumerate(self._sets)}
        numbers = {(place, named): at for at, (place, named) in enumerate(self._of)}
        runs: dict[tuple[int, int, str], int] = {}
        rows: list[tuple[int, int, int, int]] = []
        for series, (item, place) in enumerate(zip(register.item, register.location, strict=True)):
            look = looks[item]
            if len(look.sizes) < 2 or look.size not in look.sizes:
                continue
            named = sets.setdefault((register.category_of[item], look.sizes), len(sets))
            curve = numbers.setdefault((place, named), len(numbers))
            run = runs.setdefault((place, register.style_of[item], look.colour), len(runs))
            rows.append((series, curve, look.sizes.index(look.size), run))
        self._sets, self._of = [(category, list(sizes)) for category, sizes in sets], list(numbers)
        table = np.array(rows, dtype=np.intp).reshape(-1, 4)
        self._series, self._curve, self._column, self._run = table.T
        _, self._first = np.unique(self._run, return_index=True)

    def belong(self, cluster: Sequence[int], clusters: int) -> None:
        """The cluster of each location, -1 for none yet; those without one are pooled by themselves."""
        wide = max((len(sizes) for _, sizes in self._sets), default=0)
        has = np.array([[at < len(sizes) for at in range(wide)] for _, sizes in self._sets], dtype=np.bool_)
        of = np.array([named * (clusters + 1) + cluster[place] + 1 for place, named in self._of], dtype=np.int64)
        for name in ("units", "exposed"):
            setattr(self._curves, name, grown(getattr(self._curves, name), wide))
        chain = np.repeat(np.arange(len(self._sets)), clusters + 1)
        size_curves.grow(self._curves, of, chain, has.reshape(len(self._sets), wide))
        self._sold = grown(self._sold, len(self._of))

    def learn(self, units: Array, expected: Array, share: Array, heard: Mask) -> None:
        """A day, (n,) all: units sold, expected, the share of the day in stock, and whether the location traded."""
        mine, size, wide = self._series, len(self._of), self._curves.units.shape[1]
        if not size:
            return
        first = self._first
        run = np.maximum(added(self._run, expected[mine], len(first)), _LEAST) * heard[mine[first]]
        demand = added(self._curve[first], run, size)
        cell = self._curve * wide + self._column
        sold, shown = (
            added(cell, column, size * wide).reshape(size, wide)
            for column in (units[mine], run[self._run] * share[mine] * heard[mine])
        )
        exposure = np.divide(shown, demand[:, None], out=np.zeros_like(shown), where=demand[:, None] > 0.0)
        size_curves.learn(self._curves, sold, exposure, demand)
        self._sold |= sold.sum(axis=1) > 0.0

    def said(self) -> list[Curve]:
        """The curves that sold since the last time."""
        shares, units = size_curves.curves(self._curves), self._curves.units.sum(axis=1)
        found = [self._said(int(at), shares[at], float(units[at])) for at in np.flatnonzero(self._sold)]
        self._sold = np.zeros_like(self._sold)
        return found

    def _said(self, at: int, shares: Array, units: float) -> Curve:
        place, named = self._of[at]
        category, sizes = self._sets[named]
        register = self._register
        by_size = dict(zip(sizes, shares.tolist(), strict=False))
        return Curve(register.locations[place], register.categories[category], by_size, units)


def normal_size(size: str) -> str:
    """One spelling of a size.

    >>> normal_size(" xl ")
    'XL'
    """
    return " ".join(size.upper().split())
