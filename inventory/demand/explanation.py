"""Why a forecast is what it is: a base, and effects whose logs add up to it exactly.

Effects are put in one after the other, always in the same order, and each is worth what the log of the mean moves by
when it comes in. The sum telescopes: base and contributions give the log of the forecast whatever the model,
so there is no rest to explain away. (Effects that come later are judged in the company of those before.)
"""

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from inventory.demand.panel.arrays import Array, Index

_LEAST = 1e-12
_NOTHING = 1e-6


class Explanation:
    """Contributions to n forecasts, in the order of ``names``."""

    KEPT: ClassVar[tuple[str, ...]] = ("_names", "_added")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._added = np.zeros((0, 0), dtype=np.float32)

    def learn(self, names: Sequence[str], means: Sequence[Array]) -> None:
        """``means`` (n,) with one effect more each: the first is the base, the others come in by name."""
        self._names = list(names)
        logs = np.log(np.maximum(np.stack(means, axis=1), _LEAST))
        self._added = np.diff(logs, axis=1).astype(np.float32)

    def of(self, series: int, mean: float) -> tuple[float, dict[str, float]]:
        """Log of the base, and what each effect adds; those that add nothing are left out.

        Together they are the log of the forecast; nothing at all for one of 0.
        """
        if mean <= _LEAST or series >= len(self._added):
            return 0.0, {}
        added = {name: float(more) for name, more in self._those_of(series) if abs(more) >= _NOTHING}
        return math.log(mean) - sum(added.values()), added

    def _those_of(self, series: int) -> Iterator[tuple[str, np.float32]]:
        return zip(self._names, self._added[series], strict=True)


def summed(daily: Array, of: Index, days: Index) -> Array:
    """Sums over the first ``days`` (n,) of rows ``of`` (n,) of ``daily`` (m, h), shape (n,)."""
    sums: Array = np.cumsum(daily, axis=1)[of, days - 1]
    return sums
