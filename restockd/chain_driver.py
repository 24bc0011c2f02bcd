"""Driving a simulated chain in real time: its readings to the broker, our orders back to it."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import orjson
from confluent_kafka import Consumer, TopicPartition

from schemas import topics
from simulators.chain import Chain
from simulators.records import Record
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings

STEP_SECONDS = 0.1
PAST_DAYS = 90


class ChainDriver:
    """A chain whose stores live ``speed`` times faster than the clock on the wall.

    Simulated time starts ``PAST_DAYS`` ago, so that no reading is from the future.
    ``sent`` counts what was sent, by topic; ``reorders`` and ``transfers`` are the ids of those heard of.
    """

    def __init__(self, chain: Chain, broker: BrokerSettings, cluster: Cluster, speed: float) -> None:
        self.chain = chain
        self.sent: Counter[str] = Counter()
        self.reorders: set[str] = set()
        self.transfers: set[str] = set()
        self._speed = speed
        # The embedded broker hands out one sent batch per fetch: what one step sends should be one batch.
        linger_ms = 50.0 if broker.embedded else 5.0
        self._sender = Sender(broker, cluster, broker.group("intake"), linger_ms=linger_ms)
        self._orders = _OrderListener(broker, cluster)
        self._began = 0.0
        self._start_ms = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.close()

    @property
    def simulated_time(self) -> datetime:
        """What time it is in the stores."""
        return datetime.fromtimestamp(self.chain.now_ms / 1000, tz=UTC)

    def start(self) -> None:
        """Send reference data and opening stock."""
        opening = datetime.now(UTC).replace(hour=8, minute=58, second=0, microsecond=0) - timedelta(days=PAST_DAYS)
        self._start_ms = int(opening.timestamp() * 1000)
        self._send(list(self.chain.start(self._start_ms)))
        self._sender.flush()
        self._began = time.monotonic()

    def step(self) -> None:
        """Let the stores live up to now, then wait for the next step."""
        for topic, message in self._orders.heard():
            reorder = topic == topics.REORDERS.name
            (self.reorders if reorder else self.transfers).add(str(message["order_id"]))
            (self.chain.on_reorder if reorder else self.chain.on_transfer)(message)
        elapsed = time.monotonic() - self._began
        limit_ms = int(time.time() * 1000)
        self._send(self.chain.advance(min(self._start_ms + int(elapsed * 1000 * self._speed), limit_ms)))
        behind = time.monotonic() - self._began - elapsed
        time.sleep(max(STEP_SECONDS - behind, 0.0))

    def finish(self) -> None:
        """Send what is still under way and wait until all is stored."""
        self._send(self.chain.flush())
        self._sender.flush()

    def _send(self, records: list[Record]) -> None:
        for record in records:
            self._sender.send(record.topic, record.key, record.value)
            self.sent[record.topic.name] += 1


class _OrderListener:
    """Reads our orders and transfers as an ERP would, from now on."""

    def __init__(self, broker: BrokerSettings, cluster: Cluster) -> None:
        self._names = {broker.name(topic): topic.name for topic in (topics.REORDERS, topics.TRANSFERS)}
        self._consumer = Consumer(
            broker.client({"group.id": broker.group("simulated-erp"), "enable.auto.commit": False, "log_level": 2})
        )
        positions = [(name, partition) for name in self._names for partition in range(cluster.partitions(name))]
        self._consumer.assign([TopicPartition(*at, cluster.bounds(*at)[1]) for at in positions])

    def heard(self) -> list[tuple[str, dict[str, object]]]:
        """Topic and message of everything that came since the last call."""
        messages = self._consumer.consume(500, timeout=0)
        return [
            (self._names[message.topic() or ""], orjson.loads(message.value() or b"{}"))
            for message in messages
            if message.error() is None
        ]

    def close(self) -> None:
        self._consumer.close()
