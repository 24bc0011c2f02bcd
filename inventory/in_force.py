"""The rules that decide orders: those of the log, or with the policy of a shadow that was promoted."""

from inventory.rules import Rules, candidates
from inventory.state import PartitionState
from schemas.observations import ItemDefined


def rules_for(state: PartitionState, item: ItemDefined) -> Rules:
    """What orders of an item are decided by."""
    trial = state.shadow.trials.get(item.currency)
    return state.core.rules if trial is None else candidates(state.core.rules)[trial.in_force]
