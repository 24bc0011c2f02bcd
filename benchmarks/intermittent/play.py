"""The product's learner as the fold runs it: told of sales, prices and promotions by the day it forecasts, then learns.

A period is told as a day. Two of them are played, whose protection intervals are the next period and the sum.
"""

import math
import time
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from benchmarks.intermittent.scores import CHANCES, Told
from benchmarks.intermittent.sets import DemandSet
from inventory.demand import negative_binomial
from inventory.demand.learner import Learner, Terms
from inventory.demand.notices import Notice
from inventory.demand.panel.arrays import Array
from schemas.signal_names import CLOSED, PRICE

_DAY_MS, _NOON_MS = 86_400_000, 43_200_000
_EPOCH = date(1970, 1, 1).toordinal()


class Play:
    """``told`` of every scored origin, and what it took to learn and forecast both intervals."""

    def __init__(self, demand: DemandSet, *, with_signals: bool) -> None:
        self._set, self._with_signals = demand, with_signals and demand.has_signals

    def run(self) -> Told:
        began = time.perf_counter()
        one, interval = (np.array(list(self._quantiles(periods))) for periods in (1, self._set.interval))
        return Told(one, interval, time.perf_counter() - began)

    def _quantiles(self, periods: int) -> Iterator[Array]:
        """Of the sum of so many periods from each scored origin on, (n, chances)."""
        learner = self._taught(periods)
        for origin in range(len(self._set.units)):
            if origin >= self._set.first_scored:
                yield _read(learner)
            self._learn(learner, origin, periods)

    def _taught(self, periods: int) -> Learner:
        """Before the first period: who there is, and when nobody trades."""
        learner, days = Learner(), self._set.days
        for series, (sku, location, category) in enumerate(self._set.names):
            learner.register.series(sku, location, category, sku)
            learner.turned(series, _ms(days[0]), in_stock=True)
        if self._with_signals:
            closed = sorted({days[0] + timedelta(at) for at in range((days[-1] - days[0]).days)} - set(days))
            for day in closed:
                learner.notices.tell(Notice(CLOSED, 1.0, _number(day), _number(day)))
            for origin in range(periods):
                self._announce(learner, origin)
        return learner

    def _learn(self, learner: Learner, origin: int, periods: int) -> None:
        """All days up to that of the period; the last of them forecasts what comes from the next period on."""
        units, price = self._set.units[origin], self._set.price
        for series in np.flatnonzero(np.nan_to_num(units) > 0.0).tolist():
            paid = float(price[origin, series]) if self._with_signals and price is not None else math.nan
            learner.sold(series, _ms(self._set.days[origin]), int(units[series]), paid)
        self._turn(learner, origin)
        if self._with_signals and origin + periods < len(self._set.units):
            self._announce(learner, origin + periods)
        until = self._set.until(origin, periods)
        n = len(units)
        terms = Terms(np.full(n, until), np.full(n, np.nan), np.zeros(n, dtype=np.bool_), lambda _day, _place: {})
        while learner.day <= _number(self._set.days[origin]):
            learner.end_day(terms)

    def _turn(self, learner: Learner, origin: int) -> None:
        """What is not recorded was not there to be sold."""
        gone = np.isnan(self._set.units[origin])
        before = np.isnan(self._set.units[origin - 1]) if origin else np.zeros_like(gone)
        for series in np.flatnonzero(gone != before).tolist():
            learner.turned(series, _ms(self._set.days[origin]) - _NOON_MS, in_stock=not gone[series])

    def _announce(self, learner: Learner, period: int) -> None:
        """The prices that are planned for a period."""
        if self._set.price is None:
            return
        day, prices = _number(self._set.days[period]), self._set.price[period]
        for series in np.flatnonzero(np.isfinite(prices)).tolist():
            sku, location, _ = self._set.names[series]
            learner.notices.tell(Notice(PRICE, float(prices[series]), day, day, location, "", sku))


def _read(learner: Learner) -> Array:
    if not len(learner.means()):
        return np.zeros((len(learner.register), len(CHANCES)))
    mean = np.maximum(learner.means(), 1e-6)
    read = np.stack([learner.levels(np.full(len(mean), chance)) for chance in CHANCES], axis=1)
    return negative_binomial.quantiles(mean, learner.variances(), read)


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _ms(day: date) -> int:
    return _number(day) * _DAY_MS + _NOON_MS
