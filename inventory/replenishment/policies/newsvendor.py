"""Newsvendor: weigh a missed sale against a unit left over, season's end included (FORMULAS.md 3.4)."""

from statistics import NormalDist

import msgspec

from inventory.replenishment.distribution import NOTHING, Distribution, counts
from inventory.replenishment.lead_time import demand_over
from inventory.replenishment.policies.case import Answer, Case


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
    return _holding(case) + max(lost, 0.0)


def _holding(case: Case) -> float:
    return case.costs.holding_per_day * max(case.review_period_days, 1.0)


class Newsvendor(msgspec.Struct, frozen=True, tag="newsvendor"):
    """Order the next unit while what it is expected to earn covers what it is expected to cost.

    The k-th unit of the position earns the margin if demand over the protection
    interval D reaches it; if not, it is held another review period, and what it
    cost beyond its leftover value is lost if demand to the season's end E does not
    reach it either:
    ``margin P(D >= k) >= holding R P(D < k) + (cost - leftover) P(E < k)``.
    Once no later order can help (E = D) this is the newsvendor exactly.
    What arrives after the season's end is left over.
    """

    def decide(self, case: Case) -> Answer:
        """Order what is missing to the last unit that pays."""
        near, season = _demands(case)
        holding = _holding(case)
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


def _demands(case: Case) -> tuple[Distribution, Distribution]:
    """Demand over the protection interval and to the season's end; the first no longer than the second.

    Of a lead time beyond the season's end nothing is sold.
    """
    near = case.demand()
    if case.season_days is None:
        return near, near
    left = case.season_days
    review = case.review_period_days

    def over(days: float) -> Distribution:
        return counts(case.mean_per_day * days, case.variance_per_day * days)

    near = demand_over(case.lead_time, lambda day: over(min(day + review, left)) if day < left else NOTHING)
    season = over(max(left, 0.0))
    return near, demand_over(case.lead_time, lambda day: season if day < left else NOTHING)


def _last_that_pays(near: Distribution, season: Distribution, margin: float, holding: float, lost: float) -> int:
    """Every further unit pays less, so the first that does not pay ends the search."""
    level = 0
    while level < near.most and _gain(near, season, level + 1, margin, holding, lost) >= -1e-12 * margin:
        level += 1
    return level if margin > 0.0 else 0


def _gain(near: Distribution, season: Distribution, unit: int, margin: float, holding: float, lost: float) -> float:
    sold = near.at_least(unit)
    return margin * sold - holding * (1.0 - sold) - lost * (1.0 - season.at_least(unit))
