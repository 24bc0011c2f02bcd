"""What promotions, prices, weekdays and any other signal do to demand: factors, learned by group and pooled.

A log-linear regression of counts, one step of iteratively weighted least squares a period (McCullagh and Nelder,
*Generalized Linear Models*, 1989, section 2.5): with level l, ``m = l exp(x'b)``, working response
``z = x'b + (y - m) / m`` and weight ``m / (1 + phi m)`` decayed sums ``A = X'WX``, ``c = X'Wz`` give
the pooled ``b0 = (sum A + I)^-1 sum c`` and each group's ``b = (A + k I)^-1 (c + k b0)``.
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask, grown

_KEEP, _GROUP_SHRINKAGE, _POOL_SHRINKAGE = 0.99, 100.0, 1.0
_OVERDISPERSION = 1.0
_LEAST_MEAN, _MOST_SURPRISE, _MOST_EFFECT = 0.02, 3.0, 3.0
_WARM_PERIODS = 3


class Uplifts:
    """Coefficients of ``signals`` signals for groups of series; nothing is kept of single series but their group."""

    KEPT: ClassVar[tuple[str, ...]] = ("_squares", "_products", "_periods", "_group")

    def __init__(self, signals: int) -> None:
        self._signals = signals
        self._group = np.zeros(0, dtype=np.intp)
        self._squares = np.zeros((0, signals, signals))
        self._products = np.zeros((0, signals))
        self._periods = 0

    def grow(self, group: Index) -> None:
        """More series, perhaps of new groups, at the end; ``group`` is of all, counted from 0."""
        groups = int(group.max(initial=-1)) + 1
        self._group = group
        self._squares = grown(self._squares, max(groups, len(self._squares)), axis=0)
        self._products = grown(self._products, len(self._squares), axis=0)

    def factor(self, signals: Array) -> Array:
        """What multiplies the level, (n,), of signals (n, s); a signal that is not known (NaN) counts as 0."""
        factor: Array = np.exp(self._effect(_known(signals)))
        return factor

    def learn(self, signals: Array, level: Array, units: Array, heard: Mask) -> None:
        """Signals of a period (n, s), the levels before it and what came, (n,)."""
        self._periods += 1
        if self._periods <= _WARM_PERIODS:
            return
        signals = _known(signals)
        effect = self._effect(signals)
        mean = np.maximum(level * np.exp(effect), _LEAST_MEAN)
        response = effect + np.clip((units - mean) / mean, -1.0, _MOST_SURPRISE)
        weight = np.where(heard, mean / (1.0 + _OVERDISPERSION * mean), 0.0)
        for at in range(len(self._squares)):
            mine = np.flatnonzero((self._group == at) & heard)
            weighted = signals[mine] * weight[mine, None]
            self._squares[at] = _KEEP * self._squares[at] + weighted.T @ signals[mine]
            self._products[at] = _KEEP * self._products[at] + weighted.T @ response[mine]

    def coefficients(self) -> Array:
        """By group, (groups, s): logarithms of the factor of one unit of each signal."""
        eye = np.eye(self._signals)
        pooled = np.linalg.solve(self._squares.sum(axis=0) + _POOL_SHRINKAGE * eye, self._products.sum(axis=0))
        pulled = self._products + _GROUP_SHRINKAGE * pooled
        solved = np.linalg.solve(self._squares + _GROUP_SHRINKAGE * eye, pulled[..., None])
        return solved[..., 0].astype(np.float64)

    def _effect(self, signals: Array) -> Array:
        effect = (signals * self.coefficients()[self._group]).sum(axis=1)
        bounded: Array = np.clip(effect, -_MOST_EFFECT, _MOST_EFFECT)
        return bounded


def _known(signals: Array) -> Array:
    return np.nan_to_num(signals, nan=0.0, posinf=0.0, neginf=0.0)
