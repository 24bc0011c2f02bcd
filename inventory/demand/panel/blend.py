"""Which share to believe: a ridge regression per department, pooled over its series, that forgets.

Rows are series of one department, ``y = (x * total) beta``: what a series sold in the last weeks against
its candidate shares x of before, times what its aggregate sold. With weights w,
``beta = (X'WX + k I)^-1 (X'Wy + k prior)``, ``k = 1e-4 tr(X'WX) / p``
(Hoerl and Kennard 1970, shrunk towards a prior instead of zero).
"""

from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index

_KEEP = 0.99
_RIDGE = 1e-4


class Blend:
    """Coefficients of ``departments`` regressions on ``len(prior)`` features."""

    KEPT: ClassVar[tuple[str, ...]] = ("_squares", "_products")

    def __init__(self, departments: int, prior: Array) -> None:
        self._prior = prior
        self._squares = np.zeros((departments, len(prior), len(prior)))
        self._products = np.zeros((departments, len(prior)))

    def learn(self, department: Index, x: Array, y: Array, weight: Array) -> None:
        """Department (n,), x (n, p), y (n,), weight (n,)."""
        for at in range(len(self._products)):
            mine = department == at
            weighted = x[mine] * weight[mine, None]
            self._squares[at] = _KEEP * self._squares[at] + weighted.T @ x[mine]
            self._products[at] = _KEEP * self._products[at] + weighted.T @ y[mine]

    def shares(self, department: Index, features: Array) -> Array:
        """Blended shares (n,), never negative."""
        blended: Array = np.maximum(0.0, (features * self._coefficients()[department]).sum(axis=1))
        return blended

    def _coefficients(self) -> Array:
        size = len(self._prior)
        ridge = _RIDGE * np.trace(self._squares, axis1=1, axis2=2) / size + 1e-12
        pull = ridge[:, None, None] * np.eye(size)
        solved: Array = np.linalg.solve(
            self._squares + pull, (self._products + ridge[:, None] * self._prior)[..., None]
        )
        return solved[..., 0]
