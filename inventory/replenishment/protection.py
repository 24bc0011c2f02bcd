"""Quantiles of demand over random lead times, for many SKU-locations in one go.

The same numbers as ``lead_time.counts_over`` gives for one: days independent and
negative binomial (Poisson where the variance is no larger than the mean), mixed
over the lead time. A row is computed from its own numbers alone, in the same
order of operations whatever stands beside it, so that one row by itself and the
same row among thousands agree to the last bit.

With daily mean m and variance-to-mean ratio v, demand over n days starts at
``P(0) = exp(-n m log(v) / (v - 1))`` and goes on by
``P(x + 1) = P(x) (x q + n m / v) / (x + 1)``, ``q = 1 - 1/v``. Where ``P(0)``
would be too small to hold, or there are too many units to go through, distribution
functions and bisection take its place.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from inventory.replenishment.distribution import POISSON_MARGIN, TAIL, Array
from inventory.replenishment.lead_time import LeadTime

Units = npt.NDArray[np.int64]

_LEAST_EXPONENT = -600.0
_LARGE = 1_000.0
_ROWS, _UNITS = 32, 16
"""How many rows and units are computed in one go; a row's own numbers do not depend on it."""
_WIDTH = 32


class Protection(NamedTuple):
    """Per row: the smallest units that are enough with the probability asked for, and what follows from them."""

    units: Units
    probability_enough: Array
    shortage_units: Array
    mean: Array
    variance: Array


class _Rows(NamedTuple):
    """Demand of each row (first axis) over each possible number of days (second axis); 0 where it has no weight."""

    means: Array
    ratios: Array
    weights: Array


def width_of(lead_time: LeadTime) -> int:
    """Days its row is wide. Rows of one width are computed together; it depends on the lead time alone."""
    return -(-len(lead_time.weights) // _WIDTH) * _WIDTH


def protect(
    mean_per_day: Array,
    variance_per_day: Array,
    lead_times: Sequence[LeadTime],
    more_days: Array,
    probability: float,
) -> Protection:
    """Units that serve all demand over lead time and ``more_days`` with at least this probability, row by row.

    The lead times must be of one width (``width_of``).

    >>> at_once = LeadTime((0.0, 0.0, 0.0, 1.0))
    >>> protect(np.array([2.0]), np.array([4.0]), [at_once], np.array([4.0]), 0.95).units
    array([23])
    """
    weights = _weights(lead_times)
    days = np.where(weights > 0.0, np.arange(weights.shape[1]) + more_days[:, None], 0.0)
    mean_days = _over(weights, days)
    spread = _over(weights, (days - mean_days[:, None]) ** 2)
    means = np.maximum(mean_per_day, 0.0)
    ratios = np.divide(variance_per_day, means, out=np.ones_like(means), where=means > 0.0)
    ratios[ratios <= POISSON_MARGIN] = 1.0
    rows = _Rows(means[:, None] * days, ratios, weights)
    exponents = _exponents(rows)
    found = Protection(
        np.zeros(len(means), np.int64),
        np.ones(len(means)),
        np.zeros(len(means)),
        means * mean_days,
        means * ratios * mean_days + means * means * spread,
    )
    large = (exponents.min(axis=1) < _LEAST_EXPONENT) | (found.mean > _LARGE)
    _climb(rows, exponents, probability, found, np.flatnonzero(~large))
    _bisect(rows, probability, found, np.flatnonzero(large))
    return found


def _weights(lead_times: Sequence[LeadTime]) -> Array:
    """A row for each lead time; equal ones are laid out once."""
    places: dict[LeadTime, int] = {}
    order = [places.setdefault(lead_time, len(places)) for lead_time in lead_times]
    table = np.zeros((len(places), width_of(lead_times[0])))
    for lead_time, place in places.items():
        table[place, : len(lead_time.weights)] = lead_time.weights
    return table[order]


def _over(weights: Array, values: Array) -> Array:
    """Mixed over the days; each row summed by itself."""
    mixed: Array = np.add.reduce(values * weights, axis=1)
    return mixed


def _exponents(rows: _Rows) -> Array:
    """log P(0); by ``math``, whose results do not depend on neighbours or on the processor's width."""
    rates = [1.0 if ratio == 1.0 else math.log(ratio) / (ratio - 1.0) for ratio in rows.ratios.tolist()]
    exponents: Array = -rows.means * np.array(rates)[:, None]
    return exponents


def _climb(rows: _Rows, exponents: Array, probability: float, found: Protection, active: Units) -> None:
    """Sum probabilities unit by unit until each row has enough; a block of units, and of rows that need about as
    many, at a time."""
    alike = active[np.argsort(found.mean[active], kind="stable")]
    for start in range(0, len(alike), _ROWS):
        chosen = alike[start : start + _ROWS]
        _climb_some(rows, exponents[chosen], probability, found, chosen)


def _climb_some(rows: _Rows, exponents: Array, probability: float, found: Protection, active: Units) -> None:
    ratios, weights = rows.ratios[active, None], rows.weights[active]
    terms = np.zeros_like(exponents)
    terms[weights > 0.0] = list(map(math.exp, exponents[weights > 0.0].tolist()))
    fading, growth = 1.0 - 1.0 / ratios, rows.means[active] / ratios
    before, left, first = np.zeros(len(active)), found.mean[active], 0
    while len(active):
        path = _path(terms, fading, growth, first)
        at = np.add.reduce(path[:-1] * weights, axis=2)
        reached = np.add.accumulate(np.concatenate([before[None], at]), axis=0)[1:]
        lefts = np.add.accumulate(np.concatenate([left[None], reached - 1.0]), axis=0)
        enough = reached >= probability - TAIL
        done, where = enough.any(axis=0), enough.argmax(axis=0)
        each = np.flatnonzero(done)
        _note(found, active[each], first + where[each], reached[where[each], each], lefts[where[each], each])
        active, before, left, terms = active[~done], reached[-1, ~done], lefts[-1, ~done], path[-1, ~done]
        fading, growth, weights = fading[~done], growth[~done], weights[~done]
        first += _UNITS


def _path(terms: Array, fading: Array, growth: Array, first: int) -> Array:
    """P(x) of each row and number of days, from ``first`` on (first axis), of which ``terms`` are known."""
    x = np.arange(first, first + _UNITS, dtype=np.float64)[:, None, None]
    path = np.empty((_UNITS + 1, *terms.shape))
    path[0] = terms
    np.divide(x * fading + growth, x + 1.0, out=path[1:])
    for unit in range(_UNITS):
        path[unit + 1] *= path[unit]
    return path


def _note(found: Protection, rows: Units, units: Units, reached: Array, left: Array) -> None:
    found.units[rows] = units
    found.probability_enough[rows] = np.minimum(reached, 1.0)
    found.shortage_units[rows] = np.maximum(left, 0.0)


def _bisect(rows: _Rows, probability: float, found: Protection, active: Units) -> None:
    """Halve the range of each row until one number of units is left."""
    if not len(active):
        return
    few = _Rows(rows.means[active], rows.ratios[active], rows.weights[active])
    widest = few.means.max(axis=1)
    low = np.full(len(active), -1, np.int64)
    high = (widest + 40.0 * (np.sqrt(widest * few.ratios) + few.ratios)).astype(np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = _over(few.weights, _at_most(few, middle)) >= probability - TAIL
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    _note(found, active, high, _over(few.weights, _at_most(few, high)), _over(few.weights, _shortages(few, high)))


def _at_most(rows: _Rows, units: Units) -> Array:
    """P(D <= units) of each row and number of days."""
    x, ratios, poisson = units[:, None] + 1.0, rows.ratios[:, None], rows.ratios[:, None] == 1.0
    sizes = rows.means / np.where(poisson, 1.0, ratios - 1.0)
    likely = np.where(poisson, special.gammaincc(x, rows.means), special.betainc(sizes, x, 1.0 / ratios))
    return np.where((rows.means > 0.0) & (x > 0.0), likely, np.where(x > 0.0, 1.0, 0.0))


def _shortages(rows: _Rows, units: Units) -> Array:
    """E[(D - s)+] = E[D] P(D' >= s) - s P(D > s), D' with one more in its size (Poisson: D' = D)."""
    s, ratios, poisson = units[:, None] * 1.0, rows.ratios[:, None], rows.ratios[:, None] == 1.0
    sizes, q = rows.means / np.where(poisson, 1.0, ratios - 1.0), 1.0 - 1.0 / ratios
    reach = np.where(poisson, special.gammainc(s, rows.means), special.betainc(s, sizes + 1.0, q))
    beyond = np.where(poisson, special.gammainc(s + 1.0, rows.means), special.betainc(s + 1.0, sizes, q))
    return np.where(rows.means > 0.0, rows.means * reach - s * beyond, 0.0)
