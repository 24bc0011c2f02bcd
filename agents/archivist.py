"""The archivist: facts and reference data into ClickHouse, in batches, idempotently.

It has a consumer of its own, so that a ClickHouse that is down holds back the
archive and never an order. While it is down nothing is committed, and the same
records are written when it answers again.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from agents import metrics
from agents.gathering import Commits, Gathered, GatheringSink
from agents.outbox import Outbox, dead_letter
from inventory.facts import origin_of
from schemas import topics
from schemas.errors import RejectedReading, Unavailable
from schemas.facts import utc
from schemas.readings.reference import ReferenceFormat, under_its_key
from schemas.topics import Topic
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.rows import Batch, Record, Rejected
from streams.backlog import Backlog
from streams.batches import FetchedBatch
from streams.cluster import TopicIdentity
from streams.publisher import Publisher

T = TypeVar("T")

_REFERENCE = {topic.name: ReferenceFormat(topic) for topic in topics.REFERENCE}
ARCHIVED = (*topics.FACTS, topics.ITEMS, topics.LOCATIONS)
MAX_ROWS = 50_000
_RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
_log = structlog.get_logger("restockd.archivist")


class Archivist(GatheringSink):
    """Gathers fetched batches and writes them together."""

    def __init__(
        self,
        archive: Archive,
        identities: dict[Topic, TopicIdentity],
        publisher: Publisher,
        outbox: Outbox,
        backlog: Backlog,
        gather_seconds: float = 0.5,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_wait`` is called each time ClickHouse was asked in vain and is asked again later."""
        super().__init__(Gathered(identities, gone="facts are gone that were never archived", max_records=MAX_ROWS))
        self._on_wait = on_wait
        self._archive = archive
        self._publisher = publisher
        self._outbox = outbox
        self._backlog = backlog
        self.gather_seconds = gather_seconds

    async def open(self) -> None:
        """Create or upgrade the tables; waits for ClickHouse as long as it takes."""
        await self._persist(self._archive.open)

    async def write(self) -> Commits:
        """Write what is gathered; returns what may be committed now, with its metadata."""
        batches = self._gathered.all()
        if not batches:
            return {}
        sent = [self._as_batch(batch) for batch in batches]
        written = await self._persist(lambda: self._archive.write_many(sent))
        await self._bury(written.rejected)
        for batch in batches:
            self._backlog.handled(batch.topic, batch.partition, batch.end)
            metrics.ROWS.labels(self._gathered.topics[batch.topic].name).inc(len(batch.records))
        return {(batch.topic, batch.partition): (batch.end, self._gathered.ids[batch.topic]) for batch in batches}

    def _as_batch(self, batch: FetchedBatch) -> Batch:
        records = [Record(r.offset, r.timestamp, r.key, r.value or b"") for r in batch.records]
        return Batch(self._gathered.topics[batch.topic].name, batch.partition, records)

    async def _persist(self, call: Callable[[], T]) -> T:
        """Call ClickHouse until it answers; the consumer is held back meanwhile."""
        attempt = 0
        while True:
            try:
                return await asyncio.to_thread(call)
            except Unavailable as error:
                wait = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                _log.warning("archive waits", problem=str(error), retry_in_seconds=wait)
                self._on_wait()
                await asyncio.sleep(wait)
                attempt += 1

    async def _bury(self, rejected: tuple[Rejected, ...]) -> None:
        """Dead-letter facts no table takes.

        One that is itself a dead letter is only logged, and reference data that intake does not take is told by intake.
        """
        letters = []
        for bad in rejected:
            if bad.topic == topics.DEAD_LETTERS.name:
                _log.error("a dead letter cannot be archived", offset=bad.record.offset, problem=bad.message)
                continue
            if is_told_by_intake(bad):
                continue
            origin = origin_of(bad.topic, bad.partition, bad.record.offset, bad.record.value)
            problem = RejectedReading("not_archivable", f"{bad.reason}: {bad.message}")
            at = utc(bad.record.appended_at_ms)
            letters.append(dead_letter(problem, origin, bad.topic, bad.record.value, bad.record.key, at))
        await self._publisher.publish([self._outbox.dead_letter(letter) for letter in letters])


def is_told_by_intake(bad: Rejected) -> bool:
    """Whether it is reference data with which intake finds fault as well, and names it by field and value."""
    known = _REFERENCE.get(bad.topic)
    if known is None:
        return False
    return isinstance(under_its_key(known.decode([bad.record.value])[0], bad.record.key), RejectedReading)
