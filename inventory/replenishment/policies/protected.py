"""The protection of many cases at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies.case import Case
from inventory.replenishment.protection import protect, width_of


class Protected(NamedTuple):
    """What is enough for one case, and what follows from it (``protection.Protection``, one row)."""

    units: int
    probability_enough: float
    shortage_units: float
    mean: float
    variance: float


def protected(cases: Sequence[Case], probability: float) -> list[Protected]:
    """Each case's protection at this probability; each as if it were alone, to the last bit."""
    if len(cases) == 1:
        case = cases[0]
        return [_alone(case.mean_per_day, case.variance_per_day, case.lead_time, case.review_period_days, probability)]
    groups: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault(width_of(case.lead_time), []).append(place)
    found: list[Protected] = [_NONE] * len(cases)
    for places in groups.values():
        rows = _rows([cases[place] for place in places], probability)
        for place, row in zip(places, rows, strict=True):
            found[place] = row
    return found


@lru_cache(maxsize=1 << 16)
def _alone(mean: float, variance: float, lead_time: LeadTime, review_days: float, probability: float) -> Protected:
    """One case; kept, since the forecast of a SKU at a location is the same all day."""
    return _rows([Case(mean, variance, lead_time, review_days, 0)], probability)[0]


def _rows(cases: Sequence[Case], probability: float) -> list[Protected]:
    columns = protect(
        np.array([case.mean_per_day for case in cases]),
        np.array([case.variance_per_day for case in cases]),
        [case.lead_time for case in cases],
        np.array([case.review_period_days for case in cases]),
        probability,
    )
    return [Protected(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


_NONE = Protected(0, 1.0, 0.0, 0.0, 0.0)
