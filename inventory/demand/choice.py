"""How to weigh several forecasts, by what more of each would have done to the mixture of them.

The best single forecast is not what is looked for but the best mixture: of two that err to opposite sides, half of
each. So what counts of rival k is not its own loss but that of the mixture ``x`` moved towards its quantiles ``x_k``,

    l_k = loss(x) + loss'(x) (x_k - x)

which is the same for all rivals in a mixture that no weight can better: exponentiated gradient (Kivinen and Warmuth
1997; Cesa-Bianchi and Lugosi, *Prediction, Learning, and Games*, 2006, section 2.5), as of quantiles in Berrisch and
Ziel, *CRPS learning*, Journal of Econometrics 2023. Decayed sums of it are kept of each series, and of each class of
series together, of which some outcomes count beside a series' own. Of a sum ``L_k`` over ``w`` outcomes, whose rivals
are ``s`` apart in one outcome (root mean square, of the class), the weights are
``exp(-eta (L_k - min L) / (s sqrt(w)))`` over their sum: a rate for losses of any size, as those of second order are
(Wintenberger, *Optimal learning with Bernstein online aggregation*, Machine Learning 2017), so that what a few
outcomes of chance bring moves little.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, grown

_KEEP, _KEEP_POOLED = 0.98, 0.99
_CLASS_OUTCOMES = 30.0
_ETA, _TINY = 2.0, 1e-9
"""A rival of which more would be better by what chance brings gets e^2 of the other's weight."""


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

    KEPT: ClassVar[tuple[str, ...]] = ("_loss", "_outcomes", "_pooled", "_pooled_outcomes", "_squares")

    def __init__(self, rivals: int, classes: int) -> None:
        self._loss = np.zeros((rivals, 0), dtype=np.float32)
        self._outcomes = np.zeros(0, dtype=np.float32)
        self._pooled = np.zeros((rivals, classes))
        self._pooled_outcomes, self._squares = np.zeros((2, classes))

    def expect(self, loss: Array, apart: float, outcomes: float) -> None:
        """Losses of an outcome (rivals,), and how far apart, that so many of every class are taken to have had."""
        self._pooled += outcomes * loss[:, None]
        self._squares += outcomes * apart**2
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
        self._squares = _KEEP_POOLED * self._squares + np.bincount(classes, loss.var(axis=0), size)
        self._pooled_outcomes = _KEEP_POOLED * self._pooled_outcomes + np.bincount(classes, minlength=size)

    def weights(self, classes: Index) -> Array:
        """(rivals, n), adding up to 1."""
        outcomes = np.maximum(self._pooled_outcomes, _TINY)
        lost = self._loss.astype(np.float64) + _CLASS_OUTCOMES * (self._pooled / outcomes)[:, classes]
        chance = self._apart()[classes] * np.sqrt(self._outcomes + _CLASS_OUTCOMES)
        raised = np.exp(-_ETA * (lost - lost.min(axis=0)) / chance)
        weights: Array = raised / raised.sum(axis=0)
        return weights

    def _apart(self) -> Array:
        """Root mean square of how far rivals' losses were from their mean, by class."""
        apart: Array = np.sqrt(np.maximum(self._squares / np.maximum(self._pooled_outcomes, _TINY), _TINY))
        return apart
