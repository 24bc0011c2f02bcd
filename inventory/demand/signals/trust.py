"""How far to believe what was learned: by what it foretold, and by how many days it really saw."""

import math
from collections.abc import Mapping
from typing import Any

_DOUBT = 2.0
"""Evidence (squared parts over noise) after which a part has shown what it is worth."""
_SHOCK_DAYS = 60.0


class Trust:
    """A share between 0 and 1 by level and signal: the slope of what happened on what was said before it.

    Learned over all aggregates; each slope is a ridge regression without intercept, towards one half at first
    (stacked regressions, Breiman 1996).
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str], tuple[float, float]] = {}

    def shared(self, level: int, part: Mapping[str, float]) -> dict[str, float]:
        """What is believed of a level's part."""
        return {name: self._share(level, name) * said for name, said in part.items()}

    def learn(self, level: int, part: Mapping[str, float], rest: float, precision: float) -> None:
        """``rest``: what all parts together left; what was believed of a signal had to foretell that and itself."""
        for name, said in part.items():
            products, squares = self._sums.get((level, name), (0.0, 0.0))
            happened = rest + self._share(level, name) * said
            self._sums[level, name] = (products + precision * said * happened, squares + precision * said * said)

    def forget(self, name: str) -> None:
        self._sums = {of: sums for of, sums in self._sums.items() if of[1] != name}

    def fade(self, keep: float) -> None:
        self._sums = {of: (keep * products, keep * squares) for of, (products, squares) in self._sums.items()}

    def plain(self) -> list[Any]:
        return [[level, name, *sums] for (level, name), sums in self._sums.items()]

    def restore(self, saved: list[Any]) -> None:
        self._sums = {(level, name): (products, squares) for level, name, products, squares in saved}

    def _share(self, level: int, name: str) -> float:
        products, squares = self._sums.get((level, name), (0.0, 0.0))
        return min(max((products + 0.5 * _DOUBT) / (squares + _DOUBT), 0.0), 1.0)


class Shocks:
    """How far the residuals of one day go together: the mean product of two beside the mean square of one.

    Stores share a day's shocks, so n rows of a day with correlation r tell as much as ``n / (1 + r (n - 1))``
    independent ones (the design effect, Kish 1965).
    """

    def __init__(self, common: float = 0.2, spread: float = 1.0) -> None:
        self._common, self._spread = common, spread
        self._sum, self._squares, self._n = 0.0, 0.0, 0

    def learn(self, standard: float) -> None:
        """One residual over its standard deviation, up to a factor."""
        self._sum, self._squares, self._n = self._sum + standard, self._squares + standard * standard, self._n + 1

    def close(self) -> None:
        """The day is over."""
        if self._n > 1:
            pairs = (self._sum**2 - self._squares) / (self._n * (self._n - 1))
            self._common += (pairs - self._common) / _SHOCK_DAYS
            self._spread += (max(self._squares / self._n, 1e-9) - self._spread) / _SHOCK_DAYS
        self._sum, self._squares, self._n = 0.0, 0.0, 0

    def rows_worth_one(self, rows: int) -> float:
        """How many of a day's rows it takes to tell as much as an independent one."""
        correlation = min(max(self._common / self._spread, 0.0), 1.0)
        return 1.0 + correlation * (max(rows, 1) - 1)

    def plain(self) -> list[Any]:
        return [self._common, self._spread, self._sum, self._squares, self._n]

    def restore(self, saved: list[Any]) -> None:
        self._common, self._spread, self._sum, self._squares, self._n = saved


def bounded(value: float, spread: float) -> float:
    """No day teaches more than four standard deviations."""
    return math.copysign(min(abs(value), 4.0 * spread), value)
