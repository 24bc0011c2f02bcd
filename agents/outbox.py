"""Facts as Kafka records: where they go, under which key, with which headers."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from inventory.facts import Origin, Saying
from schemas import topics
from schemas.errors import RejectedReading
from schemas.facts import (
    TOPIC_OF,
    Alert,
    BudgetEntry,
    BudgetStatus,
    DeadLetter,
    DemandCluster,
    DemandForecast,
    DemandQuality,
    Fact,
    OverrideScore,
    PolicyPromotion,
    RecordAccuracy,
    Reorder,
    ShadowLedger,
    SizeCurve,
    StockBelief,
    StockLevel,
    StockMovement,
    StockSurplus,
    SupplierScorecard,
    Task,
    Transfer,
    TransferOutcome,
)
from streams.publisher import Outgoing, partition_of
from streams.settings import BrokerSettings

Headers = list[tuple[str, str | bytes | None]]
LEDGER_PARTITION = 0
_ENCODER = msgspec.json.Encoder()


class Outbox:
    """Turns facts into records of the right topic and partition."""

    def __init__(self, broker: BrokerSettings, partitions: Mapping[str, int]) -> None:
        """``partitions`` is the partition count of each topic by its name on the broker."""
        self._broker = broker
        self._partitions = partitions

    def records(self, facts: Sequence[Fact], log_partition: int) -> list[Outgoing]:
        """The records of what one log message made us say: all its movements in one, every other fact alone."""
        movements = [fact for fact in facts if isinstance(fact, StockMovement)]
        records = [self.record(fact) for fact in facts if not isinstance(fact, StockMovement)]
        if movements:
            topic = self._broker.name(topics.STOCK_MOVEMENTS)
            partition = log_partition % self._partitions[topic]
            records.append(Outgoing(topic, _ENCODER.encode(movements), str(log_partition).encode(), partition))
        return records

    def dead_letter(self, letter: DeadLetter) -> Outgoing:
        """The record of one dead letter."""
        return self.record(letter)

    def record(self, fact: Fact) -> Outgoing:
        """The record of one fact that is no movement."""
        topic = self._broker.name(TOPIC_OF[type(fact)])
        key = _KEYS[type(fact)](fact)
        one_order = isinstance(fact, BudgetEntry)  # whoever reads the ledger has to read all of it
        partition = LEDGER_PARTITION if one_order else partition_of(key, self._partitions[topic])
        return Outgoing(topic, _ENCODER.encode(fact), key.encode(), partition, _headers(fact))


def dead_letter(
    rejected: RejectedReading, origin: Origin, topic: str, raw: bytes, raw_key: bytes | None, recorded_at: datetime
) -> DeadLetter:
    """The dead letter of a rejection: one distinct id per bad input, the raw bytes whole."""
    value = "" if rejected.value is None else _printable(str(rejected.value))
    message, field = _printable(rejected.message), _printable(rejected.field)
    fact_id = Saying(origin).new_id("dead-letter", rejected.reason, field, value, message)
    return DeadLetter(
        fact_id=fact_id,
        occurred_at=recorded_at,
        reason=rejected.reason,
        message=message,
        topic=topic,
        partition=origin.partition,
        offset=origin.offset,
        field=field,
        value=value[:500],
        units=rejected.units,
        raw=base64.b64encode(raw).decode(),
        raw_key=base64.b64encode(raw_key or b"").decode(),
        recorded_at=recorded_at,
    )


def _printable(text: str) -> str:
    """Half characters (lone surrogates) cannot be written as UTF-8; the raw bytes keep them."""
    return text.encode(errors="replace").decode()


_KEYS: dict[type[Fact], Any] = {
    StockLevel: lambda fact: f"{fact.location}|{fact.sku}",
    StockBelief: lambda fact: f"{fact.location}|{fact.sku}",
    RecordAccuracy: lambda fact: fact.location,
    StockSurplus: lambda fact: f"{fact.location}|{fact.sku}",
    DemandQuality: lambda fact: fact.location,
    DemandCluster: lambda fact: fact.location,
    OverrideScore: lambda fact: f"{fact.location}|{fact.sku}",
    SizeCurve: lambda fact: fact.location,
    SupplierScorecard: lambda fact: f"{fact.supplier}|{fact.location}",
    DemandForecast: lambda fact: f"{fact.location}|{fact.sku}",
    BudgetEntry: lambda fact: f"{fact.order_id}|{fact.release}",
    BudgetStatus: lambda fact: fact.budget,
    Reorder: lambda fact: f"{fact.location}|{fact.sku}",
    Transfer: lambda fact: f"{fact.destination}|{fact.sku}",
    TransferOutcome: lambda fact: f"{fact.destination}|{fact.sku}",
    ShadowLedger: lambda fact: fact.location,
    PolicyPromotion: lambda fact: f"{fact.log_partition}|{fact.currency}",
    Task: lambda fact: f"{fact.location}|{fact.sku}",
    Alert: lambda fact: fact.fingerprint,
    DeadLetter: lambda fact: fact.fact_id,
}
EVENT_TYPES: dict[type[Fact], str] = {
    Reorder: "restockd.reorder.v1",
    Transfer: "restockd.transfer.v1",
    Alert: "restockd.alert.v1",
    Task: "restockd.task.v1",
    DeadLetter: "restockd.dead_letter.v1",
}


def _headers(fact: Fact) -> Headers | None:
    """CloudEvents 1.0 headers (binary mode) for what other systems subscribe to."""
    event_type = EVENT_TYPES.get(type(fact))
    if event_type is None:
        return None
    headers: Headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", fact.fact_id),
        ("ce_source", "restockd"),
        ("ce_type", event_type),
        ("ce_time", fact.occurred_at.isoformat()),
        ("ce_subject", _KEYS[type(fact)](fact)),
        ("content-type", "application/json"),
    ]
    if isinstance(fact, Reorder | Transfer):
        headers.append(("idempotency-key", fact.idempotency_key))
    return headers
