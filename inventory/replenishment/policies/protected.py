"""The protection of many cases at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies.case import Case
from inventory.replenishment.protection import protect


class Protected(NamedTuple):
    """What is enough for one case, and what follows from it (``protection.Protection``, one row)."""

    units: int
    probability_enough: float
    shortage_units: float
    mean: float
    variance: float


def protected(cases: Sequence[Case], probability: float) -> list[Protected]:
    """Each case's protection at this probability; each as if it were alone, to the last bit."""
    groups: dict[tuple[LeadTime, float], list[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault((case.lead_time, case.review_period_days), []).append(place)
    found: list[Protected] = [_NONE] * len(cases)
    for (lead_time, review), places in groups.items():
        means = np.array([cases[place].mean_per_day for place in places])
        variances = np.array([cases[place].variance_per_day for place in places])
        rows = protect(means, variances, lead_time, review, probability)
        for place, row in zip(places, zip(*(column.tolist() for column in rows), strict=True), strict=True):
            found[place] = Protected(*row)
    return found


_NONE = Protected(0, 1.0, 0.0, 0.0, 0.0)
