"""Quantiles that cover as often as they say, whatever is wrong with the forecast's spread: conformal levels.

Where a forecast's own 95 % covered nine in ten, another level did cover 95 in a hundred: that is the one to read.
So each class of series keeps, for a grid of levels, how often each of them covered what came, older intervals
weighing less. It is distributional conformal prediction (Chernozhukov, Wuethrich and Zhu 2021: the score of an
outcome is its place in its own forecast) with weights that decay (Barber, Candes, Ramdas and Tibshirani 2023, whose
bound on the missing coverage holds for any data). All levels learn from every outcome, so those near 1 as soon
as the others; adaptive conformal inference, which moves one level by its misses alone, took hundreds of days to
get there, since the intervals of a place end on few days.

Units are whole, and a quantile covers more than was asked for. Of the atom at an outcome only the part below a level
counts as covered by it, a share of one (the non-randomised transform of Czado, Gneiting and Held 2009).
"""

from dataclasses import dataclass

import numpy as np

from inventory.demand.plain import Array, Index

_LOG_ODDS = np.concatenate([np.arange(-6.0, 2.0, 0.5), np.arange(2.0, 11.75, 0.25)])
_LEVELS = 1.0 / (1.0 + np.exp(-_LOG_ODDS))
"""Up to 1 - 1e-5: beyond, a quantile is what the shape of the forecast says and no data."""
_HALF_LIFE_DAYS = 28.0
_LEAST = 1e-6
_FIRST_WEIGHT = 20.0
"""Intervals at which a class believes its outcomes as much as the forecast itself."""


@dataclass
class Conformal:
    """``covered`` (classes, levels): weight of the outcomes each level covered; ``weight`` (classes,) of all of them.

    Without what the forecast itself is believed with; ``day`` is the one they are weighed as of.
    """

    covered: Array
    weight: Array
    day: int = 0


def new(classes: int) -> Conformal:
    """Every level covers what it says."""
    return Conformal(np.zeros((classes, len(_LEVELS))), np.zeros(classes))


def learn(state: Conformal, day: int, of: Index, below: Array, at_most: Array) -> None:
    """Outcomes of classes ``of`` (n,) on a day no earlier than the last, by the chances their forecasts gave.

    ``below`` (n,) is the chance of less than the outcome, ``at_most`` (n,) of no more.
    """
    keep = 0.5 ** ((day - state.day) / _HALF_LIFE_DAYS)
    share = np.clip((_LEVELS - below[:, None]) / np.maximum(at_most - below, 1e-15)[:, None], 0.0, 1.0)
    state.covered *= keep
    state.weight *= keep
    np.add.at(state.covered, of, share)
    np.add.at(state.weight, of, 1.0)
    state.day = day


def read(state: Conformal, of: Index, coverage: Array) -> Array:
    """At which levels to read quantiles so that they cover as often as asked for: of classes ``of`` (m,), (m, k) both.

    Ten outcomes that the forecast had all thought a matter of 60 to 70 % move its 90 % down, ten of 97 to 98 % up:

    >>> state = new(3)
    >>> chances = np.repeat([[0.6, 0.7], [0.97, 0.98]], 10, axis=0).T
    >>> learn(state, 0, np.repeat([0, 1], 10), *chances)
    >>> read(state, np.arange(3), np.full((3, 1), 0.9)).round(3).ravel().tolist()
    [0.85, 0.977, 0.9]
    """
    return _between(of, _log_odds(np.clip(coverage, _LEAST, 1.0 - _LEAST)), _delivered(state), _of_all(state))


def delivered(state: Conformal, of: Index, level: Array) -> Array:
    """What levels of classes ``of`` (m,) did cover, (m, k) both; the inverse of ``read``, 0 and 1 are themselves."""
    inside = np.clip(level, _LEAST, 1.0 - _LEAST)
    found = _between(of, _log_odds(inside), _of_all(state), _delivered(state))
    return np.where((level > 0.0) & (level < 1.0), found, level)


def _delivered(state: Conformal) -> Array:
    """Log odds of what each level covered, (classes, levels)."""
    believed = (state.covered + _FIRST_WEIGHT * _LEVELS) / (state.weight + _FIRST_WEIGHT)[:, None]
    return _log_odds(believed)


def _of_all(state: Conformal) -> Array:
    return np.broadcast_to(_LOG_ODDS, state.covered.shape)


def _between(of: Index, wanted: Array, known: Array, answers: Array) -> Array:
    """Chances whose log odds lie among the ``answers`` of a class as ``wanted`` (m, k) does among what is ``known``."""
    found = np.empty(wanted.shape)
    for at in np.unique(of):
        mine = of == at
        found[mine] = np.interp(wanted[mine], known[at], answers[at])
    return np.asarray(1.0 / (1.0 + np.exp(-found)))


def _log_odds(chance: Array) -> Array:
    return np.asarray(np.log(chance / (1.0 - chance)))
