"""A log partition in memory: messages are written, folded, and can be folded again."""

import itertools
from typing import Any, TypeVar

import msgspec

from inventory import fold, state
from inventory.facts import origin_of
from inventory.state import LocationStock, PartitionState
from schemas import observations as log
from schemas.facts import Fact
from schemas.observations import Entry, Observation, ObservationBatch, Source

DAY = 86_400_000
HOUR = 3_600_000
START = 1_700_006_400_000  # midnight UTC, 15 November 2023
RECORDED = 1_750_000_000_000  # some other time: when the broker got it

F = TypeVar("F")


class Log:
    """Tells one partition what happens, one message per ``tell``, and keeps the facts."""

    def __init__(self, partition: int = 0, topic_id: str = "log") -> None:
        self.state = PartitionState(partition)
        self.facts: list[Fact] = []
        self.messages: list[bytes] = []
        self._topic_id = topic_id
        self._keys = itertools.count(1_000)

    def tell(self, *observations: Observation, recorded_at_ms: int = RECORDED) -> list[Fact]:
        """One message with one entry."""
        at = self.state.core.sources.get("test|0", -1)
        entry = Entry(at + 1, recorded_at_ms, observations)
        return self.append(ObservationBatch(log.VERSION, Source("test", 0, at, at + 1, at + 1), (entry,)))

    def append(self, batch: ObservationBatch) -> list[Fact]:
        """One message, through its bytes."""
        value = log.encode(batch)
        offset = self.state.core.applied + 1
        facts = fold.step(self.state, log.decode(value), origin_of(self._topic_id, self.state.partition, offset, value))
        self.messages.append(value)
        self.facts += facts
        return facts

    def at(self, location: str = "paris", sku: str = "jeans-32") -> LocationStock:
        return self.state.skus[sku].locations[location]

    def said(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def key(self) -> int:
        return next(self._keys)

    def sale(self, quantity: int = 1, at_ms: int = START, location: str = "paris", **more: Any) -> log.SaleMade:
        return self._make(log.SaleMade, at_ms, location, more, line_type="sale", quantity=quantity)

    def moved(
        self, reason: str, quantity: int, at_ms: int = START, location: str = "paris", **more: Any
    ) -> log.QuantityMoved:
        return self._make(log.QuantityMoved, at_ms, location, more, reason=reason, quantity=quantity)

    def measured(
        self, source: str, quantity: int, at_ms: int = START - HOUR, location: str = "paris", **more: Any
    ) -> log.QuantityMeasured:
        return self._make(log.QuantityMeasured, at_ms, location, more, source=source, quantity=quantity)

    def supplied(
        self, status: str, quantity: int, at_ms: int = START, location: str = "paris", **more: Any
    ) -> log.Supplied:
        return self._make(log.Supplied, at_ms, location, more, status=status, quantity=quantity)

    def reserved(self, quantity: int, at_ms: int = START, location: str = "paris", **more: Any) -> log.StockReserved:
        return self._make(log.StockReserved, at_ms, location, more, quantity=quantity)

    def _make(self, kind: Any, at_ms: int, location: str, more: dict[str, Any], **fields: Any) -> Any:
        named = {"key": more.pop("key", None) or self.key(), "sku": "jeans-32", "style": "jeans"}
        return kind(**{**named, "location": location, "occurred_at_ms": at_ms, **fields, **more})


def fold_all(
    messages: list[bytes], *, store_after: frozenset[int] = frozenset(), partition: int = 0
) -> tuple[str, list[bytes]]:
    """Digest and every fact's bytes; after the messages in ``store_after`` the state is stored and read again."""
    present = PartitionState(partition)
    chunks: dict[str, bytes] = {}
    said: list[bytes] = []
    for offset, value in enumerate(messages):
        origin = origin_of("log", partition, offset, value)
        said += map(msgspec.json.encode, fold.step(present, log.decode(value), origin))
        if offset in store_after:
            chunks.update(state.encode_changed(present))
            present = state.decode(partition, chunks)
    return state.digest(present), said
