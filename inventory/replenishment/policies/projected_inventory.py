"""Order for the stock that will be there when the order arrives, sales lost while there is none.

The order-up-to rules count the whole inventory position, as if demand that finds
an empty shelf waited. Where it does not, they order too much: stock that is on
order cannot serve a demand that comes before it. Here the stock is carried
through the lead time, arrival by arrival, and never falls below zero. The
probabilities are exact (convolution), no paths are drawn.
"""

from collections.abc import Iterator, Sequence

import msgspec

from inventory.replenishment.distribution import Distribution, counts, exactly, mixture, reach_of
from inventory.replenishment.policies.case import Answer, Case


def projected(on_hand: int, demands: Sequence[Distribution], arrivals: Sequence[int]) -> Iterator[Distribution]:
    """The stock now and after each period; ``arrivals[n]`` can be sold in period n already."""
    stock = exactly(max(on_hand, 0))
    yield stock
    for demand, units in zip(demands, arrivals, strict=True):
        stock = stock.raised(units).less(demand)
        yield stock


def missing(demand: Distribution, stock: Distribution) -> Distribution:
    """``(D - stock)+``: what an order would have to bring."""
    return demand.less(stock)


def order_quantity(demand: Distribution, stock: Distribution, probability: float) -> int:
    """Smallest order that serves all of ``demand`` beside a random ``stock`` with this probability.

    >>> from inventory.replenishment.distribution import poisson
    >>> order_quantity(poisson(6), exactly(3), 0.8), order_quantity(poisson(6), exactly(30), 0.8)
    (5, 0)
    """
    return missing(demand, stock).quantile(probability)


class ProjectedInventory(msgspec.Struct, frozen=True, tag="projected_inventory"):
    """The smallest order with which demand between its arrival and the next one's is served.

    With probability ``cycle_service_level``, over the random lead time. ``on_hand``,
    ``arrivals`` and ``backorders`` of the case must be told; days are taken as independent.
    Backorders wait, and are served by what arrives first.
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order what the projected stock will lack."""
        stock, owed = stock_at_arrival(case)
        short = missing(demand_until_next(case), stock)
        enough = short.quantile(self.cycle_service_level)
        made_of = {
            "cycle_service_level": self.cycle_service_level,
            "projected_stock": stock.mean,
            "expected_missing": short.mean + owed,
            "probability_enough": float(short.cdf[enough]),
        }
        return ordering("projected_inventory", case, enough + owed, made_of)


def ordering(policy: str, case: Case, need: int, made_of: dict[str, float], warning: str = "") -> Answer:
    """The answer of a policy that finds the units to order, not a level."""
    level = case.position + need
    expected = case.mean_per_day * case.protected_days
    return Answer(policy, level - 1, level, level - expected, need, made_of, warning)


def demand_until_next(case: Case) -> Distribution:
    """Between this order's arrival and the next one's."""
    review = max(case.review_period_days, 1.0)
    return counts(case.mean_per_day * review, case.variance_per_day * review)


def stock_at_arrival(case: Case) -> tuple[Distribution, int]:
    """What is there when an order placed now arrives, over the lead times, and units owed then.

    Of a stock or an arrival, units beyond all that may be asked for are left out.
    """
    review = max(case.review_period_days, 1.0)
    daily = counts(case.mean_per_day, case.variance_per_day)
    weights = case.lead_time.weights
    days = len(weights) - 1
    most = int(reach_of(case.mean_per_day * (days + review), case.variance_per_day * (days + review)))
    arrivals, owed = case.free_arrivals()
    due = [min(sum(units for day, units in arrivals if day == n), most) for n in range(days)]
    lefts = list(projected(min(case.on_hand, most), [daily] * days, due))
    return mixture(weights, lefts), owed
