"""Units per period of each series: a slow decayed mean, a quick one that leans on it, and their geometric mean.

A period counts as exposure the factor it had (promotion, weekday), so that levels are those of a plain period:
``slow = (sum(w units) + k pool) / (sum(w factor) + k)``, k periods of the mean of all series.
"""

from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Mask, grown, ratio

_OWN_PERIODS, _SLOW_PERIODS = 0.5, 1.0
_FIRST_LEVEL = 0.5


class Memory(NamedTuple):
    """What a period is worth a period later, and how much the quick mean counts (0 not, 1 alone)."""

    slow: float
    quick: float = 0.7
    trust_in_quick: float = 0.0


class Levels:
    """16 bytes a series."""

    KEPT: ClassVar[tuple[str, ...]] = ("_units", "_exposure")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._keep = np.array([[memory.slow], [memory.quick]], dtype=np.float32)
        self._units = np.zeros((2, 0), dtype=np.float32)
        self._exposure = np.zeros((2, 0), dtype=np.float32)

    def grow(self, n: int) -> None:
        """More series at the end; they begin as the mean of the others."""
        self._units, self._exposure = grown(self._units, n), grown(self._exposure, n)

    def learn(self, units: Array, factor: Array, heard: Mask) -> None:
        """Units of a period and the factor it had, (n,) each."""
        keep = np.where(heard, self._keep, np.float32(1))
        self._units = keep * self._units + (units * heard).astype(np.float32)
        self._exposure = keep * self._exposure + (factor * heard).astype(np.float32)

    def level(self) -> Array:
        """Units of a plain period, (n,), never negative."""
        units, exposure = self._units.astype(np.float64), self._exposure.astype(np.float64)
        seen = exposure[0].sum()
        pool = units[0].sum() / seen if seen > 0.0 else _FIRST_LEVEL
        slow = (units[0] + _OWN_PERIODS * pool) / (exposure[0] + _OWN_PERIODS)
        quick = (units[1] + _SLOW_PERIODS * slow) / (exposure[1] + _SLOW_PERIODS)
        trust = self._memory.trust_in_quick
        level: Array = slow * ratio(quick, slow) ** trust if trust > 0.0 else slow
        return level
