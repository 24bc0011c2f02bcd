"""What is remembered of a comparison: two virtual worlds that began alike."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from inventory.demand.memory import decode, encode, recall
from inventory.demand.panel.arrays import Array
from inventory.pieces import cut, joined
from inventory.shadow.trial import Trials
from inventory.shadow.world import Units, World

_CHUNK = "shadow"
_ALMOST = 1e-9


class Shadow:
    """``comparison`` names all policies with their settings; it is empty while none is played.

    ``since`` is the first day that is played, since the epoch. ``carried`` are parts of units of demand that did not
    make a whole one yet, (n,). ``trials`` say which policy is in force in which currency, and which its shadow.
    """

    KEPT: ClassVar[tuple[str, ...]] = ("comparison", "since", "carried", "in_force", "shadow", "trials")

    def __init__(self) -> None:
        self.comparison, self.since = "", -1
        self.carried = np.zeros(0)
        self.in_force, self.shadow = World(), World()
        self.trials = Trials()
        self.changed = False
        """Since it was last stored."""

    def begin(self, comparison: str, day: int) -> None:
        """Play this comparison from ``day`` on."""
        self.comparison, self.since, self.changed = comparison, day, True
        self.carried = np.zeros(0)
        self.in_force, self.shadow = World(), World()
        self.trials = Trials()

    def stop(self) -> None:
        """Play none."""
        if self.comparison:
            self.begin("", -1)

    def grow(self, series: int, days: int) -> None:
        """Have at least so many series and room for so many days of lead time."""
        self.in_force.grow(series, days)
        self.shadow.grow(series, days)
        self.carried = np.pad(self.carried, (0, max(series - len(self.carried), 0)))

    def wholes(self, demand: Array) -> Units:
        """Whole units of a day's demand, (m,) of the first m series; the rest is carried over to the next day.

        More brought back than bought is taken from the next days too.
        """
        total = demand + self.carried[: len(demand)]
        units: Units = np.maximum(np.floor(total + _ALMOST), 0.0).astype(np.int64)
        self.carried[: len(demand)] = total - units
        return units


def encoded(shadow: Shadow) -> dict[str, bytes]:
    """The chunks to store, if it changed."""
    if not shadow.changed:
        return {}
    shadow.changed = False
    return cut(_CHUNK, encode(shadow))


def decoded(chunks: Mapping[str, bytes]) -> Shadow:
    """The one whose newest chunks these are; a new one where there are none."""
    shadow = Shadow()
    if _CHUNK in chunks:
        recall(shadow, decode(joined(_CHUNK, chunks)))
    return shadow


def canonical(shadow: Shadow) -> bytes:
    """All of it; equal ones give equal bytes. Nothing while nothing is played."""
    return encode(shadow) if shadow.comparison else b""
