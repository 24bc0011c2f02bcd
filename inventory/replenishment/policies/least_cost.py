"""Order what costs least over the coming periods, sales lost while there is none.

The stock is carried through the random lead time as in ``projected_inventory``; then an order is weighed by what is
held and what is missed between its arrival and the next one's, and until the one after (``lost_sales``): a unit
left over lies longer than a period, so that the newsvendor's order for one period alone is too much (Morton 1971).
"""

from typing import Final

import msgspec
import numpy as np

from inventory.replenishment import lost_sales
from inventory.replenishment.policies.case import Answer, Case
from inventory.replenishment.policies.newsvendor import holding_cost
from inventory.replenishment.policies.projected_inventory import ProjectedInventory, ordering, stock_at_arrival

PERIODS: Final = 2
"""The one an order is for and the next, whose order is cut by what is left; later ones know more and put it right."""


class LeastCost(msgspec.Struct, frozen=True, tag="least_cost"):
    """The order of least expected cost of holding and missing sales in the period it is for and the next.

    ``on_hand``, ``arrivals`` and ``backorders`` of the case must be told. Where price or cost are not known, or
    nothing is earned, the ``cycle_service_level`` decides (``projected_inventory``).
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order what costs least beside the stock that is projected."""
        if case.costs.doubt:
            return self._by_service(case)
        stock, owed = stock_at_arrival(case)
        review = max(case.review_period_days, 1.0)
        costs = lost_sales.Costs(holding=holding_cost(case), shortage=case.costs.margin)
        mean = np.full(PERIODS, case.mean_per_day * review)
        variance = np.full(PERIODS, case.variance_per_day * review)
        need, cost = lost_sales.order_quantity(stock.pmf, mean, variance, costs)
        made_of = {
            "underage": costs.shortage,
            "overage": costs.holding,
            "critical_ratio": costs.critical_ratio,
            "projected_stock": stock.mean,
            "expected_cost": cost,
        }
        return ordering("least_cost", case, need + owed, made_of)

    def _by_service(self, case: Case) -> Answer:
        found = ProjectedInventory(self.cycle_service_level).decide(case)
        warning = f"{case.costs.doubt}: decided by the service level"
        return msgspec.structs.replace(found, policy="least_cost", warning=warning)
