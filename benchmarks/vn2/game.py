"""The rules: what arrives when, what is lost, what it costs; orders are asked for before each week's sales are told."""

from typing import NamedTuple, Protocol

import numpy as np

from benchmarks.vn2.files import Start
from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.replenishment.lost_sales import Costs

COSTS = Costs(holding=0.2, shortage=1.0)
LEAD_WEEKS = 2
ORDERS = 6
WEEKS = ORDERS + LEAD_WEEKS


class Player(Protocol):
    """Orders of all series, asked for at the begin of weeks 1 to 6."""

    def order(self, on_hand: Index, due: Index, weeks_left: int) -> Index:
        """Units (n,) to be sold from two weeks later; ``due`` (n, 2) is for this week and the next.

        ``weeks_left`` counts this week and all until the last of the game.
        """

    def learn(self, units: Array) -> None:
        """Demand of the week, whatever was in stock; NaN where it is not known."""


class Played(NamedTuple):
    """Of weeks 1 to 8, (8,) each, and the orders (6, n)."""

    holding: Array
    shortage: Array
    orders: Index

    @property
    def by_week(self) -> Array:
        """What weeks 3 to 8 cost, those that orders can reach."""
        total: Array = (self.holding + self.shortage)[LEAD_WEEKS:]
        return total

    @property
    def cost(self) -> float:
        """Of weeks 3 to 8 together."""
        return float(self.by_week.sum())


def play(start: Start, demand: Array, player: Player, scored: Mask) -> Played:
    """All eight weeks of ``demand`` (8, n), NaN where it is not known; only series ``scored`` (n,) cost."""
    on_hand, due = start
    costs, orders = np.zeros((2, WEEKS)), np.zeros((ORDERS, len(on_hand)), dtype=np.int64)
    for week, units in enumerate(demand):
        placed = np.zeros_like(on_hand)
        if week < ORDERS:
            placed = orders[week] = player.order(on_hand, due, WEEKS - week)
        there = on_hand + due[:, 0]
        balance = (there - np.nan_to_num(units)).astype(np.int64)
        on_hand = np.maximum(balance, 0)
        lost = on_hand - balance
        costs[:, week] = COSTS.holding * on_hand[scored].sum(), COSTS.shortage * lost[scored].sum()
        due = np.stack([due[:, 1], placed], axis=1)
        player.learn(units)
    return Played(costs[0], costs[1], orders)
