"""Demand of an item at a location before the learner has learned a day of it.

A sale in the morning is neither a day's demand nor a rate: on a first day what sold at all is mostly chance. So the
units are weighed per exposure, in days, against what a series of the partition sells on average, as the gamma-Poisson
of ``first_days`` does. The pool's own rate begins at ``_FIRST_RATE`` units a day and one unit's weight.
"""

from typing import NamedTuple

import numpy as np

from inventory.demand import first_days
from inventory.demand.first_days import Prior

_SHAPE = 1.0
"""Rates of items scatter like an exponential around their mean until their scatter is learned."""
_FIRST_RATE = 0.5


class Open(NamedTuple):
    """What was told of the days that were not learned yet: units of all series, and the exposure in days."""

    units: int
    days: float
    today: float
    """Of ``days``, those of the newest day: at most 1."""


def usual_rate(others: int, units: float, days: float) -> float:
    """Units a day of one of ``others`` series that sold ``units`` in ``days``.

    >>> usual_rate(0, 0.0, 0.25), usual_rate(98, 48.0, 1.0)
    (0.5, 0.49)
    """
    return (max(units, 0.0) + 1.0) / (others * days + 1.0 / _FIRST_RATE)


def forecast(usual: float, units: float, days: float) -> tuple[float, float]:
    """Mean and variance of units a day of a series that sold ``units`` in ``days`` of exposure.

    By 10 o'clock one was sold of something of which the others sell one in two days: not five a day, not one.

    >>> forecast(0.5, 1.0, 0.5)
    (0.8, 1.12)
    """
    known = Prior(np.array([usual]), np.array([_SHAPE]))
    rate, shape = (float(one[0]) for one in first_days.own(known, np.array([max(units, 0.0)]), np.array([days])))
    return rate, rate + rate * rate / shape
