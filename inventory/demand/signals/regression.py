"""River's Bayesian linear regression, scaled, fading, and saved to the last bit.

Bishop 2006, eq. 3.50-3.51, in units where a coefficient's prior is ``N(0, 1)`` and noise has variance 1:
``precision = I + sum(x x')``, ``mean = precision^-1 sum(x y)``. Days fade towards the prior:
``precision <- k precision + (1 - k) I``, ``sum <- k sum``.

Two traps in River 0.26: `BayesianLinearRegression` starts precision and covariance both at ``1 / alpha``, so that only
``alpha = 1`` is right (hence rows are scaled); and its ``smoothing`` fades the prior away with the rows.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from river.linear_model import BayesianLinearRegression

from inventory.demand.plain import packed, unpacked


class Regression:
    """Coefficients by name, each with prior standard deviation ``prior_sd``."""

    def __init__(self, prior_sd: float) -> None:
        self.prior_sd = prior_sd
        self.rows_today = self.rows_before = 0
        self._river: Any = BayesianLinearRegression(alpha=1.0, beta=1.0)

    def learn(self, row: Mapping[str, float], y: float, precision: float) -> None:
        """One row, and the precision (1 / variance) of its noise."""
        self.rows_today += 1
        if row:
            root = math.sqrt(precision)
            self._river.learn_one({name: root * self.prior_sd * value for name, value in row.items()}, root * y)

    def parts(self, row: Mapping[str, float]) -> dict[str, float]:
        """What each name adds; nothing for a name that was never seen."""
        self._river._ensure_m()
        at, mean = self._river._idx, self._river._m_arr
        return {
            name: self.prior_sd * float(mean[at[name]]) * value if name in at else 0.0 for name, value in row.items()
        }

    def fade(self, keep: float) -> None:
        """A day ends: what was learned weighs ``keep`` of what it did."""
        self.rows_before, self.rows_today = max(self.rows_today, 1), 0
        river = self._river
        river._ss_arr = keep * river._ss_arr + (1.0 - keep) * np.eye(river._cap)
        river._ss_inv_arr = np.asfortranarray(np.linalg.inv(river._ss_arr))
        river._eta_arr = keep * river._eta_arr
        river._m_dirty = True

    def forget(self, name: str) -> None:
        """The name's coefficient is averaged out: the others are believed as they were."""
        river, at = self._river, self._river._idx.get(name)
        if at is None:
            return
        river._ensure_m()
        covariance, mean = np.eye(river._cap), np.zeros(river._cap)
        covariance[:-1, :-1] = np.delete(np.delete(river._ss_inv_arr, at, axis=0), at, axis=1)
        mean[:-1] = np.delete(river._m_arr, at)
        river._idx = {one: place - (place > at) for one, place in river._idx.items() if one != name}
        river._ss_inv_arr, river._ss_arr = np.asfortranarray(covariance), np.linalg.inv(covariance)
        river._eta_arr, river._m_dirty = river._ss_arr @ mean, True

    def plain(self) -> list[Any]:
        river = self._river
        arrays = [packed(part) for part in (river._ss_arr, river._ss_inv_arr, river._eta_arr)]
        return [self.prior_sd, self.rows_today, self.rows_before, list(river._idx), *arrays]

    @classmethod
    def restored(cls, saved: list[Any]) -> "Regression":
        prior_sd, today, before, names, precision, covariance, eta = saved
        made = cls(prior_sd)
        made.rows_today, made.rows_before = today, before
        river = made._river
        river._idx = {name: at for at, name in enumerate(names)}
        river._ss_arr, river._eta_arr = unpacked(precision), unpacked(eta)
        river._ss_inv_arr = np.asfortranarray(unpacked(covariance))
        river._cap, river._m_dirty = len(river._eta_arr), True
        return made
