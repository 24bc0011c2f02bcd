"""Stocks of which nothing was ever sold: the days they lie there say more than what others like them sell.

Of a Poisson rate that gave nothing in T days the posterior under Jeffreys' prior is Gamma(1/2, T); so demand over h
days is negative binomial with size 1/2, mean ``m = h / (2 T)`` and variance ``m + 2 m ** 2``.
"""

import numpy as np

from inventory.demand.panel.arrays import Array
from inventory.state import LocationStock, SkuState
from inventory.turn import Turn


def never_sold(turn: Turn, day: int) -> tuple[list[tuple[SkuState, str, LocationStock]], list[float]]:
    """What lies somewhere and was never sold there, in order of SKU and location, and for how many days.

    The days are counted from the first day's end that found some there; ``day`` is the one that begins.
    """
    state, found, days = turn.state, [], []
    for name in sorted(state.skus):
        sku = state.skus[name]
        for location in sorted(sku.locations):
            stock = sku.locations[location]
            if stock.ever_sold:
                continue
            there = stock.ledger.opening_known and stock.ledger.on_hand > 0
            if there != (stock.unsold_since_day >= 0):
                stock.unsold_since_day = day if there else -1
                state.touch(sku.item.style)
            if there or stock.surplus is not None:
                found.append((sku, location, stock))
                days.append(float(day - stock.unsold_since_day) if there else 0.0)
    return found, days


def demand_of_unsold(horizon_days: Array, shown_days: Array) -> tuple[Array, Array]:
    """Mean and variance over a horizon of what did not sell in the days it was shown, (n,) each.

    >>> [one.tolist() for one in demand_of_unsold(np.array([20.0]), np.array([10.0]))]
    [[1.0], [3.0]]
    """
    mean = horizon_days / (2.0 * np.maximum(shown_days, 1.0))
    return mean, mean + 2.0 * mean * mean
