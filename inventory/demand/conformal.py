"""Upper quantiles that cover as often as they say, whatever is wrong with the forecast: adaptive conformal control.

Each class of series has, for each stated coverage ``1 - t``, a level ``1 - a`` at which its quantiles are really
taken. A day on which a share ``m`` of its series missed moves it by ``a += gamma (t - m)`` (Gibbs and Candes 2021,
eq. 2). Then the mean of ``m`` over T days is within ``(|a| + gamma) / (gamma T)`` of t, for any data, as long as a
low enough ``a`` never misses: so below the least ``a`` a forecast has a quantile for, that quantile is stretched
without end.

Units are whole, and a quantile covers more than was asked for. Of the atom at the quantile only the part beyond the
level counts as missed, a share of a miss; or, where one number has to be chosen, the number below is taken
instead with the right chance, by a uniform number that is hashed from series and day.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory.demand.plain import Array, Index

_LEAST, _MOST = 1e-4, 1.0
_STRETCH = 10.0
_HASH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass
class Conformal:
    """``miss`` (targets,): shares that may miss, falling, as 0.2, 0.1, 0.02; ``at`` (classes, targets): a of each."""

    miss: Array
    at: Array
    gamma: float = 0.02


def new(coverages: Array, classes: int, gamma: float = 0.02) -> Conformal:
    """Stated coverages, rising, as 0.8, 0.9, 0.98."""
    miss = 1.0 - np.asarray(coverages, dtype=np.float64)
    return Conformal(miss, np.tile(miss, (classes, 1)), gamma)


def grow(state: Conformal, classes: int) -> None:
    """More classes; a new one starts with the mean of the others."""
    missing = classes - len(state.at)
    start = state.at.mean(axis=0) if len(state.at) else state.miss
    if missing > 0:
        state.at = np.concatenate([state.at, np.tile(start, (missing, 1))])


def learn(state: Conformal, of: Index, missed: Array) -> None:
    """Classes (n,) of series and their share of a miss at each target, (n, targets), 0 to 1; NaN: not known.

    >>> state = new(np.array([0.9]), 1)
    >>> learn(state, np.array([0]), np.array([[1.0]]))
    >>> state.at.round(6).tolist()
    [[0.082]]
    """
    known = ~np.isnan(missed).any(axis=1)
    of, missed, classes = of[known], missed[known], len(state.at)
    rows = np.bincount(of, minlength=classes)
    for target, allowed in enumerate(state.miss):
        mean = np.bincount(of, missed[:, target], classes) / np.maximum(rows, 1)
        state.at[:, target] += np.where(rows > 0, state.gamma * (allowed - mean), 0.0)


def levels(state: Conformal) -> Array:
    """At which level to take quantiles, (classes, targets); a greater coverage never has a lower level."""
    return np.maximum.accumulate(1.0 - np.clip(state.at, _LEAST, _MOST), axis=1)


def stretches(state: Conformal) -> Array:
    """By what to multiply the quantile, (classes, targets), 1 or more."""
    return np.maximum.accumulate(1.0 + _STRETCH * np.maximum(_LEAST - state.at, 0.0), axis=1)


def level_for(state: Conformal, of: Index, coverage: Array) -> tuple[Array, Array]:
    """Level and stretch for any stated coverage, (n,), of series of classes ``of`` (n,).

    Between two targets, and beyond them, the change of the log odds is interpolated; it is the same beyond the last
    ones.
    """
    wanted, stated = _log_odds(coverage), _log_odds(1.0 - state.miss)
    shifts = _log_odds(levels(state)) - stated
    shift, stretch = np.zeros(len(of)), np.ones(len(of))
    for one in np.unique(of):
        mine = of == one
        shift[mine] = np.interp(wanted[mine], stated, shifts[one])
        stretch[mine] = np.interp(wanted[mine], stated, stretches(state)[one])
    return 1.0 / (1.0 + np.exp(-(wanted + shift))), stretch


def missed(units: Array, quantile: Array, below: Array, at_most: Array, level: Array) -> Array:
    """Share of a miss, shaped as the arguments: none below the quantile, all above it, at it the part beyond the level.

    ``below`` and ``at_most``: the forecast's chances of less than the quantile and of at most it. With chances 0.5
    and 0.8 around it and a level of 0.7, a third of the atom is beyond:

    >>> missed(*(np.array([value]) for value in (3.0, 3.0, 0.5, 0.8, 0.7))).round(6).tolist()
    [0.333333]
    """
    atom = np.maximum(at_most - below, 1e-12)
    part = np.clip((at_most - level) / atom, 0.0, 1.0)
    return np.where(units > quantile, 1.0, np.where(units == quantile, part, 0.0))


def whole(quantile: Array, below: Array, at_most: Array, level: Array, uniform: Array) -> Array:
    """The quantile or the number below it, so that over many days exactly ``level`` is covered (never below zero)."""
    atom = np.maximum(at_most - below, 1e-12)
    part = np.clip((level - below) / atom, 0.0, 1.0)
    return np.maximum(np.where(uniform < part, quantile, quantile - 1.0), 0.0)


def uniforms(keys: npt.NDArray[np.uint64], day: int) -> Array:
    """A number from 0 to 1 for every key and day, always the same one (Steele, Lea and Flood 2014, SplitMix64)."""
    golden, first, second = _HASH
    with np.errstate(over="ignore"):
        mixed = keys + golden * np.uint64(day + 1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * first
        mixed = (mixed ^ (mixed >> np.uint64(27))) * second
        mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def key(text: str) -> int:
    """A series' number for `uniforms`."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _log_odds(share: Array) -> Array:
    inside = np.clip(share, _LEAST, 1.0 - _LEAST)
    return np.asarray(np.log(inside / (1.0 - inside)))
