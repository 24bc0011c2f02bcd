"""The oracle of the fault tests: the log that was really written, folded once in a clean process.

Whatever happened to the workers, the state they kept and every fact they said,
id and bytes, must be the ones this gives.
"""

from collections.abc import Iterator
from typing import NamedTuple

from confluent_kafka import Consumer, Message, TopicPartition

from agents.outbox import Outbox
from inventory import fold, state
from inventory.facts import origin_of
from inventory.rules import STATE_VERSION
from inventory.state import PartitionState
from schemas import observations, topics
from schemas.topics import Topic
from streams.checkpoints import CheckpointStore
from streams.cluster import Cluster, TopicIdentity
from streams.publisher import Publisher
from streams.settings import BrokerSettings

SAID = tuple(topic for topic in topics.FACTS if topic is not topics.DEAD_LETTERS)


class Said(NamedTuple):
    """A fact as a record: where it went and its bytes."""

    topic: str
    partition: int
    key: bytes
    value: bytes


class Oracle:
    """Reads a broker's log and compares."""

    def __init__(self, broker: BrokerSettings) -> None:
        self._broker = broker
        self._cluster = Cluster(broker)
        self._log = self._cluster.identity(topics.OBSERVATIONS)
        counts = {broker.name(topic): self._cluster.partitions(broker.name(topic)) for topic in topics.FACTS}
        self._outbox = Outbox(broker, counts)
        self.states = [PartitionState(partition) for partition in range(self._log.partitions)]
        self.facts: set[Said] = set()
        self.observations = 0
        for partition in range(self._log.partitions):
            for message in self._records(topics.OBSERVATIONS, partition):
                self._fold(partition, message)

    @property
    def log(self) -> TopicIdentity:
        """The log that was folded."""
        return self._log

    def said(self) -> set[Said]:
        """Every distinct fact in the downstream topics."""
        return {
            Said(message.topic() or "", message.partition() or 0, bytes(message.key() or b""), message.value() or b"")
            for topic in SAID
            for partition in range(self._cluster.partitions(self._broker.name(topic)))
            for message in self._records(topic, partition)
        }

    def kept(self) -> list[PartitionState]:
        """The states in the newest whole checkpoints."""
        publisher = Publisher(self._broker)
        store = CheckpointStore(self._broker, self._broker.name(topics.CHECKPOINTS), publisher, self._cluster)
        found = [store.load(self._log, partition, STATE_VERSION) for partition in range(self._log.partitions)]
        publisher.close()
        return [
            state.decode(partition, checkpoint.buckets)
            for partition, checkpoint in enumerate(found)
            if checkpoint is not None
        ]

    def _fold(self, partition: int, message: Message) -> None:
        value = message.value() or b""
        origin = origin_of(self._log.topic_id, partition, message.offset() or 0, value)
        facts = fold.step(self.states[partition], observations.decode(value), origin)
        self.observations += 1
        for record in self._outbox.records(facts, partition):
            self.facts.add(Said(record.topic, record.partition or 0, record.key or b"", record.value or b""))

    def _records(self, topic: Topic, partition: int) -> Iterator[Message]:
        name = self._broker.name(topic)
        position, end = self._cluster.bounds(name, partition)
        reader = Consumer(self._broker.client({"group.id": "oracle", "enable.auto.commit": False}))
        reader.assign([TopicPartition(name, partition, position)])
        while position < end:
            for message in reader.consume(1_000, timeout=0.2):
                assert message.error() is None, message.error()
                position = (message.offset() or 0) + 1
                yield message
        reader.close()
