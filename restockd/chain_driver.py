"""Driving a simulated chain in real time: its readings to the broker, our orders back to it."""

import time
from collections import Counter
from collections.abc import Callable
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
_DAY_MS = 86_400_000
_PARTS_OF_DAY = 2


class ChainDriver:
    """A chain whose stores live ``speed`` times faster than the clock on the wall.

    Simulated time starts ``PAST_DAYS`` ago, so that no reading is from the future, and ``history_days`` before that
    when there is a past to be played first (`pass_days`).
    ``sent`` counts what was sent since ``lived_from``, by topic: the history is left out, and what came of it.
    ``reorders`` and ``transfers`` are the ids of those heard of since.
    """

    def __init__(
        self, chain: Chain, broker: BrokerSettings, cluster: Cluster, speed: float, history_days: int = 0
    ) -> None:
        self.chain = chain
        self.sent: Counter[str] = Counter()
        self.reorders: set[str] = set()
        self.transfers: set[str] = set()
        self._speed = speed
        self.history_days = history_days
        # The embedded broker hands out one sent batch per fetch: what one step sends should be one batch.
        linger_ms = 50.0 if broker.embedded else 5.0
        self._sender = Sender(broker, cluster, broker.group("intake"), linger_ms=linger_ms)
        self._orders = _OrderListener(broker, cluster)
        self._began = 0.0
        self._start_ms = 0
        self.lived_from = datetime.now(UTC)

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

    @property
    def lived_seconds(self) -> float:
        """On our clock since the history ended; 0 before."""
        return time.monotonic() - self._began if self._began else 0.0

    def start(self) -> None:
        """Send reference data and opening stock."""
        opening = datetime.now(UTC).replace(hour=8, minute=58, second=0, microsecond=0) - timedelta(
            days=PAST_DAYS + self.history_days
        )
        self._start_ms = int(opening.timestamp() * 1000)
        self._send(list(self.chain.start(self._start_ms)))
        self._sender.flush()
        if not self.history_days:
            self.live()

    def pass_days(self, caught_up: Callable[[], None], passed: Callable[[int], None]) -> None:
        """Play the history as fast as it is understood; with ``live`` the clock runs on from its end.

        ``caught_up`` returns once what was sent has been decided about, so that a day's orders are
        answered on the next; ``passed`` is told how many days are over. Trading hours and night are sent
        apart: topics are read one by one, and no device is to be a day ahead of the others.
        """
        for day in range(self.history_days):
            self._answer()
            for _ in range(_PARTS_OF_DAY):
                self._start_ms += _DAY_MS // _PARTS_OF_DAY
                self._send(self.chain.advance(self._start_ms))
                self._sender.flush()
                caught_up()
            passed(day + 1)
        self._answer()

    def step(self) -> None:
        """Let the stores live up to now, then wait for the next step."""
        self._answer()
        elapsed = time.monotonic() - self._began
        limit_ms = int(time.time() * 1000)
        self._send(self.chain.advance(min(self._start_ms + int(elapsed * 1000 * self._speed), limit_ms)))
        behind = time.monotonic() - self._began - elapsed
        time.sleep(max(STEP_SECONDS - behind, 0.0))

    def finish(self) -> None:
        """Send what is still under way and wait until all is stored."""
        self._send(self.chain.flush())
        self._sender.flush()

    def live(self) -> None:
        """From here on time passes by our clock, and what is sent counts."""
        self._began, self.lived_from = time.monotonic(), datetime.now(UTC)
        for counted in (self.sent, self.reorders, self.transfers):
            counted.clear()

    def _answer(self) -> None:
        """Hand what was ordered since the last call to the chain."""
        while heard := self._orders.heard():
            for topic, message in heard:
                reorder = topic == topics.REORDERS.name
                (self.reorders if reorder else self.transfers).add(str(message["order_id"]))
                (self.chain.on_reorder if reorder else self.chain.on_transfer)(message)

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
