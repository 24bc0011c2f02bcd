"""Three regressions that add up: chain, category, category in store."""

import math
from dataclasses import dataclass, field
from typing import Any

from inventory.demand.signals.readings import Features, Key, Readings, Row
from inventory.demand.signals.regression import Regression
from inventory.demand.signals.trust import Shocks, Trust, bounded


@dataclass(frozen=True)
class Rules:
    """Prior standard deviations of what one deviation of a signal does (log scale), and memories.

    ``chain_sd`` for the chain, ``category_sd`` and ``store_sd`` for how a category differs from it, and a store from
    its category. ``usual_days`` should be the memory of the forecast's level.
    """

    chain_sd: float = 0.08
    category_sd: float = 0.06
    store_sd: float = 0.03
    half_life_days: float = 730.0
    usual_days: float = 28.0
    noise_rows: float = 500.0
    first_noise: float = 0.3


@dataclass
class Signals:
    """Learns by `learn`, tells by `effect`; one a chain, or one a partition of it."""

    rules: Rules = Rules()
    day: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(self.rules.usual_days)
        self._regressions: dict[tuple[str, ...], Regression] = {}
        self._trust, self._shocks = Trust(), Shocks()
        self._usual: dict[Key, float] = {}
        self._noise, self._weight, self._rows = self.rules.first_noise**2, 0.0, 0

    def learn(self, day: int, key: Key, features: Features, log_ratio: float, weight: float) -> None:
        """One aggregate's day (days since the epoch, rising): ``log_ratio`` of actual over forecast units.

        ``weight``: how much it sells, in units a day of the forecast. A ratio that is no number, or no
        weight, teaches nothing. The mean ratio of late (a forecast's bias) is no signal's doing and is taken off.
        """
        if not (math.isfinite(log_ratio) and weight > 0.0):
            return
        self._begin(day)
        self._forget(self._readings.observe(day, features))
        row, relative = self._readings.row(key, features), self._relative(float(weight))
        rows = [row, row, self._readings.frequent(row)]
        parts = self._parts(key, row)
        believed = [sum(part.values()) for part in self._believed(parts)]
        usual, spread = self._usual.get(key, 0.0), math.sqrt(self._noise / relative)
        rest = bounded(float(log_ratio) - usual - sum(believed), spread)
        for level, of in enumerate(_levels(key)):
            self._learn_level(level, of, rows[level], parts[level], rest, sum(believed[level:]), relative / self._noise)
        self._shocks.learn(rest / spread)
        self._noise = max(self._noise + (relative * rest * rest - self._noise) * 5.0 / self.rules.noise_rows, 1e-4)
        self._usual[key] = usual + rest / self.rules.usual_days
        self._readings.settle(key, features)

    def effect(self, key: Key, features: Features) -> dict[str, float]:
        """Contribution of each known signal on the log scale; their sum is the effect, ``exp`` of it the factor.

        Against what was usual there lately: a flag that was set for weeks contributes when it is not.
        """
        row = self._readings.row(key, features)
        believed = self._believed(self._parts(key, row))
        return {name: sum(part[name] for part in believed) for name in row}

    def plain(self) -> dict[str, Any]:
        """All that was learned, as plain values."""
        return {
            "day": self.day,
            "readings": self._readings.plain(),
            "regressions": [[list(of), one.plain()] for of, one in self._regressions.items()],
            "trust": self._trust.plain(),
            "shocks": self._shocks.plain(),
            "usual": [[*key, value] for key, value in self._usual.items()],
            "noise": [self._noise, self._weight, self._rows],
        }

    @classmethod
    def restored(cls, saved: dict[str, Any], rules: Rules | None = None) -> "Signals":
        """A learner that goes on from what `plain` gave."""
        made = cls(rules or Rules())
        made.day = saved["day"]
        made._readings.restore(saved["readings"])
        made._regressions = {tuple(of): Regression.restored(one) for of, one in saved["regressions"]}
        made._trust.restore(saved["trust"])
        made._shocks.restore(saved["shocks"])
        made._usual = {Key(store, category): value for store, category, value in saved["usual"]}
        made._noise, made._weight, made._rows = saved["noise"]
        return made

    def _begin(self, day: int) -> None:
        """On a new day, what was learned before fades by the days that passed."""
        if day <= self.day:
            return
        keep = 0.5 ** ((day - self.day if self.day >= 0 else 0) / self.rules.half_life_days)
        for regression in self._regressions.values():
            regression.fade(keep)
        self._trust.fade(keep)
        self._shocks.close()
        self.day = day

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self._trust.forget(name)
            for regression in self._regressions.values():
                regression.forget(name)

    def _parts(self, key: Key, row: Row) -> list[Row]:
        """What chain, category and store each say of every signal."""
        known = [self._regressions.get(of) for of in _levels(key)]
        return [dict.fromkeys(row, 0.0) if one is None else one.parts(row) for one in known]

    def _believed(self, parts: list[Row]) -> list[Row]:
        return [self._trust.shared(level, part) for level, part in enumerate(parts)]

    def _learn_level(
        self, level: int, of: tuple[str, ...], row: Row, part: Row, rest: float, below: float, precision: float
    ) -> None:
        """A level has to explain ``rest``, what all leave, and what it and those after it (``below``) said."""
        prior_sd = (self.rules.chain_sd, self.rules.category_sd, self.rules.store_sd)[level]
        regression = self._regressions.setdefault(of, Regression(prior_sd))
        effective = precision / self._shocks.rows_worth_one(regression.rows_before)
        regression.learn(row, rest + below, effective)
        self._trust.learn(level, part, rest, effective)

    def _relative(self, weight: float) -> float:
        """Weight beside the mean of weights; ten thousand units do not tell a hundred times what a hundred do."""
        self._rows = min(self._rows + 1, int(self.rules.noise_rows))
        self._weight += (weight - self._weight) / self._rows
        return min(max(weight / self._weight, 0.05), 4.0)


def _levels(key: Key) -> list[tuple[str, ...]]:
    return [(), (key.category,), tuple(key)]
