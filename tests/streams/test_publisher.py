"""Sending: where records go, in what order, and what happens when they are not taken."""

import asyncio
import os
import time
import uuid
from collections import defaultdict

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Consumer, Producer, TopicPartition

from restockd.local_kafka import LocalKafka, free_port
from schemas.errors import MustStop, Unavailable
from schemas.topics import POS
from streams.backlog import Backlog
from streams.cluster import Cluster
from streams.publisher import Outgoing, Publisher, partition_of
from streams.settings import BrokerSettings
from tests.streams.conftest import PARTITIONS, create_topic

# Kafka's own tests: UtilsTest.testMurmur2
JAVA_HASHES = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}
KEYS = [f"style-{number}" for number in range(200)] + [*JAVA_HASHES, "", "Größe/38"]


def read_all(broker: BrokerSettings, name: str) -> dict[int, list[tuple[bytes | None, bytes | None]]]:
    """Key and value of every record of a topic, by partition."""
    consumer = Consumer(broker.client({"group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest", "log_level": 2}))
    cluster = Cluster(broker)
    ends = {partition: cluster.bounds(name, partition)[1] for partition in range(cluster.partitions(name))}
    consumer.assign([TopicPartition(name, partition, 0) for partition in ends])
    found: dict[int, list[tuple[bytes | None, bytes | None]]] = defaultdict(list)
    deadline = time.monotonic() + 20
    while sum(map(len, found.values())) < sum(ends.values()):
        assert time.monotonic() < deadline
        for message in consumer.consume(1_000, timeout=0.5):
            found[message.partition() or 0].append((message.key(), message.value()))
    consumer.close()
    return found


@pytest.mark.parametrize(("key", "java"), JAVA_HASHES.items())
def test_partition_of_is_javas(key: str, java: int) -> None:
    for partitions in (1, 4, 7, 50):
        assert partition_of(key, partitions) == (java & 0x7FFFFFFF) % partitions


async def test_every_client_gives_a_key_the_same_partition(kafka: BrokerSettings) -> None:
    create_topic(kafka, POS)
    name = kafka.name(POS)
    publisher = Publisher(kafka)
    await publisher.publish([Outgoing(name, b"ours", key.encode()) for key in KEYS])
    publisher.close()
    plain = Producer(kafka.client({"partitioner": "murmur2_random"}))
    for key in KEYS:
        plain.produce(name, b"librdkafka", key=key.encode())
    assert plain.flush(20) == 0
    async with AIOKafkaProducer(bootstrap_servers=kafka.address) as faust_like:
        for key in filter(None, KEYS):
            await faust_like.send_and_wait(name, b"aiokafka", key=key.encode())
    where = defaultdict(set)
    for partition, records in read_all(kafka, name).items():
        for key, _ in records:
            where[(key or b"").decode()].add(partition)
    del where[""]  # an empty key hashes, a missing one does not: librdkafka and Java differ, and we never send one
    assert where == {key: {partition_of(key, PARTITIONS)} for key in KEYS if key}


async def test_order_is_kept_in_each_partition_and_offsets_are_told(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    name = broker.name(POS)
    publisher = Publisher(broker)
    for start in range(0, 1_000, 250):
        records = [Outgoing(name, b"%d" % number, partition=number % 2) for number in range(start, start + 250)]
        offsets = await publisher.publish(records)
        assert sorted(offsets) == sorted(number // 2 for number in range(start, start + 250))
    publisher.close()
    found = read_all(broker, name)
    for partition in (0, 1):
        assert [int(value or b"") for _, value in found[partition]] == list(range(partition, 1_000, 2))


async def test_publishing_waits_for_the_acknowledgement(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    publisher, cluster = Publisher(broker), Cluster(broker)
    for number in range(1, 6):
        await publisher.publish([Outgoing(broker.name(POS), b"x", partition=0)])
        assert cluster.bounds(broker.name(POS), 0)[1] == number
    assert await publisher.publish([]) == []
    publisher.close()


async def test_many_publish_at_once(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    publisher = Publisher(broker)
    batches = [[Outgoing(broker.name(POS), b"x", partition=p % 4)] * 20 for p in range(50)]
    offsets = await asyncio.wait_for(asyncio.gather(*map(publisher.publish, batches)), 20)
    assert all(len(told) == 20 for told in offsets)
    publisher.close()


async def test_a_broker_that_is_down_is_unavailable_within_the_deadline() -> None:
    broker = BrokerSettings(f"127.0.0.1:{free_port()}")
    publisher = Publisher(broker, delivery_seconds=1.0)
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"readings\.pos") as caught:
        await publisher.publish([Outgoing("readings.pos", b"x", partition=0)])
    assert time.monotonic() - started < 5
    assert broker.address in str(caught.value)
    publisher.close()
    assert time.monotonic() - started < 8


async def test_a_broker_that_dies_is_unavailable(local_kafka: LocalKafka) -> None:
    broker = BrokerSettings(local_kafka.start(), prefix="t.")
    create_topic(broker, POS, partitions=1)
    publisher = Publisher(broker, delivery_seconds=3.0)
    await publisher.publish([Outgoing(broker.name(POS), b"1", partition=0)])
    local_kafka.kill()
    with pytest.raises(Unavailable):
        await asyncio.wait_for(publisher.publish([Outgoing(broker.name(POS), b"2", partition=0)]), 15)
    publisher.close()


async def test_a_record_too_large_for_us_stops_and_names_its_topic(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    publisher = Publisher(broker)
    with pytest.raises(MustStop, match=rf"{broker.name(POS)}.*9000000 bytes"):
        await publisher.publish([Outgoing(broker.name(POS), b"x" * 9_000_000, partition=0)])
    await publisher.publish([Outgoing(broker.name(POS), b"x", partition=0)])
    publisher.close()


async def test_a_record_too_large_for_the_topic_stops_and_names_it(kafka: BrokerSettings) -> None:
    create_topic(kafka, POS, config={"max.message.bytes": "1000"})
    publisher = Publisher(kafka)
    with pytest.raises(MustStop, match=kafka.name(POS)):
        await publisher.publish([Outgoing(kafka.name(POS), os.urandom(8_000), partition=0)])
    publisher.close()


async def test_a_backlog_is_told_of_every_record_that_was_stored(embedded: BrokerSettings) -> None:
    name = embedded.name(POS)
    backlog = Backlog(1 << 20, {name})
    publisher = Publisher(embedded, backlog)
    await publisher.publish([Outgoing(name, b"x" * 100, partition=2)] * 10)
    assert backlog.waiting_bytes(name, 2) == 1_000
    backlog.handled(name, 2, 4)
    assert backlog.waiting_bytes(name, 2) == 600
    publisher.close()
