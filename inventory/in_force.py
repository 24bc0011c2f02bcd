"""The rules that decide orders: those of the log, or with the policy of a shadow that was promoted."""

from functools import lru_cache

import msgspec

from inventory.rules import Rules
from inventory.state import PartitionState
from schemas.observations import ItemDefined


def rules_for(state: PartitionState, item: ItemDefined) -> Rules:
    """What orders of an item are decided by."""
    trial = state.shadow.trials.get(item.currency)
    return with_shadow(state.core.rules) if trial is not None and trial.promoted else state.core.rules


@lru_cache(maxsize=8)
def with_shadow(rules: Rules) -> Rules:
    """The same with the policy of the shadow and its numbers; its version says so."""
    return msgspec.structs.replace(
        rules,
        version=f"{rules.version}+shadow",
        policy=rules.shadow_policy,
        cycle_service_level=rules.shadow_service_level,
        order_cover_days=rules.shadow_order_cover_days,
        fill_rate=rules.shadow_fill_rate,
    )
