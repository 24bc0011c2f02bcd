"""Which series add up to what."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Index, added


class Level(NamedTuple):
    """A partition of n series into ``size`` sums; ``of[i]`` is the sum that series i counts in."""

    of: Index
    size: int

    def sum(self, units: Array) -> Array:
        """(n,) or (n, h) -> (size,) or (size, h)."""
        if units.ndim == 1:
            return added(self.of, units, self.size)
        return np.column_stack([np.bincount(self.of, day, self.size) for day in units.T])


def level(labels: Sequence[Hashable]) -> Level:
    """Series with equal labels add up; sums are numbered in the order labels first appear.

    >>> level(["a", "b", "a"]).sum(np.array([1.0, 2.0, 3.0])).tolist()
    [4.0, 2.0]
    """
    numbers: dict[Hashable, int] = {}
    of = [numbers.setdefault(label, len(numbers)) for label in labels]
    return Level(np.array(of, dtype=np.intp), len(numbers))


def lifted(lower: Level, upper: Level) -> Level:
    """The upper level as a partition of the lower one's sums; refused where it cuts through one."""
    if not nests(lower, upper):
        raise ValueError("the upper level cuts through a sum of the lower one")
    of = np.zeros(lower.size, dtype=np.intp)
    of[lower.of] = upper.of
    return Level(of, upper.size)


def nests(lower: Level, upper: Level) -> bool:
    """Whether every sum of the upper level is made of whole sums of the lower one."""
    pairs = lower.of * upper.size + upper.of
    return len(np.unique(pairs)) == lower.size


class Panel(NamedTuple):
    """How n series (an item in a store) hang together.

    Aggregates are modelled each by itself, so each should sell hundreds of units a day;
    signals differ by region; the rule that blends shares is learned per department.
    """

    aggregate: Level
    """Of series: a department of a store."""
    item: Level
    """Of series: the same item in all stores."""
    region: Level
    """Of aggregates."""
    department: Level
    """Of aggregates."""


def panel(item: Sequence[str], department: Sequence[str], store: Sequence[str], region: Sequence[str]) -> Panel:
    """From one label a series, all of length n; a store lies in one region. Regions are numbered in order."""
    aggregate = level(list(zip(store, department, strict=True)))
    return Panel(
        aggregate=aggregate,
        item=level(item),
        region=lifted(aggregate, level(region)),
        department=lifted(aggregate, level(department)),
    )
