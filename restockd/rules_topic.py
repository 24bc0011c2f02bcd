"""Bringing the configured rules into the log, once per change."""

from confluent_kafka import Consumer, TopicPartition

from schemas import topics
from schemas.reference import Rules
from streams.cluster import Cluster
from streams.publisher import partition_of
from streams.sender import Sender
from streams.settings import BrokerSettings

_READ_SECONDS = 10.0


def publish_rules(broker: BrokerSettings, rules: Rules) -> bool:
    """Send ``rules`` to ``reference.rules`` if the newest record there is of another version; True if sent."""
    cluster = Cluster(broker)
    if _newest_version(broker, cluster, rules.key) == rules.version:
        return False
    with Sender(broker, cluster, broker.group("intake")) as sender:
        sender.send(topics.RULES, rules.key, rules.model_dump_json().encode())
    return True


def _newest_version(broker: BrokerSettings, cluster: Cluster, key: str) -> str | None:
    name = broker.name(topics.RULES)
    partition = partition_of(key, cluster.partitions(name))
    low, high = cluster.bounds(name, partition)
    if low == high:
        return None
    reader = Consumer(broker.client({"group.id": broker.group("rules"), "log_level": 2}))
    try:
        reader.assign([TopicPartition(name, partition, high - 1)])
        found = reader.consume(1, _READ_SECONDS)
        value = found[0].value() if found and found[0].error() is None else None
        return Rules.model_validate_json(value).version if value else None
    finally:
        reader.close()
