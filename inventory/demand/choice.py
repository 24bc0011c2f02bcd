"""How to weigh several forecasts, by what more of each would have done to the mixture of them.

The best single forecast is not what is looked for but the best mixture: of two that err to opposite sides, half of
each. So what counts of rival k is not its own loss but that of the mixture ``x`` moved towards its quantiles ``x_k``,

    l_k = loss(x) + loss'(x) (x_k - x)

which is the same for all rivals in a mixture that no weight can better: exponentiated gradient (Kivinen and Warmuth
1997; Cesa-Bianchi and Lugosi, *Prediction, Learning, and Games*, 2006, section 2.5), as of quantiles in Berrisch and
Ziel, *CRPS learning*, Journal of Econometrics 2023. Decayed sums of it are kept of each series, and of each class of
series together, of which some outcomes count beside a series' own. With that sum relative to the mean size of the
rivals' sums, ``rel``, the weights are ``exp(-eta rel)`` over their sum.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, grown

_KEEP, _KEEP_POOLED = 0.98, 0.99
_CLASS_OUTCOMES = 30.0
_ETA, _TINY = 30.0, 1e-9
"""A rival of which more would be 1 % better gets e^0.3 of the other's weight."""


def pinball(quantiles: Array, chances: Array, units: Array) -> Array:
    """Mean over the chances: (..., n, k), (k,), (n,) -> (..., n).

    >>> pinball(np.array([[1.0, 4.0]]), np.array([0.5, 0.9]), np.array([3.0])).tolist()
    [0.55]
    """
    short = units[:, None] - quantiles
    loss: Array = np.maximum(chances * short, (chances - 1.0) * short).mean(axis=-1)
    return loss


def towards(quantiles: Array, mixed: Array, chances: Array, units: Array) -> Array:
    """Pinball loss of a mixture (n, k), moved along its slope towards each rival's ``quantiles`` (rivals, n, k).

    Of units (n,), mean over the chances (k,): (rivals, n). What came was between the two rivals' quantiles and beyond
    the mixture's, so more of the second would have been better:

    >>> two = np.array([[[1.0]], [[4.0]]])
    >>> towards(two, np.array([[2.0]]), np.array([0.5]), np.array([3.0])).tolist()
    [[1.0], [-0.5]]
    """
    slope = (units[:, None] < mixed) - chances
    loss: Array = pinball(mixed, chances, units) + (slope * (quantiles - mixed)).mean(axis=-1)
    return loss


class Choice:
    """Weights of ``rivals`` for n series, each in one of ``classes`` classes that may change; equal at first."""

    KEPT: ClassVar[tuple[str, ...]] = ("_loss", "_outcomes", "_pooled", "_pooled_outcomes")

    def __init__(self, rivals: int, classes: int) -> None:
        self._loss = np.zeros((rivals, 0), dtype=np.float32)
        self._outcomes = np.zeros(0, dtype=np.float32)
        self._pooled, self._pooled_outcomes = np.zeros((rivals, classes)), np.zeros(classes)

    def expect(self, loss: Array, outcomes: float) -> None:
        """What each rival is taken to have lost (rivals,) in so many outcomes of every class."""
        self._pooled += loss[:, None]
        self._pooled_outcomes += outcomes

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._loss, self._outcomes = grown(self._loss, n), grown(self._outcomes, n)

    def learn(self, loss: Array, classes: Index, chosen: Index) -> None:
        """What more of each rival would have cost, (rivals, m), of series ``chosen`` (m,) in classes (m,)."""
        self._loss[:, chosen] = np.float32(_KEEP) * self._loss[:, chosen] + loss.astype(np.float32)
        self._outcomes[chosen] = np.float32(_KEEP) * self._outcomes[chosen] + np.float32(1)
        size = len(self._pooled_outcomes)
        of_classes = [np.bincount(classes, of_rival, size) for of_rival in loss]
        self._pooled = _KEEP_POOLED * self._pooled + of_classes
        self._pooled_outcomes = _KEEP_POOLED * self._pooled_outcomes + np.bincount(classes, minlength=size)

    def weights(self, classes: Index) -> Array:
        """(rivals, n), adding up to 1."""
        usual = self._pooled / np.maximum(self._pooled_outcomes, _TINY)
        lost = self._loss.astype(np.float64) + _CLASS_OUTCOMES * usual[:, classes]
        # Of single series sums may be negative, when what came was always on the same side; never all of a class.
        relative = lost / np.maximum(np.abs(lost).mean(axis=0), _TINY)
        raised = np.exp(-_ETA * (relative - relative.min(axis=0)))
        weights: Array = raised / raised.sum(axis=0)
        return weights
