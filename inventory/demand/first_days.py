"""What to expect of an item or a store on its first day: what others like it did in theirs.

An item's rate is its share of what its category sells at a location (``units ~ Poisson(rate * exposure)``, exposure in
units of the category's expected sales while the item was on the shelf). Rates of a node (a style, a category in
a cluster, ...) scatter around its parent's like a gamma of shape ``a`` and its mean, so that

    rate = (w units + a) / (w exposure + a / parent's rate)      w = 1 / (1 + expected units an item / s)

from the chain down to the style. ``w`` is how much less units of few items say than as many of many: items scatter
around their node with shape ``s``, learned by moments from items whose first days are over, ``1 / s = sum((units -
m)^2 - m) / sum(m^2)`` with ``m = rate * exposure`` before any of it (gamma-Poisson shrinkage: Robbins 1956; Gelman et
al. 2013, ch. 2.6). The first day's units are negative binomial of mean m and shape s; own sales move both. What
shares cannot say is what sets an item apart: the faster it sells, the more a first day's forecast misses beside a
known item's. Pinball loss of first days over that of the same items after 28 days, items of shape 2 and styles of
shape 4 around their category (simulated, `tests/inventory/test_first_days.py`): 1.1 at 0.2 units a day, 1.2 at 0.5,
1.4 at 1, 1.7 at 2.

A store's rate by category, in units of what the chain sells there, works the same way: the path is what fits.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from inventory.demand.plain import Array, Index, Mask, grown


@dataclass(frozen=True)
class Rules:
    """``node_shape``: how far a node's rate lies from its parent's, 4: by half of it; ``item_shape``: of items.

    ``first_rate``: the chain's. ``known_items``: how many items these first guesses weigh.
    """

    node_shape: float = 4.0
    item_shape: float = 2.0
    first_rate: float = 0.01
    known_items: float = 20.0
    half_life_days: float = 365.0


@dataclass
class FirstDays:
    """By level, broad to narrow, and node: units, exposure and items seen; ``scatter`` (2,): sums of the moments."""

    units: list[Array]
    exposure: list[Array]
    items: list[Array]
    scatter: Array = field(default_factory=lambda: np.zeros(2))
    rules: Rules = Rules()


class Prior(NamedTuple):
    """Rate and shape of a gamma, (n,): units over an exposure are negative binomial of mean ``rate * exposure``."""

    rate: Array
    shape: Array


def new(levels: int, rules: Rules | None = None) -> FirstDays:
    """Chain, ..., style: ``levels`` of them, without nodes; they come with the paths that are learned."""
    units, exposure, items = ([np.zeros(0)] * levels for _ in range(3))
    return FirstDays(units, exposure, items, rules=rules or Rules())


def learn(state: FirstDays, path: Index, units: Array, exposure: Array, fresh: Mask) -> None:
    """One day of n items in their first days: ``path`` (n, levels), numbers of nodes from 0; the rest (n,).

    ``fresh``: items seen for the first time. Items past their first weeks are none of this: they have their own rate.
    """
    keep = 0.5 ** (1.0 / state.rules.half_life_days)
    for level, nodes in enumerate(path.T):
        size = max(len(state.units[level]), int(nodes.max(initial=-1)) + 1)
        for sums, column in ((state.units, units), (state.exposure, exposure), (state.items, fresh)):
            sums[level] = keep * grown(sums[level], size) + np.bincount(nodes, column, size)


def graduate(state: FirstDays, prior: Prior, units: Array, exposure: Array) -> None:
    """The first days of n items are over: the prior they had on their first, all they sold, and their exposure."""
    mean = prior.rate * exposure
    keep = 0.5 ** (len(units) / 2000.0)
    state.scatter = keep * state.scatter + np.array([((units - mean) ** 2 - mean).sum(), (mean * mean).sum()])


def prior(state: FirstDays, path: Index) -> Prior:
    """Of n items with ``path`` (n, levels); nodes never seen have their parent's rate."""
    shape = item_shape(state)
    rate = np.full(len(path), state.rules.first_rate)
    for level, nodes in enumerate(path.T):
        units, exposure, items = (_of(sums[level], nodes) for sums in (state.units, state.exposure, state.items))
        rate = _shrunk(units, exposure, items, rate, shape, 1.0 if level == 0 else state.rules.node_shape)
    return Prior(rate, np.full(len(path), shape))


def own(known: Prior, units: Array, exposure: Array) -> Prior:
    """The prior after what the items themselves sold, (n,)."""
    shape = known.shape + units
    return Prior(shape / (known.shape / known.rate + exposure), shape)


def half_life_days(known: Prior, exposure_a_day: Array) -> Array:
    """After how many days on the shelf an item's own sales weigh as much as the prior, (n,).

    A gamma of shape s and a mean of m units a day weigh as much as ``s / m`` days: slow items keep the prior longer.

    >>> half_life_days(Prior(np.array([0.01]), np.array([2.0])), np.array([50.0])).tolist()
    [4.0]
    """
    return known.shape / (known.rate * exposure_a_day)


def item_shape(state: FirstDays) -> float:
    """Shape of the scatter of items around their node, from 0.2 (very unlike) to 50 (alike)."""
    first = state.rules.known_items
    inverse = (state.scatter[0] + first / state.rules.item_shape) / (state.scatter[1] + first)
    return float(1.0 / np.clip(inverse, 0.02, 5.0))


def _shrunk(units: Array, exposure: Array, items: Array, parent: Array, shape: float, node_shape: float) -> Array:
    an_item = parent * exposure / np.maximum(items, 1e-9)
    weight = 1.0 / (1.0 + an_item / shape)
    return np.asarray((weight * units + node_shape) / (weight * exposure + node_shape / parent))


def _of(sums: Array, nodes: Index) -> Array:
    """The nodes' sums, 0 for one never seen."""
    known = nodes < len(sums)
    if known.all():
        return np.asarray(sums[nodes])
    return np.where(known, grown(sums, 1)[np.where(known, nodes, 0)], 0.0)
