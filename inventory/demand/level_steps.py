"""Lasting steps of a level, believed as soon as sales make them likely.

A forecast that learns slowly follows a step slowly, one that learns fast follows chance. So it is asked of each series
whether the last 3, 6, 9, 12, 18 or 27 days come from the level of before, or whether a new one began then: the run
lengths of Adams and MacKay (*Bayesian Online Changepoint Detection*, 2007) on a grid. Units ``U`` of ``E`` usual days
(the calendar's part taken out), both over the dispersion, have the marginal of a Poisson under ``Gamma(a, b)``

    ``Gamma(a + U) / Gamma(a) * b^a / (b + E)^(a + U)``

where ``a, b`` are the days before under "no step", and a wide prior under "a step": its ratio and the prior odds
weigh the level of these days alone, ``(a + U) / (b + E)``, against the forecast.
"""

from typing import ClassVar

import numpy as np
from scipy.special import gammaln

from inventory.demand.panel.arrays import Array, Mask, grown

_BLOCK_DAYS = 3
_BLOCKS = np.array((1, 2, 3, 4, 6, 9))
"""That many blocks back a level may have begun; the one that is being filled belongs to all."""
_MOST = int(_BLOCKS[-1])
_KEEP = (1.0 - 1.0 / 56.0) ** _BLOCK_DAYS
_FEW_DAYS, _FEW_UNITS = 0.5, 1.0
"""What the prior of a new level is worth, the less of the two; its mean is the level so far. So nearly any may come."""
_LOG_ODDS = np.log(0.004)
"""Of a step on one of these days."""
_KEEP_EXCESS = 1.0 - 1.0 / 112.0
_PHI, _LEAST_DISPERSION, _MOST_EXCESS = 0.3, 1.2, 4.0
"""A day's variance is taken to be ``m + 0.3 m^2`` at first; what it is over that is learned."""
_FAR, _LEAST = 3.0, 0.05


class LevelSteps:
    """Of n series."""

    KEPT: ClassVar[tuple[str, ...]] = ("_blocks", "_before", "_excess", "_expected", "_usual", "_days")

    def __init__(self) -> None:
        self._blocks = np.zeros((2, _MOST + 1, 0), dtype=np.float32)
        """Units, and usual days, of the last blocks of days, the newest first."""
        self._before = np.zeros((2, 0), dtype=np.float32)
        """Units and usual days before, forgotten exponentially."""
        self._excess = np.ones(0, dtype=np.float32)
        self._expected, self._usual = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.float32)
        self._days = 0

    def grow(self, n: int) -> None:
        """More series at the end."""
        known = len(self._excess)
        self._blocks, self._before = grown(self._blocks, n), grown(self._before, n)
        self._excess, self._expected, self._usual = (
            grown(one, n) for one in (self._excess, self._expected, self._usual)
        )
        self._excess[known:] = 1.0

    def learn(self, units: Array, share: Array, heard: Mask) -> None:
        """Units of the day (n,) of which only a share could be seen; series not ``heard`` of wait.

        A day far beyond what was expected counts as one of three standard deviations.
        """
        heard = heard & (self._usual > 0.0) & (share > 0.0)
        expected = np.maximum(self._expected * share, _LEAST)
        variance = expected + _PHI * expected**2
        most = expected + _FAR * np.sqrt(variance * self._excess) + 1.0
        excess = np.minimum((units - expected) ** 2 / variance, _MOST_EXCESS * self._excess)
        self._excess += ((1.0 - _KEEP_EXCESS) * heard * share * (excess - self._excess)).astype(np.float32)
        self._blocks[:, 0] += heard * np.stack([np.clip(units, 0.0, most), self._usual * share]).astype(np.float32)
        self._days += 1
        if self._days % _BLOCK_DAYS == 0:
            self._before = np.float32(_KEEP) * self._before + self._blocks[:, -1]
            self._blocks = np.concatenate([np.zeros_like(self._blocks[:, :1]), self._blocks[:, :-1]], axis=1)

    def corrected(self, path: Array, calendar: Array) -> Array:
        """The forecast of the coming days (n, h); ``calendar`` is what their dates multiply a usual day by, (n, h)."""
        self._usual = calendar[:, 0].astype(np.float32)
        level = path.sum(axis=1) / np.maximum(calendar.sum(axis=1), _LEAST)
        weights, levels = self._posterior(level)
        new = level * (1.0 - weights.sum(axis=0)) + (weights * levels).sum(axis=0)
        factor = np.divide(new, level, out=np.ones_like(level), where=level > 0.0)
        corrected: Array = path * factor[:, None]
        self._expected = corrected[:, 0].astype(np.float32)
        return corrected

    def _posterior(self, now: Array) -> tuple[Array, Array]:
        """Of a step that many blocks ago, its probability and the level since, (6, n) both."""
        dispersion = np.maximum(self._excess * (1.0 + _PHI * now), _LEAST_DISPERSION)
        units, exposed = np.cumsum(self._blocks, axis=1, dtype=np.float64)[:, _BLOCKS] / dispersion
        all_units, all_exposed = self._blocks.sum(axis=1, dtype=np.float64) / dispersion + self._before / dispersion
        level = (all_units + _LEAST) / (all_exposed + 1.0)
        shape = np.minimum(_FEW_DAYS * level, _FEW_UNITS)
        fresh = (shape, shape / level)
        before = (all_units - units + fresh[0], all_exposed - exposed + fresh[1])
        odds = _LOG_ODDS + _marginal(*fresh, units, exposed) - _marginal(*before, units, exposed)
        odds = np.where(all_exposed - exposed > 7.0 / dispersion, odds, -np.inf)
        likely = np.exp(np.minimum(odds, 300.0))
        return likely / (1.0 + likely.sum(axis=0)), (fresh[0] + units) / (fresh[1] + exposed)


def _marginal(a: Array, b: Array, units: Array, exposed: Array) -> Array:
    """Log of the marginal, but for what does not depend on ``a`` and ``b``."""
    log: Array = gammaln(a + units) - gammaln(a) + a * np.log(b) - (a + units) * np.log(b + exposed)
    return log
