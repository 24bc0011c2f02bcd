"""Sending records and waiting until the broker has them.

confluent-kafka's producer with idempotence and acks from all replicas. Keys are
spread with Java's murmur2, as every JVM client does; librdkafka's own default
is another hash, and a style would have two owners (DESIGN.md, law 5).
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka.partitioner import murmur2
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.errors import MustStop, RestockdError, Unavailable
from streams.backlog import Backlog
from streams.settings import BrokerSettings

DELIVERY_SECONDS = 60.0
MAX_RECORD_BYTES = 8 << 20


class Outgoing(NamedTuple):
    """A record to send; ``partition`` None = by key, and by nothing if there is no key."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    headers: list[tuple[str, str | bytes | None]] | None = None


@lru_cache(maxsize=1 << 16)
def partition_of(key: str, partitions: int) -> int:
    """The partition Java's default partitioner gives ``key``."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


class _Delivery:
    """Counts down the acknowledgements of one ``publish`` call."""

    def __init__(self, expected: int, done: "asyncio.Future[list[int]]", backlog: Backlog, address: str) -> None:
        self._left = expected
        self._address = address
        self._offsets: list[int] = []
        self._backlog = backlog
        self._error: RestockdError | None = None
        self._done = done
        self._loop = done.get_loop()

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self._left -= 1
        topic, size = message.topic() or "", len(message.value() or b"")
        if error is None:
            self._offsets.append(message.offset() or 0)
        elif self._error is None:
            self._error = _refusal(error, topic, size, self._address)
        if self._backlog.bounds(topic):
            self._later(self._note, topic, message.partition() or 0, None if error else message.offset() or 0, size)
        if self._left == 0:
            self._later(self._finish)

    def _later(self, call: Callable[..., None], *args: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _note(self, topic: str, partition: int, offset: int | None, size: int) -> None:
        if offset is None:
            self._backlog.lost(topic, partition, size)
        else:
            self._backlog.sent(topic, partition, offset, size)

    def _finish(self) -> None:
        if self._done.done():
            return
        if self._error is None:
            self._done.set_result(self._offsets)
        else:
            self._done.set_exception(self._error)


def _refusal(error: KafkaError, topic: str, size: int, address: str) -> RestockdError:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return MustStop(f"{topic}: a record of {size} bytes is too large ({error.str()}). Raise its max.message.bytes")
    return Unavailable(f"Kafka at {address}", f"a record for {topic} was not taken ({error.str()})")


class Publisher:
    """A producer for coroutines: ``await publish(records)`` returns when all are stored.

    Raises ``Unavailable`` when the broker has not taken a record within
    ``delivery_seconds``, and ``MustStop`` for one that it will never take; some of
    the records may be stored then.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        backlog: Backlog | None = None,
        *,
        linger_ms: float = 1.0,
        delivery_seconds: float = DELIVERY_SECONDS,
    ) -> None:
        """``backlog`` holds sending back where the broker holds little; None never waits."""
        self.backlog = backlog or Backlog(None)
        self._address = broker.address
        self._delivery_seconds = delivery_seconds
        self._producer = Producer(
            broker.client(
                {
                    "acks": "all",
                    "enable.idempotence": True,
                    "partitioner": "murmur2_random",
                    "compression.type": "lz4",
                    "linger.ms": linger_ms,
                    "delivery.timeout.ms": int(delivery_seconds * 1000),
                    "queue.buffering.max.messages": 500_000,
                    "message.max.bytes": MAX_RECORD_BYTES,
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
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        delivery = _Delivery(len(records), done, self.backlog, self._address)
        for record in records:
            await self._room(record)
            await self._enqueue(record, delivery)
        return await done

    async def _room(self, record: Outgoing) -> None:
        if self.backlog.bounds(record.topic):
            if record.partition is None:
                raise ValueError(f"a record for {record.topic} must say its partition: producers wait by partition")
            await self.backlog.room(record.topic, record.partition, len(record.value or b""))

    async def _enqueue(self, record: Outgoing, delivery: _Delivery) -> None:
        while True:
            try:
                self._produce(record, delivery)
                return
            except BufferError:
                await asyncio.sleep(0.01)
            except KafkaException as error:
                raise _refusal(error.args[0], record.topic, len(record.value or b""), self._address) from error

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
        """Flush what is queued, end the polling thread and the connections."""
        self._producer.flush(self._delivery_seconds)
        self._closing.set()
        self._poller.join(timeout=1.0)
        # Left to the garbage collector it would go on calling a broker that has gone.
        self._producer.purge()
        self._producer.close()
