"""The virtual stock of one policy: n series with units on hand and on their way.

A unit ordered at the end of a day with d days of lead time comes at the end of the d-th day after: d whole days lie
between, and from the next one on it can be sold. What is asked for and not there is lost.
"""

from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.demand.panel.arrays import Array, Index

Units = npt.NDArray[np.int64]

NEVER = -(1 << 40)


class Played(NamedTuple):
    """What a day did to each series, (n,)."""

    served: Units
    lost: Units
    average_stock: Array
    """Between what was there in the morning and in the evening."""


class World:
    """``coming[:, d]`` units come at the end of the d-th day from now."""

    KEPT: ClassVar[tuple[str, ...]] = ("on_hand", "coming", "ordered")

    def __init__(self) -> None:
        self.on_hand = np.zeros(0, dtype=np.int64)
        self.coming = np.zeros((0, 1), dtype=np.int64)
        self.ordered = np.zeros(0, dtype=np.int64)
        """The day of the last order, since the epoch."""

    def __len__(self) -> int:
        return len(self.on_hand)

    @property
    def position(self) -> Units:
        """On hand and on order, (n,)."""
        position: Units = self.on_hand + self.coming.sum(axis=1)
        return position

    def grow(self, series: int, days: int) -> None:
        """Have at least so many series, empty ones, and room for so many days of lead time."""
        more, wider = max(series - len(self), 0), max(days + 1 - self.coming.shape[1], 0)
        self.on_hand = np.pad(self.on_hand, (0, more))
        self.ordered = np.pad(self.ordered, (0, more), constant_values=NEVER)
        if more or wider:
            self.coming = np.pad(self.coming, ((0, more), (0, wider)))

    def stock(self, series: int, on_hand: int, arrivals: list[tuple[int, int]]) -> None:
        """Set a series: units on hand, and (days from now, units) on their way."""
        self.on_hand[series] = on_hand
        self.coming[series] = 0
        for days, units in arrivals:
            self.coming[series, min(days, self.coming.shape[1] - 1)] += units

    def pass_day(self, demand: Units) -> Played:
        """What came is put on the shelf, then customers come, (n,)."""
        morning = self.on_hand + self.coming[:, 0]
        self.coming = np.concatenate([self.coming[:, 1:], np.zeros_like(self.coming[:, :1])], axis=1)
        served = np.minimum(morning, demand)
        self.on_hand = morning - served
        return Played(served, demand - served, morning - served / 2.0)

    def order(self, day: int, units: Units, days: Units) -> None:
        """Order at the end of a day, to come in so many days, (n,) both."""
        asked = np.flatnonzero(units > 0)
        self.coming[asked, days[asked]] += units[asked]
        self.ordered[asked] = day

    def exchange(self, other: "World", series: Index) -> None:
        """Let the policies of both worlds go on with the other's stock of these series."""
        for name in self.KEPT:
            mine, its = getattr(self, name), getattr(other, name)
            mine[series], its[series] = its[series].copy(), mine[series].copy()

    def follow(self, other: "World", series: Index) -> None:
        """Go on from the other's stock of these series."""
        for name in self.KEPT:
            getattr(self, name)[series] = getattr(other, name)[series]
