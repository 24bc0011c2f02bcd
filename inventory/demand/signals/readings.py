"""Signals as regressors: numbers in standard deviations, flags as they are, both against what was usual lately.

A forecast whose level follows sales has already taken in whatever lasts, a warm month or a long promotion; what is
left to explain is the change. So each aggregate's usual values, of the memory of the forecast's level, are taken off
(Frisch and Waugh 1933: a regressor has to lose what the response has lost).
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from river.preprocessing import StandardScaler

SIGNALS_AT_MOST = 64
_QUIET_DAYS, _OLD_DAYS = 60, 800
"""A name unheard of for so long makes room for a new one, or is forgotten anyway (a holiday comes once a year)."""
_FLAGS = (bool, np.bool_)
_FLAG = 3.0
"""A flag may well do as much as three standard deviations of a number."""
_FAR, _OUTLIER = 4.0, 6.0

Features = Mapping[str, float]
Row = dict[str, float]


class Key(NamedTuple):
    """An aggregate: what one category sells in one store."""

    store: str
    category: str


class Readings:
    """Averages and spreads of numbers over all aggregates, the flags seen, and what is usual at each aggregate."""

    def __init__(self, usual_days: float) -> None:
        self._rate = 1.0 / usual_days
        self._scaler: Any = StandardScaler()
        self._flags: dict[str, bool] = {}
        self._heard: dict[str, tuple[int, int, int]] = {}
        """First and last day of a name, and on how many it was heard."""
        self._usual: dict[Key, dict[str, tuple[float, int]]] = {}

    def observe(self, day: int, features: Features) -> list[str]:
        """Take in new names, as far as there is room, and learn the averages of numbers; names that were forgotten."""
        forgotten = self._forget(day, sum(name not in self._heard for name in features))
        for name, value in sorted(features.items()):
            if name in self._heard or len(self._heard) < SIGNALS_AT_MOST:
                first, last, days = self._heard.get(name, (day, -1, 0))
                self._heard[name] = (first, day, days + (last != day))
                self._observe(name, value)
        return forgotten

    def frequent(self, row: Row) -> Row:
        """Without what is heard on fewer than one day in twenty: of such names no store can tell by itself."""
        now = max((last for _, last, _ in self._heard.values()), default=0)
        often = {name for name, (first, _, days) in self._heard.items() if days >= max(10, (now - first) / 20)}
        return {name: value for name, value in row.items() if name in often}

    def row(self, key: Key, features: Features) -> Row:
        """Regressors of known names, in their order; flags that are not set but were of late count below zero."""
        usual = self._usual.get(key, {})
        values = self._values(features)
        for name, (level, _) in usual.items():
            if name in self._flags and level > 0.0:
                values.setdefault(name, 0.0)
        return {name: value - usual.get(name, (0.0, 0))[0] for name, value in sorted(values.items())}

    def settle(self, key: Key, features: Features) -> None:
        """What a day brought becomes a little more usual; numbers start with their first value, flags unset."""
        usual = self._usual.setdefault(key, {})
        values = self._values(features)
        for name in sorted({*values, *(name for name in usual if name in self._flags)}):
            level, days = usual.get(name, (0.0, int(1.0 / self._rate) if name in self._flags else 0))
            level += (values.get(name, 0.0) - level) * max(self._rate, 1.0 / (days + 1))
            usual[name] = (level, days + 1)
            if name in self._flags and level < 0.01:
                del usual[name]

    def plain(self) -> list[Any]:
        scaler = [dict(part) for part in (self._scaler.counts, self._scaler.means, self._scaler.vars)]
        usual = [[*key, {name: list(value) for name, value in of.items()}] for key, of in self._usual.items()]
        return [scaler, list(self._flags), {name: list(days) for name, days in self._heard.items()}, usual]

    def restore(self, saved: list[Any]) -> None:
        scaler, flags, heard, usual = saved
        self._scaler = StandardScaler._from_state(*scaler)
        self._flags = dict.fromkeys(flags, True)
        self._heard = {name: (first, last, days) for name, (first, last, days) in heard.items()}
        self._usual = {
            Key(store, category): {name: (level, days) for name, (level, days) in of.items()}
            for store, category, of in usual
        }

    def _forget(self, day: int, coming: int) -> list[str]:
        """Names that are old, and of the quiet ones as many as new ones need room, the quietest first."""
        names = sorted(self._heard, key=lambda name: (self._heard[name][1], name))
        needed = len(names) + coming - SIGNALS_AT_MOST
        quiet = [name for name in names[: max(needed, 0)] if self._heard[name][1] < day - _QUIET_DAYS]
        gone = [name for name in names if name in quiet or self._heard[name][1] < day - _OLD_DAYS]
        scaler = self._scaler
        for name in gone:
            for kept in (self._heard, self._flags, scaler.counts, scaler.means, scaler.vars, *self._usual.values()):
                kept.pop(name, None)
        return gone

    def _observe(self, name: str, value: float) -> None:
        if isinstance(value, _FLAGS):
            self._flags[name] = True
        elif math.isfinite(value):
            self._scaler.learn_one({name: self._tamed(name, float(value))})

    def _tamed(self, name: str, value: float) -> float:
        """A reading far off what is usual is taken as far, but not as far as a broken device says."""
        variance = self._scaler.vars.get(name, 0.0)
        if self._scaler.counts.get(name, 0) < 30 or variance == 0.0:
            return value
        mean, reach = self._scaler.means[name], _OUTLIER * math.sqrt(variance)
        return float(min(max(value, mean - reach), mean + reach))

    def _values(self, features: Features) -> Row:
        """Numbers in standard deviations, flags that are set; what is not finite or not known is left out."""
        values = {}
        for name, value in features.items():
            if isinstance(value, _FLAGS):
                if value and name in self._flags:
                    values[name] = _FLAG
            elif math.isfinite(value) and self._scaler.vars.get(name, 0.0) > 0.0:
                standard = (float(value) - self._scaler.means[name]) / math.sqrt(self._scaler.vars[name])
                values[name] = max(-_FAR, min(_FAR, standard))
        return values
