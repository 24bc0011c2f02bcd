"""Sending readings from outside a worker: simulators and replays.

On the embedded broker the sender waits for the worker, so that nothing is
dropped; on a real Kafka it goes as fast as the broker takes it.
"""

import time
from collections import defaultdict, deque
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, Message, Producer

from schemas.errors import Unavailable
from schemas.topics import Topic
from streams.backlog import EMBEDDED_LIMIT_BYTES
from streams.cluster import Cluster
from streams.publisher import partition_of
from streams.settings import BrokerSettings

_FLUSH_SECONDS = 60.0
_POLL_SECONDS = 0.02
_STALL_SECONDS = 120.0


class Sender:
    """Sends records keyed by device or store; ``flush`` returns once all are stored."""

    def __init__(self, broker: BrokerSettings, cluster: Cluster, group: str, *, linger_ms: float = 5.0) -> None:
        """``group`` is the consumer group that reads what is sent.

        ``linger_ms`` is how long a record may wait for others: the embedded broker
        hands out one sent batch per fetch, so that small batches make it slow.
        """
        self._broker = broker
        self._cluster = cluster
        self._group = group
        self._partitions: dict[str, int] = {}
        self._error: KafkaError | None = None
        self._waiting: dict[tuple[str, int], deque[tuple[int, int]]] = defaultdict(deque)
        self._bytes: dict[tuple[str, int], int] = defaultdict(int)
        self._producer = Producer(
            broker.client(
                {
                    "acks": "all",
                    "enable.idempotence": True,
                    "partitioner": "murmur2_random",
                    "compression.type": "lz4",
                    "linger.ms": linger_ms,
                    "queue.buffering.max.messages": 200_000,
                    "log_level": 2,
                }
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        self._producer.purge()
        self._producer.close()

    def send(self, topic: Topic, key: str, value: bytes) -> None:
        """Queue one record; raises ``Unavailable`` if an earlier one was not taken."""
        name = self._broker.name(topic)
        partition = partition_of(key, self._count(name))
        at = (name, partition)
        self._wait_for_room(at, len(value))
        while True:
            try:
                self._producer.produce(name, value, key=key.encode(), partition=partition, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.1)
        self._producer.poll(0)
        self._raise()

    def flush(self) -> None:
        """Wait until everything sent is stored."""
        if self._producer.flush(_FLUSH_SECONDS):
            raise Unavailable(f"Kafka at {self._broker.address}", "does not take records")
        self._raise()

    def _count(self, name: str) -> int:
        if name not in self._partitions:
            self._partitions[name] = self._cluster.partitions(name)
        return self._partitions[name]

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._error = self._error or error
        elif self._broker.embedded:
            at = (message.topic() or "", message.partition() or 0)
            self._waiting[at].append((message.offset() or 0, len(message.value() or b"")))

    def _raise(self) -> None:
        if self._error is not None:
            raise Unavailable(f"Kafka at {self._broker.address}", f"a record was not taken ({self._error.str()})")

    def _wait_for_room(self, at: tuple[str, int], size: int) -> None:
        if not self._broker.embedded:
            return
        deadline = time.monotonic() + _STALL_SECONDS
        while self._bytes[at] and self._bytes[at] + size > EMBEDDED_LIMIT_BYTES:
            self._producer.flush(_FLUSH_SECONDS)
            if not self._free(at):
                if time.monotonic() > deadline:
                    raise Unavailable("the worker", f"has read nothing of {at[0]} for {_STALL_SECONDS:.0f} s")
                time.sleep(_POLL_SECONDS)
        self._bytes[at] += size

    def _free(self, at: tuple[str, int]) -> bool:
        committed = self._cluster.committed(self._group, [at]).get(at, 0)
        freed = False
        while self._waiting[at] and self._waiting[at][0][0] < committed:
            self._bytes[at] -= self._waiting[at].popleft()[1]
            freed = True
        return freed
