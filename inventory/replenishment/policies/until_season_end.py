"""Any policy, but no unit beyond what pays before the season ends."""

from typing import NamedTuple

import msgspec

from inventory.replenishment.policies.case import Answer, Case, Policy
from inventory.replenishment.policies.newsvendor import Newsvendor


class UntilSeasonEnd(NamedTuple):
    """Another policy's levels, cut to the newsvendor's where the case has a season that ends.

    Where nothing is earned (no price or no cost known) there is nothing to weigh, and the policy stands as it is.
    """

    policy: Policy

    def decide(self, case: Case) -> Answer:
        """Order by the policy, up to the last unit that pays."""
        answer = self.policy.decide(case)
        if case.season_days is None or case.costs.margin <= 0.0:
            return answer
        most = Newsvendor().decide(case)
        made_of = answer.made_of | {
            "level_that_pays": float(most.order_up_to_level),
            "probability_sold_in_season": most.made_of["probability_sold_in_season"],
        }
        if most.order_up_to_level >= answer.order_up_to_level:
            return msgspec.structs.replace(answer, made_of=made_of)
        level = most.order_up_to_level
        point = min(answer.reorder_point, level - 1)
        return Answer(
            answer.policy,
            point,
            level,
            answer.safety_stock + point - answer.reorder_point,
            max(level - case.position, 0) if case.position <= point else 0,
            made_of,
            answer.warning,
        )
