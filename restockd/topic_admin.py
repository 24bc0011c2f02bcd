"""Creating the topics on a real Kafka and looking at them, with deadlines."""

import time
from collections.abc import Iterable

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from restockd.configuration import Settings
from restockd.topic_plan import TopicFinding, TopicState, compare, wanted
from schemas import topics
from schemas.errors import Unavailable

SECONDS = 10.0
LEADER_SECONDS = 120.0
"""A busy broker takes its time to elect leaders for some hundred new partitions."""

_BETWEEN_LOOKS_SECONDS = 0.5


class TopicAdmin:
    """The topics of one installation: its broker, its prefix, its partitions."""

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        if settings.broker.embedded:
            raise Unavailable(
                "topics",
                "the embedded broker has none that stay",
                "Name a Kafka: RESTOCKD_BROKER__ADDRESS=host:port (`restockd kafka start` runs one here).",
            )
        self._settings = settings
        self._seconds = seconds
        self._admin = self._client()

    def _client(self) -> AdminClient:
        broker = self._settings.broker
        return AdminClient({"bootstrap.servers": broker.address, "log_level": 0, **broker.client_options()})

    def ensure(self) -> list[TopicFinding]:
        """Create what is missing and say how each topic was found. What exists is never changed."""
        findings = self.look()
        missing = [finding.wanted for finding in findings if finding.status == "missing"]
        self._create(missing)
        self._await_leaders(missing)
        return findings

    def look(self) -> list[TopicFinding]:
        """Each topic that should be there, beside what there is."""
        all_wanted = wanted(topics.ALL, self._settings.topics, self._settings.broker.topic_prefix)
        try:
            return compare(all_wanted, {state.name: state for state in self._found(all_wanted)})
        except KafkaException as error:
            raise self._unreached(error) from None

    def brokers(self) -> int:
        """How many brokers answer; raises ``Unavailable`` if none does."""
        try:
            return len(self._admin.list_topics(timeout=self._seconds).brokers)
        except KafkaException as error:
            raise self._unreached(error) from None

    def newest_stamp_ms(self) -> int | None:
        """When the broker appended the newest record of the log or of what the devices send; None if there is none."""
        prefix = self._settings.broker.topic_prefix
        names = [prefix + topic.name for topic in (topics.OBSERVATIONS, *topics.READINGS)]
        try:
            there = self._admin.list_topics(timeout=self._seconds).topics
            stamps = self._newest(
                TopicPartition(name, partition)
                for name in names
                if name in there
                for partition in there[name].partitions
            )
        except KafkaException as error:
            raise self._unreached(error) from None
        return max((stamp for stamp in stamps if stamp > 0), default=None)

    def _newest(self, partitions: Iterable[TopicPartition]) -> list[int]:
        """The stamp of each partition's newest record, -1 where there is none."""
        asked = {at: OffsetSpec.max_timestamp() for at in partitions}
        answers = self._admin.list_offsets(asked, request_timeout=self._seconds) if asked else {}
        return [future.result(self._seconds).timestamp for future in answers.values()]

    def _await_leaders(self, created: list[TopicState]) -> None:
        """A topic exists a moment before its partitions can be used: wait for that moment.

        Each time with a new client: one that once saw no leader may remember that for long.
        """
        partitions = [TopicPartition(state.name, number) for state in created for number in range(state.partitions)]
        deadline = time.monotonic() + LEADER_SECONDS
        while True:
            try:
                self._newest(partitions)
                return
            except KafkaException as error:
                if time.monotonic() > deadline:
                    raise self._leaderless(error) from None
                time.sleep(_BETWEEN_LOOKS_SECONDS)
                self._admin = self._client()

    def _found(self, all_wanted: Iterable[TopicState]) -> list[TopicState]:
        there = self._admin.list_topics(timeout=self._seconds).topics
        names = [topic.name for topic in all_wanted if topic.name in there]
        if not names:
            return []
        resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
        described = self._admin.describe_configs(resources, request_timeout=self._seconds)
        configs = {resource.name: future.result(self._seconds) for resource, future in described.items()}
        return [
            TopicState(
                name,
                len(there[name].partitions),
                min(len(partition.replicas) for partition in there[name].partitions.values()),
                {key: entry.value for key, entry in configs[name].items()},
            )
            for name in names
        ]

    def _create(self, missing: Iterable[TopicState]) -> None:
        new = [
            NewTopic(state.name, state.partitions, state.replication, config=dict(state.config)) for state in missing
        ]
        if not new:
            return
        for name, future in self._admin.create_topics(new, request_timeout=self._seconds).items():
            try:
                future.result(self._seconds)
            except KafkaException as error:
                if error.args[0].name() != "TOPIC_ALREADY_EXISTS":  # somebody else was quicker
                    raise self._refused(name, error) from None

    def _unreached(self, error: KafkaException) -> Unavailable:
        problem = f"no answer within {self._seconds:.0f} s ({error.args[0].str()})"
        return Unavailable(
            f"Kafka at {self._settings.broker.address}", problem, "Is it running, and is broker.address right?"
        )

    def _leaderless(self, error: KafkaException) -> Unavailable:
        return Unavailable(
            f"Kafka at {self._settings.broker.address}",
            f"the topics were created, but have no leaders after {LEADER_SECONDS:.0f} s ({error.args[0].str()})",
            "The broker is overloaded or not well: see its log, then run `restockd topics ensure` again.",
        )

    def _refused(self, name: str, error: KafkaException) -> Unavailable:
        problem = f"refused to create the topic {name} ({error.args[0].str()})"
        return Unavailable(f"Kafka at {self._settings.broker.address}", problem)
