"""Orders through a network of locations: one linear program over the periods to come.

Plants and warehouses supply each other and the stores over links that take time;
what is planned now must suffice for demand until later orders can arrive. The
objective is money to the end of the horizon: sales, less purchases, operating,
holding (in stock and on the way) and backlog or lost sales. Units left at the end
bring nothing, so nothing is bought that can no longer be sold.

Demand is told as a path. Given the path of a quantile (``demand_path``) the plan
carries the safety stock of that quantile over each lead time, as an order-up-to
level would. Only the orders of the first period are meant to be placed; the next
period plans anew.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from inventory.replenishment.distribution import Array, Distribution


class Node(msgspec.Struct, frozen=True):
    """A location that holds stock; what goes out costs ``operating`` and, with a ``capacity``, is limited."""

    name: str
    on_hand: float
    holding: float
    capacity: float | None = None
    operating: float = 0.0
    output_per_unit: float = 1.0


class Link(msgspec.Struct, frozen=True):
    """A way of supply; without an ``origin`` it is a purchase, of any quantity, at ``unit_cost``.

    ``arriving[n]`` units ordered before arrive in period n of the plan.
    """

    origin: str | None
    destination: str
    periods: int
    unit_cost: float = 0.0
    holding_on_way: float = 0.0
    arriving: tuple[float, ...] = ()


class Market(msgspec.Struct, frozen=True):
    """Demand at a location, one number a period; ``waiting`` is asked for already."""

    node: str
    price: float
    shortage_cost: float
    demand: tuple[float, ...]
    waiting: float = 0.0


class NetworkPlan(msgspec.Struct, frozen=True):
    """``orders[n][i]`` of link i in period n, and the money the plan makes."""

    orders: tuple[tuple[float, ...], ...]
    profit: float


def demand_path(cumulated: Sequence[Distribution], probability: float) -> tuple[float, ...]:
    """Demand per period whose sums are the quantiles of demand over 1, 2, ... periods.

    >>> from inventory.replenishment.distribution import poisson
    >>> demand_path([poisson(4), poisson(8), poisson(12)], 0.9)
    (7.0, 5.0, 5.0)
    """
    quantiles = np.maximum.accumulate([demand.quantile(probability) for demand in cumulated])
    return tuple(float(units) for units in np.diff(quantiles, prepend=0))


def plan_network(
    nodes: Sequence[Node], links: Sequence[Link], markets: Sequence[Market], *, backlog: bool = True
) -> NetworkPlan:
    """The orders of most money over the periods the markets speak of.

    >>> shop = Node("shop", on_hand=2, holding=0.1)
    >>> market = Market("shop", price=5, shortage_cost=0, demand=(3, 3))
    >>> plan_network([shop], [Link(None, "shop", 1, unit_cost=2)], [market]).orders
    ((4.0,), (0.0,))
    """
    program = _Program(nodes, links, markets, backlog=backlog)
    found = linprog(
        -program.money,
        A_ub=program.limits.matrix(program.columns),
        b_ub=program.limits.right,
        A_eq=program.balances.matrix(program.columns),
        b_eq=program.balances.right,
        method="highs",
    )
    if found.status != 0:
        raise ArithmeticError(f"the network has no plan: {found.message}")
    orders = np.round(found.x[: program.periods * len(links)].reshape(program.periods, len(links)), 9) + 0.0
    return NetworkPlan(tuple(tuple(row) for row in orders.tolist()), float(-found.fun))


class _Rows:
    """Rows of a sparse matrix and their right sides."""

    def __init__(self) -> None:
        self.right: list[float] = []
        self._entries: list[tuple[int, int, float]] = []

    def add(self, terms: Sequence[tuple[int, float]], right: float) -> None:
        self._entries += [(len(self.right), column, factor) for column, factor in terms]
        self.right.append(right)

    def matrix(self, columns: int) -> coo_array:
        row, column, factor = zip(*self._entries, strict=True)
        return coo_array((factor, (row, column)), shape=(len(self.right), columns))


class _Program:
    """Columns: orders by period and link, then stock, sales and shortage by period and place, each at its end."""

    def __init__(
        self, nodes: Sequence[Node], links: Sequence[Link], markets: Sequence[Market], *, backlog: bool
    ) -> None:
        self.nodes, self.links, self.markets, self.backlog = nodes, links, markets, backlog
        self.periods = min(len(market.demand) for market in markets)
        self.columns = self.periods * (len(links) + len(nodes) + 2 * len(markets))
        self.money = self._money()
        self.balances, self.limits = _Rows(), _Rows()
        for period in range(self.periods):
            for place in range(len(nodes)):
                self._balance(period, place)
                self._limit(period, place)
            for place in range(len(markets)):
                self._serve(period, place)

    def _order(self, period: int, link: int) -> int:
        return period * len(self.links) + link

    def _stock(self, period: int, node: int) -> int:
        return self.periods * len(self.links) + period * len(self.nodes) + node

    def _sale(self, period: int, market: int) -> int:
        return self.periods * (len(self.links) + len(self.nodes)) + period * len(self.markets) + market

    def _shortage(self, period: int, market: int) -> int:
        return self._sale(period, market) + self.periods * len(self.markets)

    def _money(self) -> Array:
        money = np.zeros(self.columns)
        by_name = {node.name: node for node in self.nodes}
        for period in range(self.periods):
            for place, link in enumerate(self.links):
                operating = 0.0
                if link.origin is not None:
                    operating = by_name[link.origin].operating / by_name[link.origin].output_per_unit
                on_way = min(link.periods, self.periods - period) * link.holding_on_way
                money[self._order(period, place)] = -(link.unit_cost + operating + on_way)
            for place, node in enumerate(self.nodes):
                money[self._stock(period, place)] = -node.holding
            for place, market in enumerate(self.markets):
                money[self._sale(period, place)] = market.price
                money[self._shortage(period, place)] = -market.shortage_cost
        return money

    def _balance(self, period: int, place: int) -> None:
        """Stock at the end = stock before + what arrives - what goes out - what is sold."""
        node = self.nodes[place]
        terms, right = [(self._stock(period, place), 1.0)], 0.0
        if period:
            terms.append((self._stock(period - 1, place), -1.0))
        else:
            right += node.on_hand
        for number, link in enumerate(self.links):
            if link.destination == node.name:
                if period >= link.periods:
                    terms.append((self._order(period - link.periods, number), -1.0))
                right += link.arriving[period] if period < len(link.arriving) else 0.0
            elif link.origin == node.name:
                terms.append((self._order(period, number), 1.0 / node.output_per_unit))
        terms += [
            (self._sale(period, number), 1.0) for number, market in enumerate(self.markets) if market.node == node.name
        ]
        self.balances.add(terms, right)

    def _limit(self, period: int, place: int) -> None:
        """What goes out was there when the period began, and is no more than the capacity."""
        node = self.nodes[place]
        out = [self._order(period, number) for number, link in enumerate(self.links) if link.origin == node.name]
        if not out:
            return
        terms = [(column, 1.0 / node.output_per_unit) for column in out]
        if period:
            self.limits.add([*terms, (self._stock(period - 1, place), -1.0)], 0.0)
        else:
            self.limits.add(terms, node.on_hand)
        if node.capacity is not None:
            self.limits.add([(column, 1.0) for column in out], node.capacity)

    def _serve(self, period: int, place: int) -> None:
        """What is asked for is sold or short; a backlog is asked for again."""
        market = self.markets[place]
        terms, right = [(self._sale(period, place), 1.0), (self._shortage(period, place), 1.0)], market.demand[period]
        if self.backlog and period:
            terms.append((self._shortage(period - 1, place), -1.0))
        elif self.backlog:
            right += market.waiting
        self.balances.add(terms, right)
