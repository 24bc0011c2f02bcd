"""Any policy, but no unit beyond what pays before the season ends."""

from typing import NamedTuple

import msgspec

from inventory.replenishment.policies.case import Answer, Case, Policy
from inventory.replenishment.policies.newsvendor import Newsvendor


class UntilSeasonEnd(NamedTuple):
    """Another policy's levels, cut to the newsvendor's where the case has a season that ends.

    Where price or cost are not known, or nothing is earned, they are cut to what the season still asks for with
    probability ``cycle_service_level``. Once the season has ended both are nothing.
    """

    policy: Policy
    cycle_service_level: float = 0.95

    def decide(self, case: Case) -> Answer:
        """Order by the policy, up to the last unit that pays."""
        answer = self.policy.decide(case)
        if case.season_days is None:
            return answer
        level, terms = self._most(case)
        made_of, warning = answer.made_of | terms, answer.warning
        if case.costs.doubt and not warning:
            warning = f"{case.costs.doubt}: not weighed against what is left when the season ends"
        if level >= answer.order_up_to_level:
            return msgspec.structs.replace(answer, made_of=made_of, warning=warning)
        point = min(answer.reorder_point, level - 1)
        return Answer(
            answer.policy,
            point,
            level,
            answer.safety_stock + point - answer.reorder_point,
            max(level - case.position, 0) if case.position <= point else 0,
            made_of,
            warning,
        )

    def _most(self, case: Case) -> tuple[int, dict[str, float]]:
        if case.costs.doubt:
            level = case.demand_in_season()[1].quantile(self.cycle_service_level)
            return level, {"level_to_season_end": float(level)}
        most = Newsvendor().decide(case)
        sold = most.made_of["probability_sold_in_season"]
        level = most.order_up_to_level
        return level, {"level_that_pays": float(level), "probability_sold_in_season": sold}
