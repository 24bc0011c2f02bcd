"""A seeded chain whose series make a step, told to the learner of the fold day by day."""

from typing import NamedTuple

import numpy as np

from inventory.demand.learner import Learner, Terms
from inventory.demand.panel.arrays import Array, Mask

ITEMS, PLACES, WEEK = 24, 4, 7
NAMES = [(f"sku-{item}", f"store-{place}", f"category-{item % 3}") for place in range(PLACES) for item in range(ITEMS)]
FIRST_DAY, STEP_DAY, LAST_DAY = 19_723, 120, 176
MEMORIES = (7, 28)
"""Days of the moving means beside restockd."""
_DAY_MS, _NOON_MS = 86_400_000, 43_200_000
_OVERDISPERSION = 0.3
_WEEKDAYS = np.array([0.88, 0.88, 0.88, 0.88, 0.88, 1.3, 1.3])


class Run(NamedTuple):
    """Units a day that were forecast for the coming week, by who forecast, and the truth; (days, n) each."""

    forecasts: dict[str, Array]
    truth: Array


def stepping(share: int = 8) -> Mask:
    """The series that make the step: one in ``share``, over all items and places."""
    number = np.arange(len(NAMES))
    stepped: Mask = (number // ITEMS * 7 + number % ITEMS * 3) % share == 0
    return stepped


def played(rate: float, factor: float, last_day: int = LAST_DAY, seed: int = 1) -> Run:
    """From the day of the step on. Sales are negative binomial, of variance ``m + 0.3 m^2``, with strong weekends."""
    rng, learner, n = np.random.default_rng(seed), Learner(), len(NAMES)
    series = [learner.register.series(*name) for name in NAMES]
    sold, truths = np.zeros((last_day, n)), []
    said: dict[str, list[Array]] = {name: [] for name in ("restockd", *map(_mean_of, MEMORIES))}
    for day in range(last_day):
        level = np.where(stepping() & (day >= STEP_DAY), rate * factor, rate)
        chance = rng.gamma(1.0 / _OVERDISPERSION, _OVERDISPERSION, n)
        sold[day] = rng.poisson(level * _WEEKDAYS[day % WEEK] * chance)
        _tell(learner, series, FIRST_DAY + day, sold[day])
        if day >= STEP_DAY:
            truths.append(level)
            said["restockd"].append(learner.means() / WEEK)
            for days in MEMORIES:
                said[_mean_of(days)].append(sold[day + 1 - days : day + 1].mean(axis=0))
    return Run({name: np.array(one) for name, one in said.items()}, np.array(truths))


def _mean_of(days: int) -> str:
    return f"mean of {days} days"


def _tell(learner: Learner, series: list[int], day: int, units: Array) -> None:
    for number in np.flatnonzero(units):
        learner.sold(series[number], day * _DAY_MS + _NOON_MS, int(units[number]))
    n = len(series)
    terms = Terms(np.full(n, WEEK), np.full(n, np.nan), np.zeros(n, dtype=np.bool_), lambda _day, _place: {})
    while 0 <= learner.day <= day:
        learner.end_day(terms)
