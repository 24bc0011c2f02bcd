"""Which forecast to believe: the panel's, or the plain level of late that knows no calendar.

Both say what the protection interval will bring; when it is over the pinball loss of what they promised is theirs,
by series and by size of the forecast, and the coming days are a mixture by these losses (``choice``). So a series or
a class that the panel is no help for is left to its own level.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from inventory.demand import negative_binomial
from inventory.demand.choice import Choice, pinball
from inventory.demand.intervals import CLASSES, size_class
from inventory.demand.panel.arrays import Array, Mask, grown

RIVALS = ("panel", "level")
_CHANCES = np.array([0.5, 0.9, 0.98])
_HANDICAP = np.array([1.0, 1.05])
"""A level that costs a little less on the few intervals that have been seen is chance."""


class Rivals:
    """Of n series; means are (rivals, n)."""

    KEPT: ClassVar[tuple[str, ...]] = ("_choice", "_promised")

    def __init__(self) -> None:
        self._choice = Choice(len(RIVALS), CLASSES)
        self._choice.expect(100.0 * _HANDICAP)
        self._promised = np.zeros((len(RIVALS), 0), dtype=np.float32)

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._choice.grow(n)
        self._promised = grown(self._promised, n)

    def mix(self, paths: Sequence[Array], mean: Array) -> Array:
        """Daily means (n, h) of each rival -> (n, h); ``mean`` (n,) says how large the series are."""
        weights = self._choice.weights(size_class(mean))
        mixed: Array = np.einsum("rn,rnh->nh", weights, np.stack(paths))
        return mixed

    def begin(self, begun: Mask, means: Array) -> None:
        """What each says of the intervals that begin now."""
        self._promised[:, begun] = means[:, begun]

    def learn(self, over: Mask, units: Array, overdispersion: Array) -> None:
        """What came of the intervals that are over, and how forecasts scatter there, (m,) both."""
        if not over.any():
            return
        means = self._promised[:, over].astype(np.float64)
        losses = np.stack([pinball(_quantiles(mean, overdispersion), _CHANCES, units) for mean in means])
        self._choice.learn(losses * _HANDICAP[:, None], size_class(means[0]), np.flatnonzero(over))


def _quantiles(mean: Array, overdispersion: Array) -> Array:
    """Of negative binomials, (m, chances)."""
    levels = np.repeat(_CHANCES[None, :], len(mean), axis=0)
    return negative_binomial.quantiles(mean, mean + overdispersion * mean * mean, levels)
