"""The fold: one message of the observations log in, a changed state and facts out.

Deterministic and blind to how messages are batched: ``step`` handles exactly one
message, and everything it says depends on the state and that message alone.
A message (or a part of one) that was handled before changes and says nothing.
"""

from inventory import answers, devices, evidence, forecasting, movements, reference, ticks
from inventory.decisions import decide_all
from inventory.facts import Origin, Saying
from inventory.forecasting import tells_sales
from inventory.state import PartitionState
from inventory.turn import Turn
from schemas.errors import BrokenLog
from schemas.facts import Fact
from schemas.observations import (
    VERSION,
    ApprovalGiven,
    BudgetDefined,
    DeviceReported,
    Entry,
    ItemDefined,
    ItemsSeen,
    LaneDefined,
    LocationDefined,
    Observation,
    ObservationBatch,
    OfferDefined,
    OrderAcknowledged,
    QuantityMeasured,
    QuantityMoved,
    RulesChanged,
    SaleMade,
    Signal,
    StockReserved,
    Supplied,
    SupplierDefined,
    Tick,
)

_HANDLERS = {
    SaleMade: movements.sale,
    QuantityMoved: movements.moved,
    QuantityMeasured: evidence.measured,
    Supplied: movements.supplied,
    StockReserved: movements.reserved,
    ItemsSeen: evidence.seen,
    DeviceReported: devices.reported,
    Signal: forecasting.told,
    Tick: ticks.tick,
    OrderAcknowledged: answers.acknowledged,
    ApprovalGiven: answers.approved,
    ItemDefined: reference.item,
    LocationDefined: reference.location,
    SupplierDefined: reference.supplier,
    LaneDefined: reference.lane,
    OfferDefined: reference.offer,
    BudgetDefined: reference.budget,
    RulesChanged: reference.rules,
}


def step(state: PartitionState, batch: ObservationBatch, origin: Origin) -> list[Fact]:
    """Apply one log message to ``state`` (in place) and return what follows from it.

    Raises ``BrokenLog`` if the message does not continue the log or its source
    without a hole; the state is unchanged then.
    """
    _check(state, batch, origin)
    new = _new_entries(state, batch)
    state.core.applied = origin.offset
    if new is None:
        _note_more(state, batch, more=batch.source.more and batch.source.last == batch.source.previous)
        return []
    turn = Turn(state, Saying(origin))
    _note_more(state, batch, more=tells_sales(_source_key(batch)))  # the rest of this message, for a start
    for entry in new:
        _apply(turn, entry, batch.source.topic, batch.source.partition)
    if _note_more(state, batch, more=batch.source.more):
        ticks.learn_days(turn)
    decide_all(turn)
    return turn.saying.facts


def _check(state: PartitionState, batch: ObservationBatch, origin: Origin) -> None:
    if batch.version != VERSION:
        raise BrokenLog(f"observations[{origin.partition}]@{origin.offset} has version {batch.version}, not {VERSION}")
    if origin.offset != state.core.applied + 1:
        raise BrokenLog(f"observations[{origin.partition}]: expected {state.core.applied + 1}, got {origin.offset}")
    source = batch.source
    last = state.core.sources.get(_source_key(batch), -1)
    if source.previous > last:
        raise BrokenLog(
            f"observations[{origin.partition}]@{origin.offset}: {source.topic}[{source.partition}] continues after "
            f"offset {source.previous}, but only {last} has arrived: a message of the intake is missing"
        )


def _new_entries(state: PartitionState, batch: ObservationBatch) -> list[Entry] | None:
    """The entries not applied before; None if the whole message was."""
    key = _source_key(batch)
    last = state.core.sources.get(key, -1)
    if batch.source.last <= last:
        return None
    state.core.sources[key] = batch.source.last
    return [entry for entry in batch.entries if entry.offset > last]


def _source_key(batch: ObservationBatch) -> str:
    return f"{batch.source.topic}|{batch.source.partition}"


def _note_more(state: PartitionState, batch: ObservationBatch, *, more: bool) -> bool:
    """Note whether more of the message's source waits to be read; whether it did and does no longer."""
    key, behind = _source_key(batch), state.core.behind
    if more == (key in behind):
        return False
    state.core.behind = sorted({*behind, key} if more else {*behind} - {key})
    return not more


def _apply(turn: Turn, entry: Entry, topic: str, partition: int) -> None:
    turn.source = f"{topic}|{partition}"
    turn.saying.recorded_at_ms = entry.recorded_at_ms
    for ordinal, observation in enumerate(entry.observations):
        turn.saying.occurred_at_ms = _time_of(observation) or turn.reached()
        turn.cause = f"{turn.source}|{entry.offset}|{ordinal}"
        _handle(turn, observation)


def _time_of(observation: Observation) -> int:
    """When it happened, in event time; 0 where nobody said."""
    return observation.at_ms if isinstance(observation, Tick) else observation.occurred_at_ms


def _handle(turn: Turn, observation: Observation) -> None:
    _HANDLERS[type(observation)](turn, observation)  # type: ignore[operator]  # one handler per class, by the table
