"""Newsvendor: weigh a missed sale against a unit left over, season's end included (FORMULAS.md 3.4)."""

from bisect import bisect_left
from statistics import NormalDist

import msgspec

from inventory.replenishment.distribution import Distribution
from inventory.replenishment.policies.case import Answer, Case, by_service


def critical_ratio(underage: float, overage: float) -> float:
    """``C_u / (C_u + C_o)``; 0 where a sale brings nothing."""
    return underage / (underage + overage) if underage > 0.0 else 0.0


def newsvendor(demand: Distribution, underage: float, overage: float) -> tuple[int, float]:
    """The quantity of least expected cost, and that cost.

    >>> from inventory.replenishment.distribution import poisson
    >>> [round(x, 6) for x in newsvendor(poisson(50), 0.70, 0.18)], newsvendor(poisson(6), 4, 1)[0]
    ([56, 1.797235], 8)
    """
    quantity = demand.quantile(critical_ratio(underage, overage))
    return quantity, overage * demand.leftover(quantity) + underage * demand.shortage(quantity)


def newsvendor_normal(mean: float, sd: float, underage: float, overage: float) -> tuple[float, float]:
    """The same for normal demand.

    >>> [round(x, 6) for x in newsvendor_normal(50, 8, 0.70, 0.18)]
    [56.603956, 1.997605]
    """
    z = NormalDist().inv_cdf(critical_ratio(underage, overage))
    return mean + z * sd, (underage + overage) * sd * NormalDist().pdf(z)


def overage(case: Case) -> float:
    """What a unit that nobody wants costs: held for a review period, and lost where the season ends."""
    lost = case.costs.unit_cost - case.costs.leftover_value if case.season_days is not None else 0.0
    return holding_cost(case) + max(lost, 0.0)


def holding_cost(case: Case) -> float:
    """Of a unit for a review period."""
    return case.costs.holding_per_day * max(case.review_period_days, 1.0)


class Newsvendor(msgspec.Struct, frozen=True, tag="newsvendor"):
    """Order the next unit while what it is expected to earn covers what it is expected to cost.

    The k-th unit of the position earns the margin if demand over the protection
    interval D reaches it; if not, it is held another review period, and what it
    cost beyond its leftover value is lost if demand to the season's end E does not
    reach it either:
    ``margin P(D >= k) >= holding R P(D < k) + (cost - leftover) P(E < k)``.
    Once no later order can help (E = D) this is the newsvendor exactly.
    What arrives after the season's end is left over. Where price or cost are not known,
    or nothing is earned, the ``cycle_service_level`` decides.
    """

    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order what is missing to the last unit that pays."""
        if case.costs.doubt:
            return by_service("newsvendor", case, self.cycle_service_level)
        near, season = case.demand_in_season()
        holding = holding_cost(case)
        lost = overage(case) - holding
        level = _last_that_pays(near, season, case.costs.margin, holding, lost)
        made_of = {
            "underage": case.costs.margin,
            "overage": holding + lost,
            "critical_ratio": critical_ratio(case.costs.margin, holding + lost),
            "mean_over_interval": near.mean,
            "mean_to_season_end": season.mean if case.season_days is not None else near.mean,
            "probability_sold_in_interval": near.at_least(level),
            "probability_sold_in_season": season.at_least(level),
        }
        return Answer("newsvendor", level - 1, level, level - near.mean, max(level - case.position, 0), made_of)


def _last_that_pays(near: Distribution, season: Distribution, margin: float, holding: float, lost: float) -> int:
    """Every further unit pays less, so the search halves."""
    if margin <= 0.0:
        return 0

    def too_much(level: int) -> bool:
        return _gain(near, season, level + 1, margin, holding, lost) < -1e-12 * margin

    return bisect_left(range(near.most), True, key=too_much)


def _gain(near: Distribution, season: Distribution, unit: int, margin: float, holding: float, lost: float) -> float:
    sold = near.at_least(unit)
    return margin * sold - holding * (1.0 - sold) - lost * (1.0 - season.at_least(unit))
