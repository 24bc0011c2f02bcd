"""Pinball loss, for one period and for the sum of a protection interval."""

from typing import Any, NamedTuple

import numpy as np

from inventory.demand.choice import pinball
from inventory.demand.panel.arrays import Array, Index

CHANCES = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])


class Told(NamedTuple):
    """Quantiles of some origins: of the next period and of the sum of the interval, (origins, n, chances)."""

    one: Array
    interval: Array
    seconds: float

    def at(self, some: Index) -> "Told":
        return self._replace(one=self.one[some], interval=self.interval[some])


class Loss(NamedTuple):
    """Means over series and origins, in units."""

    one: float
    interval: float


def loss(told: Told, units: Array, interval: int, origins: Index) -> Loss:
    """Of what was told after these numbers of periods; outcomes that are not known are not scored."""
    return Loss(_mean(told.one, units[origins]), _mean(told.interval, sums(units, interval)[origins]))


def sums(units: Array, periods: int) -> Array:
    """Sums of so many periods from each on, (T, n); NaN where one of them is not known."""
    known = [np.vstack([units[ahead:], np.full((ahead, units.shape[1]), np.nan)]) for ahead in range(periods)]
    total: Array = np.sum(known, axis=0)
    return total


def compared(losses: dict[str, Loss]) -> dict[str, Any]:
    """One period ahead, and under ``interval`` the same of the sums."""
    one = _compared({name: value.one for name, value in losses.items()})
    return one | {"interval": _compared({name: value.interval for name, value in losses.items()})}


def _compared(losses: dict[str, float]) -> dict[str, Any]:
    """Ours, the peers, and how much less ours is than the best of them, as a share of it."""
    ours = {name: value for name, value in losses.items() if name.startswith("ours")}
    peers = {name: round(value, 5) for name, value in losses.items() if name not in ours}
    best = min(losses[name] for name in peers)
    ahead = {name.replace("ours", "ahead"): round(1.0 - value / best, 4) for name, value in ours.items()}
    return {name: round(value, 5) for name, value in ours.items()} | {"peers": peers} | ahead


def _mean(quantiles: Array, came: Array) -> float:
    known = ~np.isnan(came)
    return float(pinball(quantiles[known], CHANCES, came[known]).mean())
