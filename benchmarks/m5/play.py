"""One pass over the training days, with forecasts scored where the windows begin."""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.m5.files import Sales
from benchmarks.m5.scores import QUANTILES, Steps, mean_of_levels
from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day
from inventory.demand.panel.forecaster import Forecast, Forecaster
from inventory.demand.panel.hierarchy import Level

HORIZON = 28
_REHEARSE_EVERY = 7


class Window(NamedTuple):
    """Scores of one forecast; ``train_end`` is the number of the last day learned."""

    train_end: int
    wrmsse: float
    wspl: float
    wrmsse_by_level: dict[str, float]
    wspl_by_level: dict[str, float]


class Play:
    """The forecaster, the scorer beside it, and the seconds the forecaster took."""

    def __init__(self, sales: Sales, days: Sequence[Day], forecaster: Forecaster, levels: Mapping[str, Level]) -> None:
        self._sales, self._days, self._forecaster = sales, days, forecaster
        self._levels = levels
        self._steps = {name: Steps(level) for name, level in levels.items()}
        self.series, self.days = sales.units.shape
        self.learning_seconds = 0.0
        self.forecast_seconds = 0.0

    def run(self, train_ends: Sequence[int]) -> list[Window]:
        """Learn up to the last of ``train_ends``; forecast and score after each of them."""
        windows: list[Window] = []
        for day in range(max(train_ends)):
            self._learn(day)
            if day + 1 in train_ends:
                windows.append(self._score(day + 1))
        return windows

    def _learn(self, day: int) -> None:
        units, price = self._sales.units_of(day), self._sales.prices_of(day)
        began = time.perf_counter()
        self._forecaster.learn(self._days[day], units, price)
        if (day + 1) % _REHEARSE_EVERY == 0:
            self._forecaster.rehearse(self._days[day + 1 : day + 1 + HORIZON])
        self.learning_seconds += time.perf_counter() - began
        for steps in self._steps.values():
            steps.observe(units, units * price)

    def _score(self, train_end: int) -> Window:
        """Days are counted from 0, so the first day forecast is ``train_end``."""
        began = time.perf_counter()
        forecast = self._forecaster.forecast(self._days[train_end : train_end + HORIZON])
        self.forecast_seconds += time.perf_counter() - began
        actual = self._sales.units[:, train_end : train_end + HORIZON].astype(np.float64)
        point: dict[str, float] = {}
        spread: dict[str, float] = {}
        for at, (name, level) in enumerate(self._levels.items()):
            came = level.sum(actual)
            point[name] = self._steps[name].wrmsse(came, level.sum(forecast.units))
            spread[name] = self._steps[name].wspl(came, self._quantiles(at, forecast))
        return Window(train_end, _mean(point), _mean(spread), point, spread)

    def _quantiles(self, level: int, forecast: Forecast) -> Array:
        began = time.perf_counter()
        quantiles = self._forecaster.quantiles(level, forecast, QUANTILES)
        self.forecast_seconds += time.perf_counter() - began
        return quantiles


def _mean(by_level: dict[str, float]) -> float:
    return mean_of_levels(list(by_level.values()))
