"""Which public holidays a location does not trade on: learned as they come, from it and from the others.

Shops of a chain mostly close on the same ones. A location that was never asked about a holiday does what the others did
on it; its own years count more and more. A new chain is taken to be open on each until it was closed once.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Mask, grown

_KEEP = 0.8
"""What a year is worth when the next one has told."""
_FIRST, _TRUST_IN_OTHERS = 1.0, 2.0


class Closures:
    """Of H holidays by name and L locations: weights of the days that told something, and of those it was open."""

    KEPT: ClassVar[tuple[str, ...]] = ("_names", "_told", "_open")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._told, self._open = np.zeros((0, 0)), np.zeros((0, 0))

    def grow(self, locations: int) -> None:
        """More locations at the end; nothing is known of them."""
        self._told, self._open = (grown(kept, locations, axis=1) for kept in (self._told, self._open))

    def learn(self, holidays: Mapping[str, Mask], told: Mask, traded: Mask) -> None:
        """A day: who has which holiday, of whom it can be said whether it ``traded``, and who did, (L,) each."""
        for name, whose in holidays.items():
            row, known = self._row(name), whose & told
            self._told[row, known] = _KEEP * self._told[row, known] + 1.0
            self._open[row, known] = _KEEP * self._open[row, known] + traded[known]

    def share(self, holidays: Mapping[str, Mask]) -> Array:
        """On what part of the days with these holidays a location is open, (L,); 1 where it has none of them."""
        shares = np.ones(self._told.shape[1])
        for name, whose in holidays.items():
            if name in self._names:
                row = self._names.index(name)
                others = (self._open[row].sum() + _FIRST) / (self._told[row].sum() + _FIRST)
                own = (self._open[row] + _TRUST_IN_OTHERS * others) / (self._told[row] + _TRUST_IN_OTHERS)
                shares = np.where(whose, np.minimum(shares, own), shares)
        return shares

    def _row(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
            self._told, self._open = (grown(kept, len(self._names), axis=0) for kept in (self._told, self._open))
        return self._names.index(name)
