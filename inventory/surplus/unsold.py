"""How many units of a stock nobody will want, of many stocks at once.

Demand is the negative binomial of ``inventory.replenishment.distribution.counts``, Poisson where the variance is no
larger than the mean. From ``x P(x) = mean P'(x - 1)``, with P' of one size more (Johnson, Kemp and Kotz 2005, ch. 5),
``E[(S - D)+] = S F(S) - mean F'(S - 1)`` exactly: two incomplete beta functions instead of a sum over all demands.
"""

import numpy as np
from scipy import special

from inventory.demand.panel.arrays import Array
from inventory.replenishment.distribution import POISSON_MARGIN

_LEAST = 1e-9


def expected_unsold(units: Array, mean: Array, variance: Array) -> Array:
    """``E[(units - D)+]``; any shapes that go together. ``units`` are whole and not below 0.

    >>> expected_unsold(np.array([2.0, 3.0]), np.array([1.0, 0.0]), np.array([1.0, 0.0])).round(6).tolist()
    [1.103638, 3.0]
    """
    units, mean, size, success = _shaped(units, mean, variance)
    sold_out_of = mean * _at_most(units - 1.0, mean, size + 1.0, success)
    return np.clip(units * _at_most(units, mean, size, success) - sold_out_of, 0.0, units)


def probability_all_sold(units: Array, mean: Array, variance: Array) -> Array:
    """``P(D >= units)``; 1 of no units.

    >>> probability_all_sold(np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0])).round(6).tolist()
    [1.0, 0.632121]
    """
    units, mean, size, success = _shaped(units, mean, variance)
    return np.clip(1.0 - _at_most(units - 1.0, mean, size, success), 0.0, 1.0)


def most_unsold(units: Array, mean: Array, variance: Array) -> Array:
    """What ``expected_unsold`` cannot exceed whatever the distribution: cheap, to skip what is far from a surplus.

    ``(sqrt(v + (S - m)^2) + S - m) / 2`` (Scarf 1958).
    """
    beyond = units - mean
    return np.asarray((np.sqrt(variance + beyond * beyond) + beyond) / 2.0)


def _shaped(units: Array, mean: Array, variance: Array) -> tuple[Array, Array, Array, Array]:
    """Units, mean, size (infinite: Poisson) and success probability of the negative binomial."""
    units, mean, variance = np.broadcast_arrays(
        np.maximum(units, 0.0), np.maximum(mean, _LEAST), np.maximum(variance, 0.0)
    )
    ratio = variance / mean
    wide = ratio > POISSON_MARGIN
    size = np.where(wide, mean / np.where(wide, ratio - 1.0, 1.0), np.inf)
    return units, mean, size, np.where(wide, 1.0 / np.maximum(ratio, 1.0), 1.0)


def _at_most(units: Array, mean: Array, size: Array, success: Array) -> Array:
    """``P(D <= units)``; 0 below no units."""
    known, wide = np.maximum(units, 0.0), np.isfinite(size)
    negative_binomial = special.betainc(np.where(wide, size, 1.0), known + 1.0, np.where(wide, success, 0.5))
    return np.where(units < 0.0, 0.0, np.where(wide, negative_binomial, special.gammaincc(known + 1.0, mean)))
