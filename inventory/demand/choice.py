"""Which of several forecasts to believe, by what their quantiles have cost.

The pinball loss of rival k is decayed per series and pooled per class of series. With the own loss relative to the
mean of the rivals ``r`` (after ``w`` decayed outcomes) and that of the class ``R``,
``rel = (w r + c R) / (w + c)``, the weights are ``exp(-eta (rel - min rel))`` over their sum: the exponentially
weighted average forecaster (Cesa-Bianchi and Lugosi, *Prediction, Learning, and Games*, 2006, section 2.1) on losses
that forget.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, grown

_KEEP, _KEEP_POOLED = 0.95, 0.95
_CLASS_OUTCOMES = 100.0
_ETA = 60.0
"""A rival that is 1 % better gets e^0.6 of the other's weight."""


def pinball(quantiles: Array, chances: Array, units: Array) -> Array:
    """Mean over the chances: (..., n, k), (k,), (n,) -> (..., n).

    >>> pinball(np.array([[1.0, 4.0]]), np.array([0.5, 0.9]), np.array([3.0])).tolist()
    [0.55]
    """
    short = units[:, None] - quantiles
    loss: Array = np.maximum(chances * short, (chances - 1.0) * short).mean(axis=-1)
    return loss


class Choice:
    """Weights of ``rivals`` for n series, each in one of ``classes`` classes that may change; equal at first."""

    KEPT: ClassVar[tuple[str, ...]] = ("_loss", "_outcomes", "_pooled")

    def __init__(self, rivals: int, classes: int) -> None:
        self._loss = np.zeros((rivals, 0), dtype=np.float32)
        self._outcomes = np.zeros(0, dtype=np.float32)
        self._pooled = np.zeros((rivals, classes))

    def expect(self, loss: Array) -> None:
        """What each rival is taken to lose (rivals,) until outcomes say otherwise."""
        self._pooled += loss[:, None]

    def grow(self, n: int) -> None:
        """More series at the end."""
        self._loss, self._outcomes = grown(self._loss, n), grown(self._outcomes, n)

    def learn(self, loss: Array, classes: Index, chosen: Index) -> None:
        """What the rivals' forecasts of outcomes cost, (rivals, m), of series ``chosen`` (m,) in classes (m,)."""
        self._loss[:, chosen] = np.float32(_KEEP) * self._loss[:, chosen] + loss.astype(np.float32)
        self._outcomes[chosen] = np.float32(_KEEP) * self._outcomes[chosen] + np.float32(1)
        of_classes = [np.bincount(classes, of_rival, self._pooled.shape[1]) for of_rival in loss]
        self._pooled = _KEEP_POOLED * self._pooled + of_classes

    def weights(self, classes: Index) -> Array:
        """(rivals, n), adding up to 1."""
        own, share = _relative(self._loss.astype(np.float64)), self._outcomes / (self._outcomes + _CLASS_OUTCOMES)
        relative = share * own + (1.0 - share) * _relative(self._pooled)[:, classes]
        raised = np.exp(-_ETA * (relative - relative.min(axis=0)))
        weights: Array = raised / raised.sum(axis=0)
        return weights


def _relative(loss: Array) -> Array:
    """Over the mean of the rivals; 1 where nothing was lost."""
    mean = loss.mean(axis=0)
    relative: Array = np.divide(loss, mean, out=np.ones_like(loss), where=mean > 0.0)
    return relative
