"""Which named effects the days around the calendar's events carry.

Shopping moves to the days before a feast; which feasts have how many such days
is knowledge of this chain, so it lives here and not in the forecaster.
"""

from collections.abc import Iterator, Sequence
from datetime import date

_DAY_AFTER = ("Christmas", "Thanksgiving", "NewYear", "Easter", "MemorialDay", "IndependenceDay", "LaborDay")
_DAY_BEFORE = (*_DAY_AFTER, "SuperBowl", "Mother's day", "Father's day", "Halloween", "ValentinesDay")
_THREE_BEFORE = ("Christmas", "Thanksgiving", "Easter")
_OFFSETS = {
    -4: _THREE_BEFORE,
    -3: (*_THREE_BEFORE, "NewYear"),
    -2: _DAY_AFTER,
    -1: _DAY_BEFORE,
    1: _DAY_AFTER,
    2: ("Christmas", "Thanksgiving", "NewYear"),
    3: ("Christmas", "Thanksgiving"),
    4: ("Christmas",),
}
_FIXED_DATE = ("Christmas", "NewYear", "IndependenceDay", "Halloween", "ValentinesDay")
_ON_WEEKEND = "fixed date, on a weekend"


def effects_by_day(dates: Sequence[date], named: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Names of events by day (empty names are skipped) -> names of effects by day.

    A feast that falls on any weekday brings less on a weekend, which is busy without it.
    """
    effects: list[set[str]] = [set() for _ in named]
    for day, names in enumerate(named):
        for name in filter(None, names):
            for offset, effect in _around(name):
                if 0 <= day + offset < len(named):
                    effects[day + offset].add(effect)
                    if name in _FIXED_DATE and dates[day + offset].weekday() >= 5:
                        effects[day + offset].add(_ON_WEEKEND)
    return [tuple(sorted(names)) for names in effects]


def _around(name: str) -> Iterator[tuple[int, str]]:
    yield 0, name
    for offset, names in _OFFSETS.items():
        if name in names:
            yield offset, f"{name} {offset:+d}"
