"""Sharing what is left of budgets: lots off a heap, the most worth per money first.

Further lots of one order are worth less and less (concave), so that this lacks at most the lots that did not fit beside
the best way to spend the money. Money is whole ten-thousandths: sums are exact in whatever order they are made.
"""

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

PER_UNIT_OF_MONEY = 10_000


class Ask(NamedTuple):
    """An order that wants money of all its ``budgets``: units of each further lot and what it is expected to earn."""

    key: str
    budgets: tuple[str, ...]
    lots: tuple[int, ...]
    gains: tuple[float, ...]
    unit_cost: int


def money(amount: float) -> int:
    """An amount in ten-thousandths.

    >>> money(12.5)
    125000
    """
    return round(amount * PER_UNIT_OF_MONEY)


def share(left: Mapping[str, int], asks: Sequence[Ask]) -> dict[str, int]:
    """Units for each order, none for which one of its budgets has no room; a tie goes to the lower key.

    Where there is room for all everybody gets all, also what is not known to earn anything: how much is wanted is for
    the policy to say.

    >>> shirt, socks = Ask("a", ("spring",), (1, 1), (9.0, 4.0), 5), Ask("b", ("spring",), (1, 1), (3.0, 1.0), 2)
    >>> share({"spring": 10}, [shirt, socks])
    {'a': 1, 'b': 2}
    """
    room, given = dict(left), {ask.key: 0 for ask in sorted(asks)}
    best = [_lot(ask, 0) for ask in asks if ask.lots]
    heapq.heapify(best)
    while best:
        _, _, number, ask = heapq.heappop(best)
        cost = ask.lots[number] * ask.unit_cost
        if cost and any(cost > room[name] for name in ask.budgets):
            continue
        for name in ask.budgets:
            room[name] -= cost
        given[ask.key] += ask.lots[number]
        if number + 1 < len(ask.lots):
            heapq.heappush(best, _lot(ask, number + 1))
    return given


def _lot(ask: Ask, number: int) -> tuple[float, str, int, Ask]:
    """A lot as it is sorted: least first."""
    cost = ask.lots[number] * ask.unit_cost
    return (-ask.gains[number] / cost if cost else float("-inf"), ask.key, number, ask)
