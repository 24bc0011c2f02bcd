"""What one more unit, or one less, is worth at a place (FORMULAS.md 3.13).

A unit earns the margin if it is sold within the horizon, else it is left over. The
chance that the k-th is sold is P(demand over the horizon >= k); with units on
order, and for a unit that arrives later, the stock is carried through the horizon
with sales lost while there is none, which is exact too.

The horizon says what is compared with what. Where a supplier delivers again, it
ends with that delivery, and a unit that is left over saves buying one (waiting);
where not, it ends with the season, and leftovers bring what a markdown brings.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec

from inventory.replenishment.distribution import Distribution, counts, exactly


class Market(msgspec.Struct, frozen=True):
    """Demand of one SKU at one location over a horizon, and what a unit brings sold and left over."""

    mean_per_day: float
    variance_per_day: float
    horizon_days: float
    margin: float
    leftover_value: float = 0.0

    def demand(self, days: float) -> Distribution:
        """Demand over some days."""
        return counts(self.mean_per_day * days, self.variance_per_day * days)


def worth_of_units(
    market: Market, on_hand: int, day: float, most: int, arrivals: Sequence[tuple[float, int]] = ()
) -> tuple[float, ...]:
    """Worth of the 1st, ..., ``most``-th unit that comes on ``day``.

    Beside ``on_hand`` now and what else ``arrivals`` (day, units) bring. It never
    rises. With no stock and the day 0 these are the values of the units of a stock.

    >>> paris = Market(3.0, 3.0, 1.0, margin=30.0, leftover_value=5.0)
    >>> [round(worth, 3) for worth in worth_of_units(paris, 0, 0, 3)]
    [28.755, 25.021, 19.42]
    """
    return _worth_of_units(market, on_hand, day, most, tuple(arrivals)) if most > 0 else ()


@lru_cache(maxsize=1 << 14)
def _worth_of_units(
    market: Market, on_hand: int, day: float, most: int, arrivals: tuple[tuple[float, int], ...]
) -> tuple[float, ...]:
    chances = _chances_sold(market, on_hand, day, most, arrivals)
    return tuple(market.margin * chance + market.leftover_value * (1.0 - chance) for chance in chances)


def expected_sales(market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]] = ()) -> float:
    """Units sold within the horizon, out of the stock and what arrives before its end.

    >>> round(expected_sales(Market(3.0, 3.0, 1.0, margin=30.0), 3), 3)
    2.328
    """
    within = sum(units for due, units in arrivals if due < market.horizon_days)
    return max(on_hand, 0) + within - _end(market, on_hand, arrivals)


def chance_of_running_out(
    market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]] = (), day: float = 0.0
) -> float:
    """That from ``day`` on demand asks for more than there is: by the likeliest of all arrivals and the horizon's end.

    >>> round(chance_of_running_out(Market(3.0, 3.0, 1.0, margin=30.0), 3), 3)
    0.353
    """
    stock = _carried(market, exactly(max(on_hand, 0)), 0.0, day, arrivals)
    later = [(due, units) for due, units in sorted(arrivals) if day < due < market.horizon_days]
    most = 0.0
    for due, units in [*later, (market.horizon_days, 0)]:
        most = max(most, market.demand(max(due - day, 0.0)).less(stock).at_least(1))
        stock = stock.raised(units)
    return most


def _chances_sold(
    market: Market, on_hand: int, day: float, most: int, arrivals: Sequence[tuple[float, int]]
) -> list[float]:
    """By how much less than a unit each further unit raises the stock expected at the horizon's end."""
    left = market.horizon_days - day
    if left <= 0.0:
        return [0.0] * most
    if day <= 0.0 and not any(due < market.horizon_days for due, _ in arrivals):
        demand = market.demand(left)
        return [demand.at_least(max(on_hand, 0) + unit) for unit in range(1, most + 1)]
    if not any(day < due < market.horizon_days for due, _ in arrivals):
        stock = _carried(market, exactly(max(on_hand, 0)), 0.0, day, arrivals)
        wanted = market.demand(left).less(stock)
        return [wanted.at_least(unit) for unit in range(1, most + 1)]
    ends = [_end(market, on_hand, [*arrivals, (day, units)]) for units in range(most + 1)]
    return [1.0 - (more - less) for less, more in pairwise(ends)]


def _end(market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]]) -> float:
    """Expected stock at the horizon's end; what comes later is no part of it."""
    within = [(due, units) for due, units in arrivals if due < market.horizon_days]
    return _carried(market, exactly(max(on_hand, 0)), 0.0, market.horizon_days, within).mean


def _carried(
    market: Market, stock: Distribution, start: float, until: float, arrivals: Sequence[tuple[float, int]]
) -> Distribution:
    """The stock on day ``until``, arrivals up to that day included."""
    for due, units in sorted(arrivals):
        if due <= until:
            stock = stock.less(market.demand(max(due - start, 0.0))).raised(units)
            start = max(due, start)
    return stock.less(market.demand(until - start))
