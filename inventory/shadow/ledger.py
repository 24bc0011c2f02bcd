"""What a day of one policy brought and cost, by place."""

from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Index, added
from inventory.shadow.world import Played, Units


class Money(NamedTuple):
    """Of each series, (n,), in its item's currency."""

    margin: Array
    """Of a unit sold."""
    cost: Array
    """Of a unit bought."""
    holding_per_day: Array
    """Of a unit in stock."""
    order_cost: Array
    """Of an order, whatever it asks for."""


class Sums(NamedTuple):
    """Of the series of each place, (places,)."""

    series: Array
    demand: Array
    served: Array
    lost: Array
    margin: Array
    lost_margin: Array
    holding: Array
    ordering: Array
    orders: Array
    purchased: Array
    purchases: Array
    average_stock: Array

    @property
    def profit(self) -> Array:
        """Margin less what holding and ordering cost. (Stock is worth what it cost: buying it is no loss.)"""
        return self.margin - self.holding - self.ordering


def summed(played: Played, ordered: Units, money: Money, place: Index, places: int) -> Sums:
    """``ordered`` units a series at the end of the day, ``place`` the number of where it is, (n,) both.

    >>> played = Played(np.array([3]), np.array([1]), np.array([2.5]))
    >>> money = Money(np.array([2.0]), np.array([4.0]), np.array([0.1]), np.array([5.0]))
    >>> float(summed(played, np.array([6]), money, np.array([0]), 1).profit[0])  # 3 x 2 - 2.5 x 0.1 - 5
    0.75
    """
    asked = (ordered > 0).astype(np.float64)
    columns = (
        np.ones(len(place)),
        played.served + played.lost,
        played.served,
        played.lost,
        played.served * money.margin,
        played.lost * money.margin,
        played.average_stock * money.holding_per_day,
        asked * money.order_cost,
        asked,
        ordered,
        ordered * money.cost,
        played.average_stock,
    )
    return Sums(*(added(place, np.asarray(column, dtype=np.float64), places) for column in columns))
