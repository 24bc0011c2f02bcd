"""What will be asked for before goods can be there, and not be served.

Goods can be there when an order of today would come. What is on its way comes when it is expected, and is not counted
on once it is late, nor before somebody agreed to it. A stock can run out before each time that goods come; the
likeliest of these is told. Demand over days is the negative binomial that orders count with.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from inventory.outlook import Demand, demand_of, margin_of
from inventory.replenishment.orders import Order
from inventory.reports import on_hand_of
from inventory.state import LocationStock
from inventory.supply import source_of
from inventory.surplus.unsold import expected_unsold, probability_all_sold
from inventory.turn import Touched, Turn

MILLISECONDS_PER_DAY = 86_400_000
_HOURS_PER_DAY = 24.0
_LEAST_DAYS = 1.0
"""Nothing is there sooner than on the next day."""


class Shortage(NamedTuple):
    """``probability`` that more is asked for than there is in ``days``; ``lost_units`` and ``margin`` are expected."""

    probability: float
    lost_units: float
    days: float
    margin: float

    @property
    def margin_per_hour(self) -> float:
        """Margin that is lost, spread over the time until goods can be there."""
        return round(self.margin / self.days / _HOURS_PER_DAY, 4) if self.days > 0.0 else 0.0


def shortage_of(turn: Turn, touched: Touched, without: Order | None = None) -> Shortage:
    """Of one SKU at one location, as if ``without`` would never come."""
    stock, now_ms = touched.stock, turn.now_at(touched.stock)
    demand = demand_of(turn.state, touched.sku, touched.location, stock)
    source = source_of(turn, touched.sku, touched.location)
    horizon = max(source.lead_time.mean_days, _LEAST_DAYS)
    ends_ms = touched.sku.item.season_end_ms
    if ends_ms is not None:
        horizon = min(horizon, max(ends_ms - now_ms, 0) / MILLISECONDS_PER_DAY)
    found = likeliest(there_of(stock), sorted(_coming(stock, now_ms, without)), horizon, demand)
    return found._replace(margin=found.lost_units * margin_of(touched.sku.item, source.unit_cost))


def there_of(stock: LocationStock) -> int:
    """Units that can be sold."""
    return max(on_hand_of(stock) - stock.ledger.reserved, 0)


def likeliest(there: int, coming: list[tuple[float, int]], horizon: float, demand: Demand) -> Shortage:
    """``coming`` are days from now and units, the first first; the margin is left open.

    Two Poisson units a day, two units there, nothing for a day: ``P(D > 2) = 1 - 5 exp(-2)``, and
    ``E[(D - 2)+] = 2 - 2 + E[(2 - D)+] = 4 exp(-2)`` are lost.

    >>> demand = Demand(2.0, 2.0, 9, 1, "")
    >>> [round(one, 4) for one in likeliest(2, [], 1.0, demand)[:3]]
    [0.3233, 0.5413, 1.0]
    >>> likeliest(2, [(0.5, 9)], 1.0, demand).days
    0.5
    """
    worst = Shortage(0.0, 0.0, horizon, 0.0)
    for days, units in [*coming, (horizon, 0)]:
        until = min(days, horizon)
        if until > 0.0:
            one = _until(there, until, demand)
            worst = one if one.probability > worst.probability else worst
        if days >= horizon:
            break
        there += units
    return worst


def _until(there: int, days: float, demand: Demand) -> Shortage:
    units, mean, variance = (
        np.array(one) for one in (there, demand.mean_per_day * days, demand.variance_per_day * days)
    )
    short = float(probability_all_sold(units + 1.0, mean, variance))
    lost = float(mean - units + expected_unsold(units, mean, variance))
    return Shortage(short, max(lost, 0.0), days, 0.0)


def _coming(stock: LocationStock, now_ms: int, without: Order | None) -> Iterator[tuple[float, int]]:
    """Days from now and units. Of what was ordered past restockd nobody told a day: it helps as soon as an order."""
    late_ms = now_ms - MILLISECONDS_PER_DAY
    for order in stock.book.orders:
        if order is not without and order.status != "pending" and due_at_ms(order) >= late_ms:
            yield _days(order.expected_at_ms, now_ms), order.outstanding
    for transfer in stock.transfers:
        yield _days(transfer.due_at_ms, now_ms), transfer.coming


def _days(at_ms: int, now_ms: int) -> float:
    return max(at_ms - now_ms, 0) / MILLISECONDS_PER_DAY


def due_at_ms(order: Order) -> int:
    """When it should be there: as the ERP said last, else when 95 % of the lane's would be; -1 where nobody knows."""
    return order.expected_at_ms if order.promised_at_ms >= 0 or order.due_at_ms < 0 else order.due_at_ms
