"""When the locations of a register trade: by weekday, by hour, on public holidays, and as somebody told.

The signal ``closed`` of a place, told with ``starts_at`` and ``until`` if ahead, is believed as it is told.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.causes import Holidays
from inventory.demand.closures import Closures
from inventory.demand.notices import Places
from inventory.demand.opening import Opening, chance_of
from inventory.demand.panel.arrays import Array, Mask
from inventory.demand.public_holidays import HOLIDAY
from inventory.demand.register import Register
from schemas.signal_names import CLOSED

_EPOCH = date(1970, 1, 1).toordinal()


class Known(NamedTuple):
    """What is known of days before they come."""

    told: Places
    holidays: Holidays


class _Dates(NamedTuple):
    """What a day is at each of L locations."""

    weekday: int
    holidays: Mapping[str, Mask]
    """By name, (L,): who has it."""
    told_closed: Mask
    """(L,)"""


class OpenDays:
    """L locations, in the order of the register."""

    KEPT: ClassVar[tuple[str, ...]] = ("_opening", "_closures")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._opening, self._closures = Opening(), Closures()

    def grow(self) -> None:
        """More locations in the register."""
        self._opening.grow(len(self._register.locations))
        self._closures.grow(len(self._register.locations))

    def hours(self, sold: Array) -> Mask:
        """Learn of a day's units by hour, (L, 24); returns which are trading hours."""
        return self._opening.hours(sold)

    def learn(self, day: int, known: Known, sold: Array, expected: Array) -> tuple[Mask, Mask]:
        """Units of a day, sold and expected if open, (L,) both.

        Returns which locations traded, and which did not as was to be expected, (L,) both. One day can be all of it:
        a weekday that is a public holiday says nothing about such weekdays.
        """
        dates = self._dates(day, known)
        chance = self._chance(dates)
        traded, told = self._opening.traded(sold, expected, chance)
        special = np.any([dates.told_closed, *dates.holidays.values()], axis=0)
        usually = self._opening.chance(dates.weekday) > 0.0
        self._closures.learn(dates.holidays, told & ~dates.told_closed & (usually | traded), traded)
        self._opening.learn(dates.weekday, told & ~special, traded)
        return traded, ~traded & (chance == 0.0)

    def chance(self, days: Sequence[int], known: Known) -> Array:
        """How likely each trades on the days (since the epoch), (L, h)."""
        return np.stack([self._chance(self._dates(day, known)) for day in days], axis=1)

    def _chance(self, dates: _Dates) -> Array:
        usual = self._opening.chance(dates.weekday)
        chance: Array = np.minimum(usual, chance_of(self._closures.share(dates.holidays))) * ~dates.told_closed
        return chance

    def _dates(self, day: int, known: Known) -> _Dates:
        places, on = self._register.locations, date.fromordinal(_EPOCH + day)
        holidays: dict[str, Mask] = {}
        closed = np.zeros(len(places), dtype=np.bool_)
        for at, place in enumerate(places):
            for name in known.holidays(on, place):
                if name.startswith(HOLIDAY):
                    holidays.setdefault(name, np.zeros(len(places), dtype=np.bool_))[at] = True
            closed[at] = known.told.latest(CLOSED, day, place) > 0.0
        return _Dates(on.weekday(), holidays, closed)
