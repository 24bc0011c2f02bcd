"""The presences of single tags, made to agree with the number of tags that is believed.

The odds of all tags of one sort of a belief are multiplied by one factor. That leaves what the number of tags says
of each as it is (the conditional Bernoulli distribution does not change), and makes their sum the expected number.
"""

from collections.abc import Callable

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief.arrays import Array
from inventory.stock.belief.entries import Beliefs, Entries
from inventory.stock.belief.tags import SURE

_LEAST = 1e-9
_STEPS = 24


def tilted(beliefs: Beliefs, seen: Entries, presence: Array) -> Array:
    """The presences, so that those of each group sum to its expected number; the logit shift is found by bisection."""
    rows = 2 * len(beliefs)
    counts, target = np.bincount(seen.group, minlength=rows), np.empty(rows)
    target[0::2], target[1::2] = means(beliefs, units.tag_count), means(beliefs, units.hidden_count)
    target = np.clip(target, 1e-3, np.maximum(counts - 1e-3, 1e-3))
    clipped = np.clip(presence, _LEAST, SURE)
    logit = np.log(clipped / (1.0 - clipped))
    low, high = np.full(rows, -20.0), np.full(rows, 20.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        whole = np.bincount(seen.group, 1.0 / (1.0 + np.exp(-(logit + middle[seen.group]))), rows)
        high, low = np.where(whole > target, middle, high), np.where(whole > target, low, middle)
    after: Array = 1.0 / (1.0 + np.exp(-(logit + ((low + high) / 2)[seen.group])))
    return after.clip(_LEAST, SURE)


def means(beliefs: Beliefs, of: Callable[[int], float]) -> Array:
    """Expectations of a function of the cell, one a belief."""
    return np.array([units.mean(held.belief.cells, of) for held in beliefs])
