"""Demand of n series in whole units: members that differ in how long they remember, mixed by what they cost.

Once a period, in order: ``quantiles`` and ``begin`` as wanted, then ``learn``. Nothing looks at anything but
what was learned before and the exposure it is given: the sum of the factors of the periods ahead,
which without signals is their number.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.choice import Choice, pinball
from inventory.demand.counts.levels import Levels, Memory
from inventory.demand.counts.shapes import Shapes
from inventory.demand.panel.arrays import Array, Index, Mask, grown

_QUICK, _STEADY = Memory(slow=0.88), Memory(slow=0.99, quick=0.7, trust_in_quick=0.5)
_JUDGE_EVERY = 8
_JUDGED = np.array([0.5, 0.7, 0.9, 0.98])
_SIZES = 12


class Member:
    """One memory: levels, and the shapes around them."""

    KEPT: ClassVar[tuple[str, ...]] = ("levels", "shapes")

    def __init__(self, memory: Memory) -> None:
        self.levels = Levels(memory)
        self.shapes = Shapes()


class CountDemand:
    """About 370 bytes a series. Units are rounded to whole ones; below 0 they count as 0, NaN as not heard."""

    KEPT: ClassVar[tuple[str, ...]] = ("_quick", "_steady", "_of_period", "_of_sum", "_promised", "_periods")

    def __init__(self, quick: Memory = _QUICK, steady: Memory = _STEADY) -> None:
        self._quick, self._steady = Member(quick), Member(steady)
        self._of_period, self._of_sum = Choice(2, _SIZES), Choice(2, _SIZES)
        self._promised = np.zeros((2, 0, len(_JUDGED)), dtype=np.float32)
        self._periods = 0

    def grow(self, n: int) -> None:
        """More series at the end; they begin like the mean of the others."""
        for member in self._members():
            member.levels.grow(n)
            member.shapes.grow(n)
        self._of_period.grow(n)
        self._of_sum.grow(n)
        self._promised = grown(self._promised, n, axis=1)

    def level(self) -> Array:
        """Units of a plain period, (n,): of the members, weighted as their forecasts are."""
        levels = self._levels()
        mixed: Array = (self._of_period.weights(_sizes(levels)) * levels).sum(axis=0)
        return mixed

    def quantiles(self, chances: Array, exposure: Array | None = None, periods: Index | int = 1) -> Array:
        """Units of the sum of the coming periods, (n, chances); never negative, never falling with the chance.

        Between whole units where the members differ.
        """
        levels = self._levels()
        counted, exposure = _ahead(levels, periods, exposure)
        found = self._quantiles(levels * exposure, chances, counted, slice(None))
        sizes = _sizes(levels)
        single, several = self._of_period.mix(found, sizes), self._of_sum.mix(found, sizes)
        mixed = np.where((counted <= 1)[:, None], single, several)
        return mixed.round(6)

    def begin(self, exposure: Array | None = None, periods: Index | int = 1) -> None:
        """Let sums of the coming periods begin where none is under way; from these it is learned how sums scatter."""
        levels = self._levels()
        counted, exposure = _ahead(levels, periods, exposure)
        means = levels * exposure
        begun = [member.shapes.begin(mean, counted) for member, mean in zip(self._members(), means, strict=True)]
        chosen = np.flatnonzero(begun[0])
        self._promised[:, chosen] = self._quantiles(means[:, chosen], _JUDGED, counted[chosen], chosen)

    def learn(self, units: Array, exposure: Array | None = None, heard: Mask | None = None) -> None:
        """Units of a period, (n,), and the factor it had; series not ``heard`` of teach nothing."""
        heard = np.isfinite(units) if heard is None else heard & np.isfinite(units)
        units = np.rint(np.where(heard, np.maximum(units, 0.0), 0.0))
        levels = self._levels()
        _, exposure = _ahead(levels, 1, exposure)
        means, sizes = levels * exposure, _sizes(levels)
        self._judge(means, units, sizes, heard)
        for member, mean in zip(self._members(), means, strict=True):
            over, sums = member.shapes.learn(mean, units, heard)
            member.levels.learn(units, exposure, heard)
        self._judge_sums(np.flatnonzero(over), sums, sizes)

    def _judge(self, means: Array, units: Array, sizes: Index, heard: Mask) -> None:
        """What forecasts of the period cost; of every eighth series in turn, which is enough to choose by."""
        chosen = np.flatnonzero(heard & ((np.arange(len(units)) + self._periods) % _JUDGE_EVERY == 0))
        one = np.ones(len(chosen), dtype=np.intp)
        promised = self._quantiles(means[:, chosen], _JUDGED, one, chosen)
        self._of_period.learn(pinball(promised, _JUDGED, units[chosen]), sizes[chosen], chosen)
        self._periods += 1

    def _judge_sums(self, over: Index, sums: Array, sizes: Index) -> None:
        promised = self._promised[:, over].astype(np.float64)
        self._of_sum.learn(pinball(promised, _JUDGED, sums[over]), sizes[over], over)

    def _members(self) -> tuple[Member, Member]:
        return self._quick, self._steady

    def _levels(self) -> Array:
        """(members, n)"""
        return np.stack([member.levels.level() for member in self._members()])

    def _quantiles(self, means: Array, chances: Array, periods: Index, chosen: Index | slice) -> Array:
        """(members, m), (k,), (m,) -> (members, m, k)."""
        pairs = zip(self._members(), means, strict=True)
        return np.stack([member.shapes.quantiles(mean, chances, periods, chosen) for member, mean in pairs])


def _ahead(levels: Array, periods: Index | int, exposure: Array | None) -> tuple[Index, Array]:
    counted = np.broadcast_to(np.asarray(periods, dtype=np.intp), levels.shape[1:])
    return counted, counted.astype(np.float64) if exposure is None else exposure


def _sizes(levels: Array) -> Index:
    """Classes of series, doubling from an eighth of a unit."""
    steps = np.floor(np.log2(np.maximum(levels.mean(axis=0), 1e-9))) + 4.0
    sizes: Index = np.clip(steps, 0, _SIZES - 1).astype(np.intp)
    return sizes
