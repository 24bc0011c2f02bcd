"""Orders through a network of locations: one linear program over the periods to come.

Plants and warehouses supply each other and the stores over links that take time;
what is planned now must suffice for demand until later orders can arrive. The
objective is money to the end of the horizon: sales, less purchases, operating,
holding (in stock and on the way) and backlog or lost sales. Units left at the end
bring nothing, so nothing is bought that can no longer be sold.

Demand is told as several futures with their probabilities: paths whose sums are
quantiles of demand over one, two, ... periods (``futures_of``). The orders of the
first period are the same in all of them, later ones follow each future: what is
ordered now is worth most on average over what may come, given that one will order
again. Only the first orders are meant to be placed; the next period plans anew.
Plans that are worth the same are told apart by the solver (HiGHS): replays need
the same version of it, and orders come in fractions, to be rounded by the caller.
"""

from collections.abc import Sequence
from itertools import pairwise

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
    """Demand at a location: in each future one number a period; ``waiting`` is asked for already."""

    node: str
    price: float
    shortage_cost: float
    futures: tuple[tuple[float, ...], ...]
    waiting: float = 0.0


class NetworkPlan(msgspec.Struct, frozen=True):
    """Orders by link: to place ``now``, and ``later[future][n]`` in period n + 1; expected ``profit``."""

    now: tuple[float, ...]
    later: tuple[tuple[tuple[float, ...], ...], ...]
    profit: float


_CUTS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.85, 0.93, 0.98, 0.995, 1.0)
"""Slices of probability, thin where much demand makes shortages, which cost more than stock."""
LEVELS = tuple((low + high) / 2.0 for low, high in pairwise(_CUTS))
PROBABILITIES = tuple(high - low for low, high in pairwise(_CUTS))


def futures_of(cumulated: Sequence[Distribution], levels: Sequence[float] = LEVELS) -> tuple[tuple[float, ...], ...]:
    """Demand per period whose sums are the quantiles of demand over 1, 2, ... periods, a future for each level.

    >>> from inventory.replenishment.distribution import poisson
    >>> futures_of([poisson(4), poisson(8), poisson(12)], [0.5, 0.9])
    ((4.0, 4.0, 4.0), (7.0, 5.0, 5.0))
    """
    paths = []
    for level in levels:
        quantiles = np.maximum.accumulate([demand.quantile(level) for demand in cumulated])
        paths.append(tuple(float(units) for units in np.diff(quantiles, prepend=0)))
    return tuple(paths)


def plan_network(
    nodes: Sequence[Node],
    links: Sequence[Link],
    markets: Sequence[Market],
    probabilities: Sequence[float] = (1.0,),
    *,
    backlog: bool = True,
    blind_periods: int = 1,
) -> NetworkPlan:
    """The orders of most money, expected over the futures the markets speak of.

    For ``blind_periods`` the orders are the same in all futures: so long one cannot tell them apart.

    >>> shop = Node("shop", on_hand=2, holding=0.1)
    >>> market = Market("shop", price=5, shortage_cost=0, futures=((3, 3),))
    >>> plan_network([shop], [Link(None, "shop", 1, unit_cost=2)], [market]).now
    (4.0,)
    """
    program = _Program(nodes, links, markets, probabilities, blind_periods, backlog=backlog)
    found = linprog(
        -program.money,
        A_ub=program.limits.matrix(program.columns) if program.limits.right else None,
        b_ub=program.limits.right or None,
        A_eq=program.balances.matrix(program.columns),
        b_eq=program.balances.right,
        method="highs",
    )
    if found.status != 0:
        raise ArithmeticError(f"the network has no plan: {found.message}")
    return program.read(np.round(found.x, 9) + 0.0, float(-found.fun))


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
    """Columns: orders made blind; then for each future later orders, stock, sales and shortage, period by period."""

    def __init__(
        self,
        nodes: Sequence[Node],
        links: Sequence[Link],
        markets: Sequence[Market],
        probabilities: Sequence[float],
        blind_periods: int,
        *,
        backlog: bool,
    ) -> None:
        self.nodes, self.links, self.markets, self.backlog = nodes, links, markets, backlog
        self.periods = min(len(future) for market in markets for future in market.futures)
        self.blind = min(blind_periods, self.periods)
        self.block = (self.periods - self.blind) * len(links) + self.periods * (len(nodes) + 2 * len(markets))
        self.columns = self.blind * len(links) + len(probabilities) * self.block
        self.money = np.zeros(self.columns)
        self.balances, self.limits = _Rows(), _Rows()
        self.future = 0
        for self.future, probability in enumerate(probabilities):
            for period in range(self.periods):
                self._pay(period, probability)
                for place in range(len(nodes)):
                    self._balance(period, place)
                    self._limit(period, place)
                for place in range(len(markets)):
                    self._serve(period, place)

    def read(self, columns: Array, profit: float) -> NetworkPlan:
        """The plan in the columns of a solution."""
        width, later = len(self.links), []
        blind = columns[: self.blind * width].reshape(self.blind, width)
        for start in range(self.blind * width, self.columns, self.block):
            seeing = self.periods - self.blind
            own = columns[start : start + seeing * width].reshape(seeing, width)
            later.append(tuple(tuple(row) for row in np.concatenate([blind[1:], own]).tolist()))
        return NetworkPlan(tuple(blind[0].tolist()), tuple(later), profit)

    def _order(self, period: int, link: int) -> int:
        before = 0 if period < self.blind else self.future * self.block
        return before + period * len(self.links) + link

    def _stock(self, period: int, node: int) -> int:
        start = self.future * self.block + self.periods * len(self.links)
        return start + period * len(self.nodes) + node

    def _sale(self, period: int, market: int) -> int:
        return self._stock(self.periods, 0) + period * len(self.markets) + market

    def _shortage(self, period: int, market: int) -> int:
        return self._sale(period + self.periods, market)

    def _pay(self, period: int, probability: float) -> None:
        """Money of a period; the orders made now are paid in every future."""
        by_name = {node.name: node for node in self.nodes}
        for place, link in enumerate(self.links):
            operating = 0.0
            if link.origin is not None:
                operating = by_name[link.origin].operating / by_name[link.origin].output_per_unit
            on_way = min(link.periods, self.periods - period) * link.holding_on_way
            self.money[self._order(period, place)] -= probability * (link.unit_cost + operating + on_way)
        for place, node in enumerate(self.nodes):
            self.money[self._stock(period, place)] = -probability * node.holding
        for place, market in enumerate(self.markets):
            self.money[self._sale(period, place)] = probability * market.price
            self.money[self._shortage(period, place)] = -probability * market.shortage_cost

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
        terms, right = (
            [(self._sale(period, place), 1.0), (self._shortage(period, place), 1.0)],
            market.futures[self.future][period],
        )
        if self.backlog and period:
            terms.append((self._shortage(period - 1, place), -1.0))
        elif self.backlog:
            right += market.waiting
        self.balances.add(terms, right)
