"""The decision rules in force; a change of them is an observation in the log."""

from collections.abc import Mapping

import msgspec

STATE_VERSION = 1


class Rules(msgspec.Struct, frozen=True):
    """Every number a decision depends on besides the data; defaults hold until the log says otherwise.

    ``cycle_service_level`` is the probability of no stock-out in a replenishment
    cycle; ``order_cover_days`` is how many days of demand an order adds above the
    reorder point; orders worth more than ``approval_limit`` (in the item's
    currency, 0 = no limit) wait for a person.
    """

    version: str = "built-in"
    cycle_service_level: float = 0.95
    demand_half_life_days: float = 28.0
    order_cover_days: float = 7.0
    lead_time_days: float = 7.0
    lead_time_sd_days: float = 2.0
    review_period_days: float = 1.0
    approval_limit: float = 0.0
    deduplication_days: float = 7.0
    count_memory_hours: float = 72.0
    donor_cover_days: float = 14.0


def rules_from(version: str, values: Mapping[str, float | str | bool]) -> Rules:
    """Rules with ``values`` over the defaults; names this version does not know are ignored."""
    known = {name: value for name, value in values.items() if name in Rules.__struct_fields__}
    return msgspec.convert({**known, "version": version}, Rules)
