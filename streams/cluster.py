"""Questions about the cluster: partition counts, topic ids, log starts and ends."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.errors import MustStop, Unavailable
from schemas.topics import Topic
from streams.settings import BrokerSettings

TIMEOUT_SECONDS = 15.0
_ELECTING = {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError._UNKNOWN_PARTITION}
_ELECTION_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class TopicIdentity:
    """What makes a topic this topic: a recreated one has another ``topic_id``."""

    name: str
    topic_id: str
    partitions: int


class Cluster:
    """A read-only view of the cluster; every call has a deadline and says who did not answer."""

    def __init__(self, broker: BrokerSettings, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._broker = broker
        self._timeout = timeout_seconds

    @cached_property
    def _admin(self) -> AdminClient:
        return AdminClient(self._broker.client({"log_level": 2}))

    @cached_property
    def _reader(self) -> Consumer:
        return Consumer(self._broker.client({"group.id": "restockd-watermarks", "log_level": 2}))

    def identity(self, topic: Topic) -> TopicIdentity:
        """Id and partition count of ``topic``; raises ``MustStop`` if it does not exist."""
        name = self._broker.name(topic)
        if self._broker.embedded:
            return TopicIdentity(name, f"{self._broker.embedded_identity}/{name}", self.partitions(name))
        try:
            found = self._admin.describe_topics(TopicCollection([name]), request_timeout=self._timeout)[name].result()
        except KafkaException as error:
            raise self._problem(name, error) from error
        return TopicIdentity(name, str(found.topic_id), len(found.partitions))

    def partitions(self, name: str) -> int:
        """Number of partitions of the topic called ``name`` on the broker."""
        try:
            found = self._admin.list_topics(name, timeout=self._timeout).topics[name]
        except KafkaException as error:
            raise self._problem(name, error) from error
        if found.error is not None or not found.partitions:
            raise MustStop(f"topic {name} does not exist: run `restockd topics ensure`")
        return len(found.partitions)

    def bounds(self, name: str, partition: int) -> tuple[int, int]:
        """First offset that is still there and the offset the next record will get."""
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                return self._bounds(name, partition, max(0.1, deadline - time.monotonic()))
            except KafkaException as error:
                if error.args[0].code() not in _ELECTING or time.monotonic() > deadline:
                    raise self._problem(name, error) from error
                time.sleep(_ELECTION_PAUSE_SECONDS)

    def _bounds(self, name: str, partition: int, seconds: float) -> tuple[int, int]:
        low, high = self._reader.get_watermark_offsets(TopicPartition(name, partition), timeout=seconds)
        return low, high

    def committed(self, group: str, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Committed offsets of ``group``; positions without one are absent."""
        reader = Consumer(self._broker.client({"group.id": group, "log_level": 2}))
        try:
            found = reader.committed([TopicPartition(*at) for at in positions], timeout=self._timeout)
        except KafkaException as error:
            raise self._problem(group, error) from error
        finally:
            reader.close()
        return {(at.topic, at.partition): at.offset for at in found if at.offset >= 0}

    def _problem(self, name: str, error: KafkaException) -> Exception:
        detail = error.args[0]
        if detail.name() in {
            "UNKNOWN_TOPIC_OR_PART",
            "UNKNOWN_TOPIC_OR_PARTITION",
            "_UNKNOWN_TOPIC",
            "_UNKNOWN_PARTITION",
        }:
            return MustStop(f"topic {name} does not exist: run `restockd topics ensure`")
        return Unavailable(
            f"Kafka at {self._broker.address}",
            f"no answer about {name} ({detail.str()})",
            "Is it running and the address right? `restockd doctor` checks.",
        )

    def close(self) -> None:
        """Close the connections."""
        if "_reader" in self.__dict__:
            self._reader.close()
