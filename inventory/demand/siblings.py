"""What series sold because a sibling was out: learned by category, taken off their own demand once it is known.

Siblings are the other sizes of a style in one colour, and its other colours in one size, at one location. What is out
for longer than ``GONE_DAYS`` is not missed any more: who came for it comes for the others now.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from inventory.demand import substitution
from inventory.demand.panel.arrays import Array, Index, Mask, grown
from inventory.demand.register import Register
from inventory.demand.size_runs import Look
from inventory.demand.substitution import Day

GONE_DAYS = 90


class Siblings:
    """Call `place` when series or looks may have changed, then `gained` for a day's own demand, and `learn`."""

    KEPT: ClassVar[tuple[str, ...]] = ("_styles", "_away", "_state")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._styles: list[tuple[int, int]] = []
        """Location and style, by number."""
        self._away = np.zeros(0, dtype=np.uint16)
        """For how many days each series has been out."""
        self._series = np.zeros(0, dtype=np.intp)
        self._state = substitution.new()

    def place(self, looks: Sequence[Look]) -> None:
        """``looks`` are of items; series without a style, a colour and a size have no siblings."""
        register = self._register
        numbers = {(place, style): at for at, (place, style) in enumerate(self._styles)}
        rows, groups = list[tuple[int, int, int, int]](), dict[tuple[str, int, str], int]()
        for series, (item, place) in enumerate(zip(register.item, register.location, strict=True)):
            style, look = register.style_of[item], looks[item]
            if not register.styles[style] or not (look.colour or look.size):
                continue
            number = numbers.setdefault((place, style), len(numbers))
            of_colour, of_size = (
                groups.setdefault((kind, number, name), len(groups))
                for kind, name in (("colour", look.colour), ("size", look.size))
            )
            rows.append((series, number, of_colour, of_size))
        self._styles = list(numbers)
        self._series, of_style, *relations = np.array(rows, dtype=np.int64).reshape(-1, 4).T
        category = register.categories_of_series()[self._series]
        substitution.grow(self._state, np.stack(relations), of_style, category)
        self._away = grown(self._away, len(register))

    def gained(self, units: Array, expected: Array, share: Array, heard: Mask) -> Array:
        """Of the units sold on a day those that were asked for as a sibling, (n,); 0 where too little is known."""
        found = np.zeros(len(units))
        if len(self._series):
            mine, day = units[self._series], self._day(expected, share, heard)
            sure = substitution.known(self._state)[self._state.category]
            found[self._series] = sure * (mine - substitution.own_demand(self._state, mine, day))
        return found

    def learn(self, units: Array, expected: Array, share: Array, heard: Mask) -> None:
        """A day, (n,) all: units sold, expected of a day in stock, the share of it in stock, and who traded."""
        if len(self._series):
            substitution.learn(self._state, units[self._series], self._day(expected, share, heard))
        out = np.minimum(self._away, GONE_DAYS) + np.uint16(1)
        self._away = np.where(share > 0.0, np.uint16(0), np.where(heard, out, self._away))

    def _day(self, expected: Array, share: Array, heard: Mask) -> Day:
        there: Index = self._series
        missed = heard & (self._away <= GONE_DAYS)
        return Day((expected * missed)[there], share[there])
