"""Keeping an intake worker's catalogue up to the reference topics.

Reference data is read by every worker, whole. A reading that names something
unknown is not rejected before the feed has read everything that was there when
it came: reference data sent before a reading is always seen before it.
"""

import asyncio
import threading
from collections.abc import Sequence

import structlog
from confluent_kafka import Consumer, Message, TopicPartition

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading, Unavailable
from schemas.readings.reference import under_its_key
from schemas.readings.registry import all_formats
from schemas.topics import Topic
from streams.cluster import Cluster
from streams.settings import BrokerSettings

LOOKED_UP = (topics.ITEMS, topics.LOCATIONS, topics.DEVICES, topics.TAGS)
_STALL_SECONDS = 30.0
_AT_ONCE = 5_000
_log = structlog.get_logger("restockd.catalogue")


class CatalogueFeed:
    """Reads reference topics from their beginning into ``catalogue``; those that intake looks up, or others."""

    def __init__(
        self, broker: BrokerSettings, cluster: Cluster, catalogue: Catalogue, read: Sequence[Topic] = LOOKED_UP
    ) -> None:
        self.catalogue = catalogue
        self._cluster = cluster
        self._formats = {broker.name(topic): all_formats()[topic.name] for topic in read}
        self._next: dict[tuple[str, int], int] = {}
        self._lock, self._in_use = asyncio.Lock(), threading.Lock()
        self._consumer = Consumer(
            broker.client(
                {
                    "group.id": broker.group("catalogue"),
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "fetch.queue.backoff.ms": 10,
                    "fetch.wait.max.ms": 50,
                    "log_level": 2,
                }
            )
        )

    async def start(self) -> None:
        """Read everything there is."""
        positions = []
        for name in self._formats:
            for partition in range(await asyncio.to_thread(self._cluster.partitions, name)):
                low, _ = await asyncio.to_thread(self._cluster.bounds, name, partition)
                self._next[(name, partition)] = low
                positions.append(TopicPartition(name, partition, low))
        self._consumer.assign(positions)
        await self.catch_up()

    async def catch_up(self) -> None:
        """Read up to what is in the reference topics at this moment."""
        async with self._lock:
            ends = await asyncio.to_thread(self._ends)
            quiet = 0.0
            while any(self._next[at] < end for at, end in ends.items()):
                quiet = 0.0 if await self._read(0.05) else quiet + 0.05
                if quiet > _STALL_SECONDS:
                    raise Unavailable("Kafka", "the reference topics cannot be read to their end")

    async def follow(self) -> None:
        """Read what is there, for changes of what is known already."""
        async with self._lock:
            await self._read(0.0)

    async def close(self) -> None:
        """Close the consumer once nobody reads from it."""
        async with self._lock:
            await asyncio.to_thread(self._close)

    def _ends(self) -> dict[tuple[str, int], int]:
        return {at: self._cluster.bounds(*at)[1] for at in self._next}

    def _close(self) -> None:
        with self._in_use:
            self._consumer.close()

    def _consume(self, timeout_seconds: float) -> list[Message]:
        """In a thread, which goes on when whoever waits for it is cancelled."""
        with self._in_use:
            return self._consumer.consume(_AT_ONCE, timeout_seconds)

    async def _read(self, timeout_seconds: float) -> bool:
        messages = await asyncio.to_thread(self._consume, timeout_seconds)
        for message in messages:
            if message.error() is None:
                topic, partition = message.topic() or "", message.partition() or 0
                self._next[(topic, partition)] = (message.offset() or 0) + 1
                self._add(topic, message.key(), message.value())
        return bool(messages)

    def _add(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Take in one record; a bad one is dead-lettered by the topic's intake agent, not here."""
        read = self._formats[topic]
        if not value:
            self.catalogue.withdraw(read.topic.name, (key or b"").decode(errors="replace"))
            return
        record = under_its_key(read.decode([value])[0], key)
        if isinstance(record, RejectedReading):
            return
        try:
            self.catalogue.add(record)
        except RejectedReading as rejected:
            _log.warning("reference record refused", topic=topic, problem=rejected.message)
