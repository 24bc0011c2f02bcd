"""Questions about the cluster, and what is said when they cannot be answered."""

import time

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from restockd.local_kafka import free_port
from schemas.errors import MustStop, Unavailable
from schemas.topics import POS
from streams.cluster import Cluster
from streams.settings import BrokerSettings
from tests.streams.conftest import create_topic
from tests.streams.workers import Feeder


def test_identity_and_bounds(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    cluster = Cluster(broker)
    identity = cluster.identity(POS)
    assert (identity.name, identity.partitions) == (broker.name(POS), 4)
    assert identity.topic_id
    assert Cluster(broker).identity(POS) == identity
    Feeder(broker).send(POS, 3, 12)
    assert [cluster.bounds(identity.name, partition) for partition in range(4)] == [(0, 0), (0, 0), (0, 0), (0, 12)]
    cluster.close()


def test_bounds_know_what_was_deleted(kafka: BrokerSettings) -> None:
    create_topic(kafka, POS)
    Feeder(kafka).send(POS, 0, 12)
    admin = AdminClient(kafka.client({}))
    for done in admin.delete_records([TopicPartition(kafka.name(POS), 0, 5)]).values():
        done.result(timeout=20)
    assert Cluster(kafka).bounds(kafka.name(POS), 0) == (5, 12)


def test_committed_offsets(broker: BrokerSettings) -> None:
    create_topic(broker, POS)
    name = broker.name(POS)
    consumer = Consumer(broker.client({"group.id": "g"}))
    consumer.commit(offsets=[TopicPartition(name, 1, 7)], asynchronous=False)
    consumer.close()
    assert Cluster(broker).committed("g", [(name, 0), (name, 1)]) == {(name, 1): 7}


def test_a_recreated_topic_is_another(kafka: BrokerSettings) -> None:
    create_topic(kafka, POS)
    before = Cluster(kafka).identity(POS)
    admin = AdminClient(kafka.client({}))
    for done in admin.delete_topics([kafka.name(POS)]).values():
        done.result(timeout=20)
    time.sleep(0.5)
    create_topic(kafka, POS)
    after = Cluster(kafka).identity(POS)
    assert after.name == before.name
    assert after.topic_id != before.topic_id


@pytest.mark.parametrize("ask", ["identity", "partitions", "bounds"])
def test_a_topic_that_does_not_exist_stops_and_says_what_to_run(kafka: BrokerSettings, ask: str) -> None:
    cluster = Cluster(kafka, timeout_seconds=3.0)
    arguments = {"identity": (POS,), "partitions": (kafka.name(POS),), "bounds": (kafka.name(POS), 0)}[ask]
    with pytest.raises(MustStop, match=rf"topic {kafka.name(POS)} does not exist: run `restockd topics ensure`"):
        getattr(cluster, ask)(*arguments)


@pytest.mark.parametrize("ask", ["identity", "partitions", "bounds", "committed"])
def test_a_broker_that_is_down_is_named_in_time(ask: str) -> None:
    broker = BrokerSettings(f"127.0.0.1:{free_port()}")
    cluster = Cluster(broker, timeout_seconds=1.0)
    arguments = {"identity": (POS,), "bounds": ("t", 0), "committed": ("g", [("t", 0)])}.get(ask, ("t",))
    started = time.monotonic()
    with pytest.raises(Unavailable, match=rf"Kafka at {broker.address}: no answer.*restockd doctor"):
        getattr(cluster, ask)(*arguments)
    assert time.monotonic() - started < 4.0
