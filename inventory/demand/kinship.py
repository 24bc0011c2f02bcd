"""What series have in common beyond their category: stores that sell alike, sizes of a style, siblings, first days.

All of it is of one log partition, which sees its own styles only: a store's cluster is what these say of it, and the
numbers of clusters of two partitions have nothing to do with each other.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.clusters import Clusters, Moved, Rules
from inventory.demand.newcomers import Newcomers
from inventory.demand.panel.arrays import Array, Index, Mask, added
from inventory.demand.register import Register
from inventory.demand.siblings import Siblings
from inventory.demand.size_runs import Curve, Look, SizeRuns

_WEEK = 7


class Today(NamedTuple):
    """A day of all series, (n,) each: units sold, demand, expected units, the share in stock, and who traded."""

    units: Array
    demand: Array
    expected: Array
    share: Array
    heard: Mask


class Likeness(NamedTuple):
    """Stores that changed their cluster on a day, and at a week's end the size curves that sold in it."""

    moved: list[Moved]
    curves: list[Curve]


class Kinship:
    """Learns once a day, after what the day says of forecasts."""

    KEPT: ClassVar[tuple[str, ...]] = ("_clusters", "_sizes", "_siblings", "_newcomers")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._clusters, self._sizes, self._siblings = Clusters(), SizeRuns(register), Siblings(register)
        self._newcomers = Newcomers(register)
        self._looks: list[Look] = []
        self._placed = -1
        self._belonging = -1, list[int]()
        self._labels: list[str] = []
        self._at, self._category, self._label = (np.zeros(0, dtype=np.intp) for _ in range(3))

    def gained(self, looks: Sequence[Look], today: Today) -> Array:
        """Of the units sold those asked for because a sibling was out, (n,), as far as that was known before the day.

        ``looks`` are of items; those after the last one look like nothing known.
        """
        self._place(looks)
        return self._siblings.gained(today.units, today.expected, today.share, today.heard)

    def learn(self, day: int, today: Today) -> Likeness:
        """To be called after `gained` of the same day."""
        moved = self._learn_clusters(day, today)
        self._belong()
        for runs in (self._sizes, self._siblings):
            runs.learn(today.units, today.expected, today.share, today.heard)
        return Likeness(moved, self._sizes.said() if (day + 1) % _WEEK == 0 else [])

    def learn_first_days(self, units: Array, usual: Array, share: Array) -> None:
        """To be called after `learn`: units sold, those of a usual series, and the share in stock, (n,) all."""
        self._newcomers.learn(units, usual, share)

    def expected(self, usual: Array) -> Array:
        """Units a day that each series is taken to sell by what is known of others and its own first days, (n,)."""
        return self._newcomers.expected(usual)

    def clusters(self) -> list[int]:
        """Of each location, -1 for none yet."""
        known = (self._clusters.cluster_of(place) for place in self._register.locations)
        return [-1 if cluster is None else cluster for cluster in known]

    def _belong(self) -> None:
        clusters = self.clusters()
        if (self._placed, clusters) != self._belonging:
            self._belonging = self._placed, clusters
            self._sizes.belong(clusters, Rules().clusters)
            self._newcomers.place(clusters, Rules().clusters)

    def _place(self, looks: Sequence[Look]) -> None:
        register = self._register
        all_looks = [*looks, *[Look()] * (len(register.items) - len(looks))]
        if (len(register), all_looks) == (self._placed, self._looks):
            return
        self._placed, self._looks, self._belonging = len(register), all_looks, (-1, [])
        item = np.array(register.item, dtype=np.intp)
        self._at, self._category = np.array(register.location, dtype=np.intp), register.categories_of_series()
        self._labels = sorted({look.size for look in all_looks if look.size})
        numbers = {label: at for at, label in enumerate(self._labels)}
        self._label = np.array([numbers.get(look.size, len(numbers)) for look in all_looks], dtype=np.intp)[item]
        self._sizes.place(all_looks)
        self._siblings.place(all_looks)

    def _learn_clusters(self, day: int, today: Today) -> list[Moved]:
        """Profiles are of demand, so that a stock-out is no change of a store's kind."""
        register, known = self._register, self._label < len(self._labels)
        by_category = self._by_place(self._category, today.demand, len(register.categories))
        by_size = self._by_place(self._label, today.demand * known, len(self._labels) + 1)
        for place in np.flatnonzero(np.bincount(self._at[today.heard])):
            mixes = {"category": _named(register.categories, by_category[place])}
            if known.any():
                mixes["size"] = _named(self._labels, by_size[place])
            self._clusters.learn(day, register.locations[place], mixes)
        return self._clusters.close(day)

    def _by_place(self, of: Index, units: Array, size: int) -> Array:
        places = len(self._register.locations)
        return added(self._at * size + of, units, places * size).reshape(places, size)


def _named(names: list[str], units: Array) -> dict[str, float]:
    """What there is some of."""
    return {name: sold for name, sold in zip(names, units.tolist(), strict=False) if sold > 0.0}
