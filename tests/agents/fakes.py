"""Stand-ins for what is around the intake: a broker that keeps what it is given, reference data at hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.intake import Intake
from agents.outbox import Outbox
from schemas import topics
from schemas.catalogue import Catalogue
from schemas.observations import ObservationBatch, decode
from schemas.readings.registry import all_formats
from schemas.reference import Item, Location
from streams.batches import FetchedBatch
from streams.cluster import TopicIdentity
from streams.publisher import Outgoing
from streams.settings import BrokerSettings

PARTITIONS = 3
LOG = TopicIdentity("observations", "log-id", PARTITIONS)
NOON_MS = 1_700_049_600_000  # 15 November 2023, 12:00 UTC
STYLES = {"jeans-32": "jeans", "shirt-m": "shirt", "coat-l": "coat"}
BROKER = BrokerSettings("nowhere:9092")
OUTBOX = Outbox(BROKER, {topic.name: 2 for topic in topics.FACTS})


@dataclass
class FakeRecord:
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class FakePublisher:
    """Keeps every record; fails once where it is told to, after storing ``stored_before_failing`` records."""

    def __init__(self) -> None:
        self.calls: list[list[Outgoing]] = []
        self.stored_before_failing: int | None = None

    async def publish(self, records: Sequence[Outgoing]) -> list[int]:
        if self.stored_before_failing is not None and records:
            self.calls.append(list(records[: self.stored_before_failing]))
            self.stored_before_failing = None
            raise ConnectionError("the broker went away")
        self.calls.append(list(records))
        return list(range(len(records)))

    @property
    def sent(self) -> list[Outgoing]:
        return [record for call in self.calls for record in call]

    def messages(self, partition: int) -> list[bytes]:
        """The log messages of one partition, in order."""
        return [record.value for record in self.sent if record.topic == LOG.name and record.partition == partition]

    def batches(self, partition: int) -> list[ObservationBatch]:
        return [decode(value) for value in self.messages(partition)]

    def dead(self) -> list[dict[str, Any]]:
        return [json.loads(record.value) for record in self.sent if record.topic == "dead.letters"]


class FakeFeed:
    """Reference data that knows more after ``catch_up``."""

    def __init__(self, *, knows: Sequence[str] = tuple(STYLES), learns: Sequence[str] = ()) -> None:
        self.catalogue = Catalogue()
        self.catalogue.add(Location(location="paris", kind="store"))
        self.catch_ups = 0
        self._learns = learns
        for sku in knows:
            self.catalogue.add(Item(sku=sku, style=STYLES[sku]))

    async def catch_up(self) -> None:
        self.catch_ups += 1
        for sku in self._learns:
            self.catalogue.add(Item(sku=sku, style=STYLES[sku]))


def receipt(number: int, sku: str = "jeans-32", *, at_ms: int = NOON_MS, quantity: Any = 1) -> bytes:
    """An ERP receipt of one unit."""
    at = datetime.fromtimestamp(at_ms / 1000, tz=UTC).isoformat()
    movement = {"movement_id": f"m{number}", "type": "receipt", "location": "paris", "item_id": sku}
    return json.dumps({**movement, "quantity": quantity, "occurred_at": at}).encode()


def fetched(
    start: int, *values: bytes, topic: str = "readings.erp", more: bool = False, key: bytes | None = b"paris"
) -> FetchedBatch:
    records = tuple(FakeRecord(start + n, NOON_MS + 1_000, key, value) for n, value in enumerate(values))
    return FetchedBatch(topic, 0, start, start + len(values), records, more)


def intake(
    publisher: FakePublisher, feed: FakeFeed, *, source_id: str = "source-id", topic: str = "readings.erp"
) -> Intake:
    source = TopicIdentity(topic, source_id, 1)
    return Intake(all_formats()[topic], source, LOG, feed, publisher, OUTBOX, 3_600.0)  # type: ignore[arg-type]
