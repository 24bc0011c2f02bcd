"""The product's player, and the organisers' reference policy."""

from datetime import timedelta

import numpy as np

from benchmarks.vn2.files import History
from benchmarks.vn2.game import COSTS, LEAD_WEEKS
from inventory.demand.panel.arrays import Array, Index
from inventory.demand.periods.learner import PeriodDemand
from inventory.demand.weeks import PLACES, place_of
from inventory.replenishment.lost_sales import order_quantities
from inventory.replenishment.policies.least_cost import PERIODS

_WEEK = timedelta(days=7)


class Ours:
    """Learns the history in one pass, then week by week."""

    def __init__(self, history: History) -> None:
        self._demand = PeriodDemand(history.department, history.store, PLACES)
        self._monday = history.monday[0]
        for units, in_stock in zip(history.units, history.in_stock, strict=True):
            self._demand.learn(place_of(self._monday), units, in_stock)
            self._monday += _WEEK

    def order(self, on_hand: Index, due: Index, weeks_left: int) -> Index:
        weeks = min(weeks_left, LEAD_WEEKS + PERIODS)
        places = [place_of(self._monday + ahead * _WEEK) for ahead in range(weeks)]
        expected = self._demand.forecast(places)
        return order_quantities(on_hand, due, expected.mean, expected.variance, COSTS)

    def learn(self, units: Array) -> None:
        self._demand.learn(place_of(self._monday), units)
        self._monday += _WEEK


_LEVEL_WEEKS, _COVER_WEEKS = 13, 4


class Reference:
    """Season of all series by week, mean of the last 13 weeks without it, up to the next four weeks' forecast."""

    def __init__(self, history: History) -> None:
        self._units = [
            np.where(there, units, np.nan) for units, there in zip(history.units, history.in_stock, strict=True)
        ]
        self._mondays = list(history.monday)

    def order(self, on_hand: Index, due: Index, weeks_left: int) -> Index:
        weeks = np.array([monday.isocalendar().week for monday in self._mondays])
        by_week = np.array([np.nanmean(units) for units in self._units])
        season = np.ones(54)
        season[weeks] = [by_week[weeks == week].mean() for week in weeks]
        season /= season[np.unique(weeks)].mean()
        plain = np.array(self._units[-_LEVEL_WEEKS:]) / season[weeks[-_LEVEL_WEEKS:], None]
        heard = np.isfinite(plain)
        level = np.where(heard, plain, 0.0).sum(axis=0) / np.maximum(heard.sum(axis=0), 1)
        ahead = [self._mondays[-1] + (week + 1) * _WEEK for week in range(_COVER_WEEKS)]
        cover = season[[monday.isocalendar().week for monday in ahead]].sum()
        wanted = level * cover - on_hand - due.sum(axis=1)
        orders: Index = np.rint(np.maximum(wanted, 0.0)).astype(np.int64)
        return orders

    def learn(self, units: Array) -> None:
        self._units.append(units)
        self._mondays.append(self._mondays[-1] + _WEEK)
