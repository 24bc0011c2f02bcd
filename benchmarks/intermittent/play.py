"""The product's learner, period by period: forecast, then learn."""

import time

import numpy as np

from benchmarks.intermittent.scores import CHANCES, Told
from benchmarks.intermittent.sets import DemandSet
from inventory.demand.counts import CountDemand, Uplifts
from inventory.demand.panel.arrays import Array


class Play:
    """``told`` of every scored origin, and what it took to learn."""

    def __init__(self, demand: DemandSet, *, with_signals: bool) -> None:
        self._set = demand
        self._signals = demand.signals if with_signals else None
        self._counts = CountDemand()
        self._counts.grow(demand.units.shape[1])
        self._uplifts = _uplifts(demand) if self._signals else None
        self.learning_seconds = 0.0

    def run(self) -> Told:
        one, interval = [], []
        began = time.perf_counter()
        for origin in range(len(self._set.units)):
            exposure = np.array([self._factor(origin, ahead) for ahead in range(self._set.interval)])
            if origin >= self._set.first_scored:
                one.append(self._counts.quantiles(CHANCES, exposure[0]))
                interval.append(self._counts.quantiles(CHANCES, exposure.sum(axis=0), self._set.interval))
            self._learn(origin, exposure)
        return Told(np.array(one), np.array(interval), time.perf_counter() - began)

    def _learn(self, origin: int, exposure: Array) -> None:
        units = self._set.units[origin]
        began = time.perf_counter()
        self._counts.begin(exposure.sum(axis=0), self._set.interval)
        if self._uplifts and self._signals:
            self._uplifts.learn(self._signals(origin, 0), self._counts.level(), units, np.isfinite(units))
        self._counts.learn(units, exposure[0])
        self.learning_seconds += time.perf_counter() - began

    def _factor(self, origin: int, ahead: int) -> Array:
        if self._uplifts and self._signals:
            return self._uplifts.factor(self._signals(origin, ahead))
        return np.ones(self._set.units.shape[1])


def _uplifts(demand: DemandSet) -> Uplifts | None:
    if demand.signals is None:
        return None
    uplifts = Uplifts(demand.signals(0, 0).shape[1])
    uplifts.grow(demand.group)
    return uplifts
