"""What is known of a day before it begins."""

from datetime import date
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array


class Day(NamedTuple):
    """A day of the calendar.

    ``events`` name what is special about it ("Easter", "the day before Easter", a fair in
    town); ``signals`` hold one strength per region, 0 to 1 (or nothing at all), of something that comes
    back and moves demand, such as the pay-out days of food aid. On a ``closed`` day
    nothing is sold and nothing is learned.
    """

    on: date
    events: tuple[str, ...] = ()
    signals: tuple[float, ...] = ()
    closed: bool = False


def strengths(day: Day, regions: int) -> Array:
    """The day's signals, (regions,); zeros where none are given."""
    return np.array(day.signals) if day.signals else np.zeros(regions)
