"""How to mix three forecasts: the panel's, the level by the week of the year (``weeks``), and the plain level of late.

All say what the protection interval will bring; when it is over it is learned, by series and by size of the
forecast, of which of them there should have been more in the mixture (``choice``). So a series or a class that the
panel or the season is no help for is left to its own level.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from inventory.demand import negative_binomial
from inventory.demand.choice import Choice, towards
from inventory.demand.intervals import CLASSES, size_class
from inventory.demand.panel.arrays import Array, Mask, grown

RIVALS = ("panel", "level", "weeks")
_CHANCES = np.array([0.5, 0.9, 0.98])
_HANDICAP = np.array([1.0, 1.05, 1.05])
"""A level or season that costs a little less on the few intervals that have been seen is chance."""
_FIRST_OUTCOMES, _FIRST_APART = 100.0, 0.1


class Rivals:
    """Of n series; means are (rivals, n)."""

    KEPT: ClassVar[tuple[str, ...]] = ("_choice", "_promised")

    def __init__(self) -> None:
        self._choice = Choice(len(RIVALS), CLASSES)
        self._choice.expect(_HANDICAP, _FIRST_APART, _FIRST_OUTCOMES)
        self._promised = np.zeros((1 + len(RIVALS), 0), dtype=np.float32)
        self._weights = np.zeros((len(RIVALS), 0))

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._choice.grow(n)
        self._promised = grown(self._promised, n)

    def mix(self, paths: Sequence[Array], mean: Array) -> Array:
        """Daily means (n, h) of each rival -> (n, h); ``mean`` (n,) says how large the series are."""
        self._weights = self._choice.weights(size_class(mean))
        mixed: Array = self._weights[0][:, None] * paths[0]
        for weights, path in zip(self._weights[1:], paths[1:], strict=True):
            mixed += weights[:, None] * path
        return mixed

    def begin(self, begun: Mask, means: Array) -> None:
        """What each says of the intervals that begin now, and the mixture as it was made last."""
        mixed = (self._weights * means).sum(axis=0)
        self._promised[:, begun] = np.vstack([mixed, means])[:, begun]

    def learn(self, over: Mask, units: Array, overdispersion: Array) -> None:
        """What came of the intervals that are over, and how forecasts scatter there, (m,) both."""
        if not over.any():
            return
        means = self._promised[:, over].astype(np.float64)
        mixed, *promised = (_quantiles(mean, overdispersion) for mean in means)
        losses = towards(np.stack(promised), mixed, _CHANCES, units)
        self._choice.learn(losses * _HANDICAP[:, None], size_class(means[0]), np.flatnonzero(over))


def _quantiles(mean: Array, overdispersion: Array) -> Array:
    """Of negative binomials, (m, chances)."""
    levels = np.repeat(_CHANCES[None, :], len(mean), axis=0)
    return negative_binomial.quantiles(mean, mean + overdispersion * mean * mean, levels)
