"""The same game on eight weeks of the history, begun as the organisers began theirs."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from benchmarks.vn2.files import History, Start
from benchmarks.vn2.game import WEEKS
from inventory.demand.panel.arrays import Array, Mask

_GAMES, _EVERY_WEEKS = 13, 4
_YEAR, _LEAST_STOCKED = 52, 20


class Game(NamedTuple):
    """What is known at the start, and what comes, (8, n)."""

    first: date
    history: History
    start: Start
    demand: Array
    """NaN where the store had none to sell."""
    scored: Mask
    """Series in stock in all eight weeks and in more than 20 of the year before."""


def games(history: History) -> Iterator[Game]:
    """A start every four weeks, the last one's weeks the last of the history."""
    last = len(history.units) - WEEKS
    for first in range(last - _EVERY_WEEKS * (_GAMES - 1), last + 1, _EVERY_WEEKS):
        if first >= _YEAR:
            yield _game(history, first)


def _game(history: History, first: int) -> Game:
    known = history._replace(
        monday=history.monday[:first], units=history.units[:first], in_stock=history.in_stock[:first]
    )
    coming, stocked = history.units[first : first + WEEKS], history.in_stock[first : first + WEEKS]
    often = history.in_stock[first - _YEAR : first].sum(axis=0) > _LEAST_STOCKED
    demand = np.where(stocked, coming, np.nan)
    return Game(history.monday[first], known, begun(known), demand, often & stocked.all(axis=0))


def begun(history: History) -> Start:
    """A week's mean of the last year on hand, rounded up; two of them, less that, due in two weeks."""
    mean = history.units[-_YEAR:].mean(axis=0)
    on_hand = np.ceil(mean).astype(np.int64)
    due = np.maximum(np.rint(2.0 * mean - on_hand), 0.0).astype(np.int64)
    return Start(on_hand, np.stack([np.zeros_like(due), due], axis=1))
