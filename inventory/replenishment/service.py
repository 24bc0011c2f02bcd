"""Two services that are not the same: cycles without a stock-out, and units served (FORMULAS.md 3.5).

*Cycle service level* (type 1) is the probability that a replenishment cycle ends
before the stock does. *Fill rate* (type 2) is the share of demand met from stock.
A cycle that ran out by one unit of a hundred counts fully against the first and
one per cent against the second.
"""

from inventory.replenishment.distribution import Distribution, normal_shortage


def cycle_service(interval: Distribution, order_up_to_level: int) -> float:
    """P(demand over lead time and review period <= level)."""
    return 1.0 - interval.at_least(order_up_to_level + 1)


def fill_rate(interval: Distribution, lead_time_demand: Distribution, order_up_to_level: int) -> float:
    """``1 - E[(D_{L+R} - S)+ - (D_L - S)+] / E[D_R]``: what is short already when an order arrives counts once.

    Under backorders; 1 where nothing is asked for.
    """
    asked = interval.mean - lead_time_demand.mean
    if asked <= 0.0:
        return 1.0
    return 1.0 - (interval.shortage(order_up_to_level) - lead_time_demand.shortage(order_up_to_level)) / asked


def level_for_fill_rate(interval: Distribution, lead_time_demand: Distribution, target: float) -> int:
    """The smallest level with at least this fill rate, which rises with the level."""
    low, high = -1, interval.most
    while high - low > 1:
        middle = (low + high) // 2
        if fill_rate(interval, lead_time_demand, middle) >= target:
            high = middle
        else:
            low = middle
    return high


def fill_rate_normal(k: float, sd: float, order_quantity: float, *, lost_sales: bool = False) -> float:
    """``1 - ESC / Q``, lost sales ``1 - ESC / (Q + ESC)``, with ``ESC = sd G(k)`` short in a cycle.

    Denim size of FORMULAS.md 3.1 at a cycle service level of 95 %, orders of 6 and 24:

    >>> round(fill_rate_normal(1.645, 5.2915, 6), 3), round(fill_rate_normal(1.645, 5.2915, 24), 3)
    (0.982, 0.995)
    """
    short = normal_shortage(k * sd, 0.0, sd)
    return 1.0 - short / (order_quantity + short if lost_sales else order_quantity)


def safety_factor_for_fill_rate(target: float, sd: float, order_quantity: float) -> float:
    """The ``k`` of that fill rate under backorders, by halving.

    >>> [round(safety_factor_for_fill_rate(0.95, 5.2915, quantity), 2) for quantity in (6, 12, 24)]
    [1.19, 0.83, 0.41]
    """
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if fill_rate_normal(middle, sd, order_quantity) < target:
            low = middle
        else:
            high = middle
    return high
