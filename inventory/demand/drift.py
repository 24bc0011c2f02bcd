"""Whether forecasts of an aggregate or a class of series have begun to miss to one side, and since when.

River's Page-Hinkley test (Page 1954) on each key's standardised residuals ``z = (units - forecast) / sd``: the sum of
``z - mean(z) - 0.5`` over its lowest point, or that of ``z - mean(z) + 0.5`` under its highest one, exceeds 11. The day
after the extreme is the estimate of when it began. Residuals are cut at four, and divided by their own slow
root mean square too, so that a standard deviation that is told wrong raises no alarm.

Measured on 100 series of negative binomial sales for 1,200 days, around a forecast that follows them with a half-life
of 20 days (`tests/inventory/test_drift.py` does the same with fewer): false alarms per 1,000 series-weeks, and of
steps to twice and three times the sales the share found, and on which day (median).

| units a day, variance | false alarms | x2 | x3 |
|---|---|---|---|
| 200, 800 | 0.06 | 100 %, day 4 | 100 %, day 4 |
| 20, 60 | 0.00 | 100 %, day 8 | 100 %, day 4 |
| 2, 4 | 0.18 | 17 %, day 14 | 89 %, day 11 |
| 0.3, 0.42 | 0.47 | 2 % | 16 %, day 14 |

A forecast that follows hides a small step before it shows: slow series belong into classes.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from river.drift import PageHinkley
from river.stats import Mean

_FAR = 4.0
_FIRST_DAYS, _SPREAD_DAYS = 30.0, 180.0
_KEPT_DAYS = 400


@dataclass(frozen=True)
class Rules:
    """``allowance``: drift of the mean that is none, in standard deviations; ``limit`` of the sum beyond it."""

    allowance: float = 0.5
    limit: float = 11.0
    first_days: int = 30


class Drifted(NamedTuple):
    """Sales of ``key`` run above or below their forecasts since a day (days since the epoch); found on ``day``."""

    key: str
    direction: Literal["up", "down"]
    since: int
    day: int


class Drift:
    """Page-Hinkley tests by key; a key that is silent for 400 days is forgotten."""

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._watches: dict[str, _Watch] = {}

    def learn(self, day: int, residuals: Iterable[tuple[str, float]]) -> list[Drifted]:
        """One standardised residual a key and day; what drifted that day. A residual that is no number is left out."""
        found = []
        for key, residual in residuals:
            if math.isfinite(residual):
                watch = self._watches.setdefault(key, _Watch(self._rules))
                direction, since = watch.learn(day, float(residual))
                if direction:
                    found.append(Drifted(key, direction, since, day))
        self._watches = {key: watch for key, watch in self._watches.items() if watch.day > day - _KEPT_DAYS}
        return found

    def plain(self) -> dict[str, Any]:
        return {key: watch.plain() for key, watch in self._watches.items()}

    @classmethod
    def restored(cls, saved: dict[str, Any], rules: Rules | None = None) -> "Drift":
        made = cls(rules)
        made._watches = {key: _Watch.restored(of, made._rules) for key, of in saved.items()}
        return made


class _Watch:
    """One key: River's test, when its sums were at their extremes, and the spread of residuals."""

    def __init__(self, rules: Rules) -> None:
        self._test: Any = PageHinkley(min_instances=rules.first_days, delta=rules.allowance, threshold=rules.limit)
        self.day = self._lowest = self._highest = -1
        self._square, self._days = 1.0, _FIRST_DAYS

    def learn(self, day: int, residual: float) -> tuple[Literal["up", "down"] | None, int]:
        """Direction and first day of a drift that was found."""
        if self.day < 0 or self._test.drift_detected:
            self._lowest = self._highest = day
        self.day, test = day, self._test
        test.update(self._standard(residual))
        self._lowest = day + 1 if test._sum_increase == test._min_increase else self._lowest
        self._highest = day + 1 if test._sum_decrease == test._max_decrease else self._highest
        if not test.drift_detected:
            return None, -1
        rose = test._sum_increase - test._min_increase > test.threshold
        return ("up", self._lowest) if rose else ("down", self._highest)

    def _standard(self, residual: float) -> float:
        """Cut at four root mean squares of before."""
        standard = max(-_FAR, min(_FAR, residual / math.sqrt(self._square)))
        self._days = min(self._days + 1.0, _SPREAD_DAYS)
        self._square *= 1.0 + (standard * standard - 1.0) / self._days
        self._square = max(self._square, 1e-6)
        return standard

    def plain(self) -> list[Any]:
        test = self._test
        sums = [test._sum_increase, test._sum_decrease, test._min_increase, test._max_decrease]
        mean = [test._x_mean.n, test._x_mean._mean]
        return [self.day, self._lowest, self._highest, self._square, self._days, test.drift_detected, *sums, *mean]

    @classmethod
    def restored(cls, saved: list[Any], rules: Rules) -> "_Watch":
        made = cls(rules)
        made.day, made._lowest, made._highest, made._square, made._days, found, *sums, n, mean = saved
        test = made._test
        test._drift_detected = found
        test._sum_increase, test._sum_decrease, test._min_increase, test._max_decrease = sums
        test._x_mean = Mean()
        test._x_mean.n, test._x_mean._mean = n, mean
        return made
