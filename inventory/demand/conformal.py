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


def levels(state: Conformal, coverage: float) -> Array:
    """At which level to read a quantile so that it covers as often as asked for, 0 to 1 exclusive, (classes,).

    Ten outcomes that the forecast had all thought a matter of 60 to 70 % move its 90 % down, ten of 97 to 98 % up:

    >>> state = new(3)
    >>> chances = np.repeat([[0.6, 0.7], [0.97, 0.98]], 10, axis=0).T
    >>> learn(state, 0, np.repeat([0, 1], 10), *chances)
    >>> levels(state, 0.9).round(3).tolist()
    [0.85, 0.977, 0.9]
    """
    believed = (state.covered + _FIRST_WEIGHT * _LEVELS) / (state.weight + _FIRST_WEIGHT)[:, None]
    wanted = np.log(coverage / (1.0 - coverage))
    log_odds = np.log(believed / (1.0 - believed))
    read = np.array([np.interp(wanted, delivered, _LOG_ODDS) for delivered in log_odds])
    return np.asarray(1.0 / (1.0 + np.exp(-read)))
