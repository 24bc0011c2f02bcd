"""Sending records and waiting until the broker has them.

confluent-kafka's producer with idempotence and acks from all replicas. Keys are
spread with Java's murmur2, as every JVM client does; librdkafka's own default
is another hash, and a style would have two owners (DESIGN.md, law 5).
"""

import asyncio
import threading
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka.partitioner import murmur2
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.errors import Unavailable
from streams.backlog import Backlog
from streams.settings import BrokerSettings

DELIVERY_TIMEOUT_SECONDS = 60.0


class Outgoing(NamedTuple):
    """A record to send; ``partition`` None = by key, and by nothing if there is no key."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: list[tuple[str, str | bytes | None]] | None = None


def partition_of(key: str, partitions: int) -> int:
    """The partition Java's default partitioner gives ``key``."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


class _Delivery:
    """Counts down the acknowledgements of one ``publish`` call."""

    def __init__(self, expected: int, done: "asyncio.Future[list[int]]", backlog: Backlog) -> None:
        self._left = expected
        self._offsets: list[int] = []
        self._stored: list[tuple[str, int, int, int]] = []
        self._backlog = backlog
        self._error: KafkaError | None = None
        self._done = done
        self._loop = done.get_loop()

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self._left -= 1
        self._error = self._error or error
        if error is None:
            self._note(message)
        if self._left == 0 and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._finish)

    def _note(self, message: Message) -> None:
        offset = message.offset() or 0
        self._offsets.append(offset)
        if self._backlog.bounded:
            size = len(message.value() or b"")
            self._stored.append((message.topic() or "", message.partition() or 0, offset, size))

    def _finish(self) -> None:
        for stored in self._stored:
            self._backlog.sent(*stored)
        if self._done.done():
            return
        if self._error is None:
            self._done.set_result(self._offsets)
        else:
            self._done.set_exception(Unavailable("Kafka", f"a record was not accepted: {self._error.str()}"))


class Publisher:
    """A producer for coroutines: ``await publish(records)`` returns when all are stored.

    Raises ``Unavailable`` when the broker has not taken a record within
    ``DELIVERY_TIMEOUT_SECONDS``; some of the records may be stored then.
    """

    def __init__(self, broker: BrokerSettings, backlog: Backlog | None = None, *, linger_ms: float = 1.0) -> None:
        """``backlog`` holds sending back where the broker holds little; None never waits."""
        self._backlog = backlog or Backlog(None)
        self._producer = Producer(
            broker.client(
                {
                    "acks": "all",
                    "enable.idempotence": True,
                    "partitioner": "murmur2_random",
                    "compression.type": "lz4",
                    "linger.ms": linger_ms,
                    "delivery.timeout.ms": int(DELIVERY_TIMEOUT_SECONDS * 1000),
                    "queue.buffering.max.messages": 500_000,
                    "message.max.bytes": 8 << 20,
                    "log_level": 3,
                }
            )
        )
        self._closing = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="publisher-poll", daemon=True)
        self._poller.start()

    async def publish(self, records: Sequence[Outgoing]) -> list[int]:
        """Send all of ``records``, in order per partition; returns once every one is stored.

        The offsets come back in the order of acknowledgement.
        """
        if not records:
            return []
        for topic, partition in {(record.topic, record.partition or 0) for record in records}:
            await self._backlog.room(topic, partition)
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        delivery = _Delivery(len(records), done, self._backlog)
        for record in records:
            await self._enqueue(record, delivery)
        return await done

    async def _enqueue(self, record: Outgoing, delivery: _Delivery) -> None:
        while True:
            try:
                self._produce(record, delivery)
                return
            except BufferError:
                await asyncio.sleep(0.01)
            except KafkaException as error:
                raise Unavailable("Kafka", f"cannot send to {record.topic}: {error}") from error

    def _produce(self, record: Outgoing, delivery: _Delivery) -> None:
        partition = -1 if record.partition is None else record.partition
        self._producer.produce(
            record.topic,
            value=record.value,
            key=record.key,
            partition=partition,
            headers=record.headers,
            on_delivery=delivery,
        )

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(0.1)

    def close(self) -> None:
        """Flush what is queued and end the polling thread."""
        self._producer.flush(DELIVERY_TIMEOUT_SECONDS)
        self._closing.set()
        self._poller.join(timeout=1.0)
