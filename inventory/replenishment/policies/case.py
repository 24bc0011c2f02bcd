"""What a policy is asked and what it answers."""

from typing import Protocol

import msgspec

from inventory.replenishment.distribution import NOTHING, Distribution, counts
from inventory.replenishment.lead_time import LeadTime, counts_over, demand_over


class Costs(msgspec.Struct, frozen=True):
    """Money of one SKU at one location, in its currency.

    ``margin`` is what a missed sale loses, ``leftover_value`` what a unit still
    brings when the season is over, ``order_cost`` what an order costs whatever it
    asks for.
    """

    unit_cost: float = 0.0
    margin: float = 0.0
    holding_per_day: float = 0.0
    order_cost: float = 0.0
    leftover_value: float = 0.0
    price_known: bool = True
    cost_known: bool = True

    @property
    def doubt(self) -> str:
        """Why a missed sale cannot be weighed against a unit left over; empty where it can."""
        if not self.price_known:
            return "the price is not known"
        if not self.cost_known:
            return "the cost is not known"
        return "" if self.margin > 0.0 else "the price is no higher than the cost"


class Case(msgspec.Struct, frozen=True):
    """One SKU at one location at one moment, without the suggestion that is decided about.

    ``position`` is the inventory position; ``arrivals`` are ``(days from now,
    units)`` of what is on order; ``season_days`` is how long it can still be
    sold, None where it has no end. ``backorders`` are units owed to customers
    beyond what is there: what arrives first is theirs.
    """

    mean_per_day: float
    variance_per_day: float
    lead_time: LeadTime
    review_period_days: float
    position: int
    on_hand: int = 0
    arrivals: tuple[tuple[int, int], ...] = ()
    costs: Costs = Costs()
    season_days: float | None = None
    backorders: int = 0

    @property
    def protected_days(self) -> float:
        """The protection interval: lead time and review period, expected."""
        return self.lead_time.mean_days + self.review_period_days

    def free_arrivals(self) -> tuple[list[tuple[int, int]], int]:
        """What of the arrivals is left for new demand, soonest first, and units that stay owed after all of them.

        >>> from inventory.replenishment.lead_time import stated
        >>> Case(1.0, 1.0, stated(7, 2), 1.0, 0, arrivals=((5, 4), (1, 3)), backorders=4).free_arrivals()
        ([(1, 0), (5, 3)], 0)
        """
        owed, free = self.backorders, []
        for days, units in sorted(self.arrivals):
            served = min(owed, units)
            owed -= served
            free.append((days, units - served))
        return free, owed

    def demand(self) -> Distribution:
        """Demand over the protection interval."""
        return counts_over(self.mean_per_day, self.variance_per_day, self.lead_time, self.review_period_days)

    def demand_in_season(self) -> tuple[Distribution, Distribution]:
        """Demand over the protection interval and to the season's end; the first no longer than the second.

        Of a lead time beyond the season's end nothing is sold.
        """
        if self.season_days is None:
            near = self.demand()
            return near, near
        left, review = self.season_days, self.review_period_days

        def over(days: float) -> Distribution:
            return counts(self.mean_per_day * days, self.variance_per_day * days)

        near = demand_over(self.lead_time, lambda day: over(min(day + review, left)) if day < left else NOTHING)
        season = over(max(left, 0.0))
        return near, demand_over(self.lead_time, lambda day: season if day < left else NOTHING)


class Answer(msgspec.Struct, frozen=True):
    """Order up to ``order_up_to_level`` when the position is at or below ``reorder_point``.

    ``need_units`` is what that asks for now, before minimum, pack and caps;
    ``made_of`` the numbers it follows from, by name, for the receipt. ``warning``
    says what is wrong with the policy itself.
    """

    policy: str
    reorder_point: int
    order_up_to_level: int
    safety_stock: float
    need_units: int
    made_of: dict[str, float] = {}
    warning: str = ""

    @property
    def at_every_review(self) -> bool:
        """Whether whatever is missing is ordered, so that orders are placed at reviews only."""
        return self.reorder_point == self.order_up_to_level - 1


class Policy(Protocol):
    """A rule: a frozen struct of its settings, that decides on a case alone."""

    def decide(self, case: Case) -> Answer:
        """What to order up to, and when."""


def answer(
    policy: str,
    case: Case,
    reorder_point: int,
    order_up_to_level: int,
    expected: float,
    made_of: dict[str, float],
    warning: str = "",
) -> Answer:
    """The answer of a policy by two levels; ``expected`` is the mean demand the reorder point covers."""
    need = max(order_up_to_level - case.position, 0) if case.position <= reorder_point else 0
    return Answer(policy, reorder_point, order_up_to_level, reorder_point - expected, need, made_of, warning)


def by_service(policy: str, case: Case, cycle_service_level: float) -> Answer:
    """The answer of a policy by money where money is in doubt: that quantile of demand, to the season's end at most."""
    near, _ = case.demand_in_season()
    level = near.quantile(cycle_service_level)
    made_of = {
        "cycle_service_level": cycle_service_level,
        "mean_over_interval": near.mean,
        "probability_enough": 1.0 - near.at_least(level + 1),
    }
    warning = f"{case.costs.doubt}: decided by the service level"
    return answer(policy, case, level - 1, level, near.mean, made_of, warning)
