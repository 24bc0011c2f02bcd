"""Calendar regressors of daily demand, each with its prior variance and its drift.

Both are in units of the noise variance: a term with prior 4 may well be worth two standard deviations of a
day's noise, and with a drift of 1e-4 a day it wanders by one in 10,000 days. Of events and signals nothing is known
but what the days say. Priors and drifts were chosen on 43 four-week windows of M5; scores are flat around them.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day, strengths

YEAR_DAYS = 365.25
_ROWS_KEPT = 366
_WEEK: Array = np.eye(7) - 1.0 / 7.0


class Block(NamedTuple):
    """Neighbouring terms: what they are about, values on a day (regions or 1, width), one prior and drift each."""

    name: str
    values: Callable[[Day], Array]
    prior: Array
    drift: Array


class Terms:
    """A design: ``row(day)`` gives the regressors of every region, shape (regions, size); the first is the level."""

    def __init__(self, blocks: Sequence[Block], regions: int) -> None:
        self._blocks = blocks
        self._regions = regions
        self._rows: dict[Day, Array] = {}
        self.prior = np.concatenate([block.prior for block in blocks])
        self.drift = np.concatenate([block.drift for block in blocks])
        self.names = list(dict.fromkeys(block.name for block in blocks))
        """In the order effects are explained; the level comes first."""

    def row(self, day: Day) -> Array:
        """The regressors of a day; those of the last year's worth of days asked for are kept at hand."""
        found = self._rows.get(day)
        if found is None:
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            found = self._rows[day] = self._made(day)
        return found

    def among(self, names: Sequence[str]) -> Array:
        """1 for terms of these names, 0 for others, (size,)."""
        return np.concatenate([np.full(len(block.prior), float(block.name in names)) for block in self._blocks])

    def _made(self, day: Day) -> Array:
        parts = [block.values(day) for block in self._blocks]
        return np.concatenate([np.broadcast_to(part, (self._regions, part.shape[1])) for part in parts], axis=1)


def demand_terms(events: Sequence[str], regions: int) -> Terms:
    """Level, weekday, season, day of the month, events, signals, and how weekends and signals vary."""
    return Terms([*_time_blocks(), *_cause_blocks(events, regions)], regions)


def _time_blocks() -> list[Block]:
    by_order = np.repeat(1.0 / np.arange(1, 4), 2)
    return [
        _block("level", lambda _: np.ones((1, 1)), [100.0], 0.0),
        _block("weekday", _week, [4.0] * 7, 1e-4),
        _block("weekday", lambda day: np.array([[_weekend(day)]]), [1.0], 1e-3),
        _block("season", lambda day: _season(day, 3), by_order, 1e-5),
        _block("season", lambda day: _weekend(day) * _season(day, 3), [0.5] * 6, 0.0),
        _block("season", lambda day: _saturday(day) * _season(day, 3), [0.5] * 6, 0.0),
        _block("day_of_month", _month, [0.3] * 10, 0.0),
    ]


def _cause_blocks(events: Sequence[str], regions: int) -> list[Block]:
    named = [4.5] * len(events)
    return [
        _block("events", lambda day: np.array([[float(name in day.events) for name in events]]), named, 1e-4),
        _block("signals", lambda day: strengths(day, regions)[:, None] * _kinds(day), [4.0] * 3, 1e-4),
        _block("signals", lambda day: strengths(day, regions)[:, None] * _week(day), [1.0] * 7, 1e-5),
        _block("signals", lambda day: strengths(day, regions)[:, None] * _early_days(day), [0.3] * 15, 1e-4),
    ]


def _block(name: str, values: Callable[[Day], Array], prior: Sequence[float] | Array, drift: float) -> Block:
    return Block(name, values, np.asarray(prior), np.full(len(prior), drift))


def _week(day: Day) -> Array:
    return _WEEK[[day.on.weekday()]]


def _weekend(day: Day) -> float:
    return float(day.on.weekday() >= 5)


def _saturday(day: Day) -> float:
    return float(day.on.weekday() == 5)


def _season(day: Day, orders: int) -> Array:
    return _waves(day.on.timetuple().tm_yday / YEAR_DAYS, orders)


def _month(day: Day) -> Array:
    """Pay days and rents: five waves over the days of the month."""
    return _waves((day.on.day - 1) / monthrange(day.on.year, day.on.month)[1], 5)


def _early_days(day: Day) -> Array:
    return np.array([[float(day.on.day == number) for number in range(1, 16)]])


def _kinds(day: Day) -> Array:
    return np.array([[1.0, _weekend(day), float(day.on.day <= 5)]])


def _waves(turn: float, orders: int) -> Array:
    angles = 2.0 * np.pi * turn * np.arange(1, orders + 1)
    return np.column_stack([np.sin(angles), np.cos(angles)]).reshape(1, -1)
