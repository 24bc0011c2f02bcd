"""Forecasts told as quantiles at fixed chances: any other quantile, and the chance of any number of units.

Between two chances values are interpolated; below the first one they fall to 0 units at chance 0; beyond the last one
the tail is exponential, with the slope between the last chance and the last one whose tail is at least four times as
heavy.
"""

import numpy as np

from inventory.demand.plain import Array, Index

_TAIL = 4.0


def quantile_at(grid: Array, chances: Array, level: Array) -> Array:
    """Values (n, q) at rising chances (q,) -> the value at each row's level (n,), below 1.

    >>> quantile_at(np.array([[2.0, 4.0]]), np.array([0.5, 0.9]), np.array([0.7])).round(6).tolist()
    [3.0]
    """
    low, high, share = _places(chances, level)
    rows = np.arange(len(grid))
    padded = np.column_stack([np.zeros(len(grid)), grid])
    inside = padded[rows, low] + share * (padded[rows, high] - padded[rows, low])
    beyond = np.log((1.0 - chances[-1]) / np.maximum(1.0 - level, 1e-12))
    return np.asarray(np.where(level > chances[-1], grid[:, -1] + _slope(grid, chances) * beyond, inside))


def chance_at_most(grid: Array, chances: Array, units: Array) -> Array:
    """The chance (n,) of at most ``units`` (n,): the greatest one whose value is not above them; 0 below 0.

    Of values 2 at chances 0.5 and 0.8 the last counts:

    >>> chance_at_most(np.array([[0.0, 2.0, 2.0, 3.0]]), np.array([0.2, 0.5, 0.8, 0.9]), np.array([2.0])).tolist()
    [0.8]
    """
    rows, size = np.arange(len(grid)), grid.shape[1]
    places = (grid <= units[:, None]).sum(axis=1)
    values = np.column_stack([np.zeros(len(grid)), grid])
    padded = np.concatenate([[0.0], chances])
    low, high = places, np.minimum(places + 1, size)
    width = values[rows, high] - values[rows, low]
    share = np.divide(units - values[rows, low], width, out=np.zeros_like(units), where=width > 0.0)
    inside = padded[low] + share * (padded[high] - padded[low])
    slope = _slope(grid, chances)
    over = np.divide(units - grid[:, -1], slope, out=np.full(len(grid), np.inf), where=slope > 0.0)
    beyond = 1.0 - (1.0 - chances[-1]) * np.exp(-np.maximum(over, 0.0))
    return np.where(units < 0.0, 0.0, np.where(units >= grid[:, -1], beyond, inside))


def _places(chances: Array, level: Array) -> tuple[Index, Index, Array]:
    """Places in the grid with a zero before it, and how far between them."""
    padded = np.concatenate([[0.0], chances])
    high = np.clip(np.searchsorted(padded, level), 1, len(chances))
    share = np.clip((level - padded[high - 1]) / (padded[high] - padded[high - 1]), 0.0, 1.0)
    return high - 1, high, share


def _slope(grid: Array, chances: Array) -> Array:
    """Units that the tail takes to become e times lighter, (n,)."""
    heavier = np.flatnonzero(1.0 - chances >= _TAIL * (1.0 - chances[-1]) - 1e-12)
    at = heavier[-1] if len(heavier) else 0
    if at == len(chances) - 1:
        return np.zeros(len(grid))
    return np.asarray((grid[:, -1] - grid[:, at]) / np.log((1.0 - chances[at]) / (1.0 - chances[-1])))
