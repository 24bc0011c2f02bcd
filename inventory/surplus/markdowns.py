"""Which markdown of an item earns most until its season ends, all its locations together, and which would clear it.

A price of ``1 - m`` times the present one sells ``(1 - m) ** elasticity`` times the units, their variance growing with
the mean. Revenue until the end is ``price (1 - m) E[min(S, D)] + salvage E[(S - D)+]``, summed over the locations:
an item has one price. The markdown is chosen from a ladder of steps a shop can print on a label; it is taken up, and
changed, only for a gain worth a new label (``WORTH_IT``).
"""

from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.surplus.unsold import expected_unsold, probability_all_sold

LADDER = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Shares off the present price; the first is none."""
WORTH_IT = 0.01


class Stocks(NamedTuple):
    """Of n locations with stock, (n,) each."""

    item: Index
    """Numbers from 0."""
    units: Array
    mean: Array
    """Of demand to the end at the present price."""
    variance: Array
    price: Array
    """NaN: not known."""
    salvage: Array
    """Of a unit that is left over."""
    elasticity: Array


class Outcome(NamedTuple):
    """Of n locations at each of k markdowns, (n, k) each."""

    unsold: Array
    """Expected units."""
    all_sold: Array
    """Probability."""
    revenue: Array
    """Expected; NaN where the price is not known."""


def outcomes(stocks: Stocks, ladder: tuple[float, ...] = LADDER) -> Outcome:
    """What is to be expected of each markdown.

    Ten units at 8, Poisson demand of 5 and an elasticity of -2: half price wants 20 units.

    >>> one = Stocks(np.array([0]), *(np.array([x]) for x in (10.0, 5.0, 5.0, 8.0, 0.0, -2.0)))
    >>> [round(float(x[0, 1]), 3) for x in outcomes(one, (0.0, 0.5))]
    [0.008, 0.995, 39.967]
    """
    kept = 1.0 - np.array(ladder)
    factor = kept ** stocks.elasticity[:, None]
    units, mean, variance = stocks.units[:, None], stocks.mean[:, None] * factor, stocks.variance[:, None] * factor
    unsold = expected_unsold(units, mean, variance)
    revenue = stocks.price[:, None] * kept * (units - unsold) + stocks.salvage[:, None] * unsold
    return Outcome(unsold, probability_all_sold(units, mean, variance), revenue)


def best_steps(revenue: Array, item: Index, told: Index) -> Index:
    """The step of the ladder of each item, (items,); ``told`` (items,) is the one suggested so far, 0 for none.

    Of items some of whose prices are not known it is none.

    >>> best_steps(np.array([[9.0, 12.0], [9.0, 5.0], [9.0, 9.05]]), np.array([0, 0, 1]), np.array([0, 0])).tolist()
    [0, 0]
    """
    together = np.zeros((len(told), revenue.shape[1]))
    np.add.at(together, item, revenue)
    known: Mask = np.asarray(np.isfinite(together).all(axis=1))
    together = np.where(known[:, None], together, 0.0)
    best, rows = together.argmax(axis=1), np.arange(len(told))
    gain = together[rows, best] - together[rows, told]
    moved = gain > WORTH_IT * np.abs(together[rows, told])
    earns = known & (together[rows, best] > 0.0)
    return np.where(earns, np.where(moved, best, told), 0)


def clearing_steps(all_sold: Array, probability: float) -> Index:
    """The first step with which all is sold at least that likely, (n,); the number of steps where none is enough.

    >>> clearing_steps(np.array([[0.2, 0.9, 0.99], [0.1, 0.1, 0.2]]), 0.9).tolist()
    [1, 3]
    """
    enough: Mask = all_sold >= probability
    first: Index = np.where(enough.any(axis=1), enough.argmax(axis=1), all_sold.shape[1])
    return first
