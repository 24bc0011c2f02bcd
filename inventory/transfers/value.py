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
from typing import NamedTuple

import msgspec
import numpy as np

from inventory.replenishment.distribution import (
    Array,
    Distribution,
    convolved,
    counts,
    exactly,
    lot_of,
    reach_of,
)

_counts = lru_cache(maxsize=64)(counts)
"""A transfer is weighed with many numbers of units, over the same days."""


class Market(msgspec.Struct, frozen=True):
    """Demand of one SKU at one location over a horizon, and what a unit brings sold and left over."""

    mean_per_day: float
    variance_per_day: float
    horizon_days: float
    margin: float
    leftover_value: float = 0.0

    def demand(self, days: float) -> Distribution:
        """Demand over some days."""
        return _counts(self.mean_per_day * days, self.variance_per_day * days)


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


@lru_cache(maxsize=1 << 12)
def _worth_of_units(
    market: Market, on_hand: int, day: float, most: int, arrivals: tuple[tuple[float, int], ...]
) -> tuple[float, ...]:
    counted = _counted(market, on_hand, arrivals)
    chances = [chance for chance in _chances_sold(counted, day, -(-most // counted.lot)) for _ in range(counted.lot)]
    return tuple(market.margin * chance + market.leftover_value * (1.0 - chance) for chance in chances[:most])


def expected_sales(market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]] = ()) -> float:
    """Units sold within the horizon, out of the stock and what arrives before its end.

    >>> round(expected_sales(Market(3.0, 3.0, 1.0, margin=30.0), 3), 3)
    2.328
    """
    small, there, arriving, lot = _counted(market, on_hand, arrivals)
    within = [(due, units) for due, units in arriving if due < small.horizon_days]
    left = _carried(small, exactly(there), 0.0, small.horizon_days, within).mean
    return (there + sum(units for _, units in within) - left) * lot


def chance_of_running_out(
    market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]] = (), day: float = 0.0
) -> float:
    """That from ``day`` on demand asks for more than there is: by the likeliest of all arrivals and the horizon's end.

    >>> round(chance_of_running_out(Market(3.0, 3.0, 1.0, margin=30.0), 3), 3)
    0.353
    """
    small, there, arriving, _ = _counted(market, on_hand, arrivals)
    stock = _carried(small, exactly(there), 0.0, day, arriving)
    most = 0.0
    for due, units in [*_between(arriving, day, small.horizon_days), (small.horizon_days, 0)]:
        most = max(most, small.demand(max(due - day, 0.0)).less(stock).at_least(1))
        stock = stock.raised(units)
    return most


class _Counted(NamedTuple):
    """A market, its stock and what arrives, ``lot`` units counted as one."""

    market: Market
    on_hand: int
    arrivals: tuple[tuple[float, int], ...]
    lot: int

    @property
    def most(self) -> int:
        """More is never asked for within the horizon, all but surely."""
        days = self.market.horizon_days
        return int(reach_of(self.market.mean_per_day * days, self.market.variance_per_day * days)) + 2


def _counted(market: Market, on_hand: int, arrivals: Sequence[tuple[float, int]]) -> _Counted:
    """Large demand in lots; of a stock or an arrival what may be asked for, the rest is left over anyway."""
    days = market.horizon_days
    lot = lot_of(market.mean_per_day * days, market.variance_per_day * days)
    small = Market(
        market.mean_per_day / lot, market.variance_per_day / lot**2, days, market.margin, market.leftover_value
    )
    counted = _Counted(small, 0, (), lot)
    most = counted.most
    arriving = tuple((due, min(units // lot, most)) for due, units in arrivals)
    return counted._replace(on_hand=min(max(on_hand, 0) // lot, most), arrivals=arriving)


def _chances_sold(counted: _Counted, day: float, most: int) -> list[float]:
    """That each further one that comes on ``day`` is sold within the horizon."""
    market, on_hand, arrivals, _ = counted
    left = market.horizon_days - day
    if left <= 0.0:
        return [0.0] * most
    if day <= 0.0 and not any(due < market.horizon_days for due, _ in arrivals):
        demand = market.demand(left)
        return [demand.at_least(on_hand + unit) for unit in range(1, most + 1)]
    stock = _carried(market, exactly(on_hand), 0.0, day, arrivals)
    unsold = _chances_left(counted, day, max(stock.most + most, counted.most))
    over = convolved(unsold, stock.pmf[::-1])[stock.most : stock.most + most]
    sold: list[float] = np.minimum.accumulate(np.clip(1.0 - over, 0.0, 1.0)).tolist()
    return sold


def _chances_left(counted: _Counted, day: float, width: int) -> Array:
    """That one more beside 0, 1, ..., ``width`` - 1 on ``day`` is left when the horizon ends.

    Demand d before the next arrival of a takes from x + 1 as from x, unless it takes all:
    ``left(x) = sum_{d <= x} P(d) left'(x - d + a)``, from the end back to ``day``.
    """
    market = counted.market
    coming = [*_between(counted.arrivals, day, market.horizon_days), (market.horizon_days, 0)]
    starts = [day, *(due for due, _ in coming[:-1])]
    unsold = np.ones(width)
    for start, (due, units) in reversed(list(zip(starts, coming, strict=True))):
        after = np.append(unsold[units:], np.ones(min(units, width)))
        unsold = convolved(market.demand(due - start).pmf, after)[:width]
    return unsold


def _between(arrivals: Sequence[tuple[float, int]], day: float, end: float) -> list[tuple[float, int]]:
    return [(due, units) for due, units in sorted(arrivals) if day < due < end]


def _carried(
    market: Market, stock: Distribution, start: float, until: float, arrivals: Sequence[tuple[float, int]]
) -> Distribution:
    """The stock on day ``until``, arrivals up to that day included."""
    for due, units in sorted(arrivals):
        if due <= until:
            stock = stock.less(market.demand(max(due - start, 0.0))).raised(units)
            start = max(due, start)
    return stock.less(market.demand(until - start))
