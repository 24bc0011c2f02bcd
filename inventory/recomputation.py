"""Saying again, from the log alone, what was said of one order.

The fold is deterministic: the same messages from the same state say the same facts
with the same ids (DESIGN.md, law 1). What is said again is compared field by field.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from inventory import fold
from inventory.facts import origin_of
from inventory.outlook import demand_of, explain, quantiles_of
from inventory.state import PartitionState
from schemas import observations
from schemas.errors import BrokenLog
from schemas.facts import Reorder, Transfer

Decision = Reorder | Transfer


class Forecast(msgspec.Struct, frozen=True):
    """Demand that a decision counted with, over ``interval_days``.

    ``quantiles`` are by the probability that is to be covered; ``base_units`` times the
    ``factors`` is ``mean_units``.
    """

    model: str
    interval_days: int
    days_observed: int
    mean_units: float
    quantiles: dict[str, int]
    base_units: float
    factors: dict[str, float]


class Recomputed(NamedTuple):
    """A decision as the log has it said, and the forecast it was made with."""

    decision: Decision
    forecast: Forecast


class Difference(msgspec.Struct, frozen=True):
    """A field that is not what the log gives, by its path."""

    field: str
    said: Any
    recomputed: Any


def recompute(
    state: PartitionState, topic_id: str, messages: Iterable[tuple[int, bytes]], order_id: str
) -> Iterator[Recomputed]:
    """Fold ``messages`` (offset and bytes, in order) into ``state``; yields every state of the order.

    Raises ``BrokenLog`` where a message is missing or is none. The state is changed.
    """
    for offset, value in messages:
        origin = origin_of(topic_id, state.partition, offset, value)
        try:
            batch = observations.decode(value)
        except msgspec.DecodeError as error:
            raise BrokenLog(f"partition {state.partition}@{offset} of the log is not a log message: {error}") from error
        for fact in fold.step(state, batch, origin):
            if isinstance(fact, Reorder | Transfer) and fact.order_id == order_id:
                yield Recomputed(fact, _forecast(state, fact))


def differences(said: Decision, recomputed: Decision) -> list[Difference]:
    """Fields whose values are not the same to the last bit; none where the facts' bytes are equal.

    The order of names in a map does not count.
    """
    before, after = (_flat(msgspec.to_builtins(fact)) for fact in (said, recomputed))
    names = [*before, *(name for name in after if name not in before)]
    pairs = [(name, before.get(name), after.get(name)) for name in names]
    return [Difference(*pair) for pair in pairs if _bytes(pair[1]) != _bytes(pair[2])]


def _bytes(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _flat(fields: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Maps within maps by the path of their names."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{path}{name}.")
        else:
            flat[path + name] = value
    return flat


def _forecast(state: PartitionState, decision: Decision) -> Forecast:
    """Of the location that gets the goods. It does not change within a message once its days are learned."""
    location = decision.location if isinstance(decision, Reorder) else decision.destination
    sku = state.skus[decision.sku]
    demand = demand_of(state, sku, location, sku.locations[location])
    mean = demand.mean_units
    base, contributions = explain(state, demand)
    return Forecast(
        demand.model,
        demand.interval_days,
        demand.days_observed,
        mean,
        quantiles_of(state, demand),
        math.exp(base) if mean > 0.0 else 0.0,
        {name: math.exp(added) for name, added in contributions.items()},
    )
