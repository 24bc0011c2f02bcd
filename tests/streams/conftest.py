"""A real Kafka and the embedded broker under one fixture, so that one test runs on both."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from schemas.topics import Topic
from streams.cluster import Cluster
from streams.embedded import EmbeddedBroker
from streams.settings import BrokerSettings
from tests.streams.workers import Workers

PARTITIONS = 4
SESSION_SECONDS = 3.0


@pytest.fixture
def kafka(kafka_address: str) -> BrokerSettings:
    """The run's real Kafka, with topic names of this test's own."""
    return BrokerSettings(kafka_address, prefix=f"t{uuid.uuid4().hex[:8]}.", session_timeout_seconds=SESSION_SECONDS)


@pytest.fixture
def embedded() -> BrokerSettings:
    """An embedded broker of this test's own."""
    return EmbeddedBroker(prefix="t.").keep()


@pytest.fixture(params=[pytest.param("kafka", marks=pytest.mark.kafka), "embedded"])
def broker(request: pytest.FixtureRequest) -> BrokerSettings:
    """The same test on both."""
    settings = request.getfixturevalue(request.param)
    assert isinstance(settings, BrokerSettings)
    return settings


def create_topic(
    broker: BrokerSettings, topic: Topic, partitions: int = PARTITIONS, config: Mapping[str, str] | None = None
) -> None:
    """Create a topic; the embedded broker has all of ours already."""
    if broker.embedded:
        return
    timely = {"message.timestamp.type": "LogAppendTime", **(config or {})}
    new = NewTopic(broker.name(topic), num_partitions=partitions, replication_factor=1, config=timely)
    admin = AdminClient(broker.client({"log_level": 2}))  # must outlive its futures
    for done in admin.create_topics([new]).values():
        done.result(timeout=20)
    cluster = Cluster(broker)
    for partition in range(partitions):
        cluster.bounds(broker.name(topic), partition)  # waits until it has a leader
    cluster.close()


StartWorkers = Callable[[BrokerSettings, Sequence[Topic]], Workers]


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[StartWorkers]:
    """Makes the workers of a test on freshly created topics, and kills what is left at the end."""
    made: list[Workers] = []

    def make(broker: BrokerSettings, topics: Sequence[Topic]) -> Workers:
        for topic in topics:
            create_topic(broker, topic)
        made.append(Workers(tmp_path, broker, topics))
        return made[-1]

    yield make
    for one in made:
        one.close()
