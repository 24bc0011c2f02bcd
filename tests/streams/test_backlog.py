"""Producers wait for their consumer where the broker holds little, and never for ever."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from schemas.topics import POS
from streams import sender as sender_module
from streams.backlog import EMBEDDED_LIMIT_BYTES, Backlog
from streams.cluster import Cluster
from streams.publisher import Outgoing, Publisher, partition_of
from streams.sender import Sender
from streams.settings import BrokerSettings

KEEPS_BYTES = 5 << 20
CHUNK = random.Random(1).randbytes(64 << 10)  # does not compress
PER_PARTITION = 4 * KEEPS_BYTES // len(CHUNK)
GROUP = "slow"


class SlowReader(threading.Thread):
    """Reads every partition slowly, commits, and notes the offsets it saw."""

    def __init__(self, broker: BrokerSettings, topic: str, expected: int) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, list[int]] = {partition: [] for partition in range(4)}
        self.handled: Callable[[int, int], object] = max
        self._expected = expected
        self._topic = topic
        self.ending = threading.Event()
        self._consumer = Consumer(
            broker.client({"group.id": GROUP, "auto.offset.reset": "earliest", "enable.auto.commit": False})
        )

    def run(self) -> None:
        """Read until everything expected was seen, or told to end."""
        self._consumer.assign([TopicPartition(self._topic, partition, 0) for partition in self.seen])
        while sum(map(len, self.seen.values())) < self._expected and not self.ending.is_set():
            for message in self._consumer.consume(8, timeout=0.2):
                self.seen[message.partition() or 0].append(message.offset() or 0)
            self._tell()
            self.ending.wait(0.005)
        self._consumer.close()

    def _tell(self) -> None:
        ends = {partition: seen[-1] + 1 for partition, seen in self.seen.items() if seen}
        for partition, end in ends.items():
            self.handled(partition, end)
        if ends:
            offsets = [TopicPartition(self._topic, partition, end) for partition, end in ends.items()]
            self._consumer.commit(offsets=offsets, asynchronous=False)


def _keys() -> Iterator[str]:
    """A key for each of the four partitions."""
    for partition in range(4):
        yield next(key for key in map(str, range(1_000)) if partition_of(key, 4) == partition)


def _send_all(broker: BrokerSettings) -> None:
    with Sender(broker, Cluster(broker), GROUP) as sender:
        for _ in range(PER_PARTITION):
            for key in _keys():
                sender.send(POS, key, CHUNK)


def _complete(reader: SlowReader) -> bool:
    return all(seen == list(range(PER_PARTITION)) for seen in reader.seen.values())


def test_a_sender_waits_for_a_slow_worker_and_nothing_is_dropped(embedded: BrokerSettings) -> None:
    reader = SlowReader(embedded, embedded.name(POS), 4 * PER_PARTITION)
    reader.start()
    _send_all(embedded)
    reader.join(60)
    assert _complete(reader)


def test_without_waiting_the_embedded_broker_drops_records(
    embedded: BrokerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "EMBEDDED_LIMIT_BYTES", 1 << 40)
    _send_all(embedded)
    low, high = Cluster(embedded).bounds(embedded.name(POS), 0)
    assert high == PER_PARTITION
    assert low > 0  # gone before anybody could read them


@pytest.fixture
async def publisher(embedded: BrokerSettings) -> AsyncIterator[Publisher]:
    made = Publisher(embedded, Backlog(EMBEDDED_LIMIT_BYTES, {embedded.name(POS)}))
    yield made
    made.close()


@pytest.mark.parametrize("size_of_call", [1, 8, PER_PARTITION])
async def test_publishers_wait_for_a_slow_consumer_and_nothing_is_dropped(
    embedded: BrokerSettings, publisher: Publisher, size_of_call: int
) -> None:
    """Also when one call, or many at the same time, bring more than the broker holds."""
    name = embedded.name(POS)
    reader = SlowReader(embedded, name, 4 * PER_PARTITION)
    loop = asyncio.get_running_loop()
    reader.handled = lambda partition, end: loop.call_soon_threadsafe(publisher.backlog.handled, name, partition, end)
    reader.start()
    calls = [
        [Outgoing(name, CHUNK, partition=partition)] * size_of_call
        for _ in range(PER_PARTITION // size_of_call)
        for partition in range(4)
    ]
    async with asyncio.timeout(60):
        await asyncio.gather(*map(publisher.publish, calls))
    await asyncio.to_thread(reader.join, 30)
    assert _complete(reader)
    assert [publisher.backlog.waiting_bytes(name, partition) for partition in range(4)] == [0] * 4


async def test_a_consumer_quicker_than_the_acknowledgement_leaves_nothing_waiting() -> None:
    backlog = Backlog(100, {"log"})
    await backlog.room("log", 0, 80)
    backlog.handled("log", 0, 1)
    backlog.sent("log", 0, 0, 80)
    assert backlog.waiting_bytes("log", 0) == 0
    await asyncio.wait_for(backlog.room("log", 0, 100), 1)


async def test_what_is_lost_makes_room_again() -> None:
    backlog = Backlog(100, {"log"})
    await backlog.room("log", 0, 80)
    waiting = asyncio.create_task(backlog.room("log", 0, 80))
    await asyncio.sleep(0)
    assert not waiting.done()
    backlog.lost("log", 0, 80)
    await asyncio.wait_for(waiting, 1)


async def test_one_record_may_be_larger_than_the_limit() -> None:
    backlog = Backlog(100, {"log"})
    await asyncio.wait_for(backlog.room("log", 0, 1_000), 1)
    assert backlog.bounds("log")
    assert not backlog.bounds("checkpoints")  # nobody would ever make room
    assert not Backlog(None, {"log"}).bounds("log")
