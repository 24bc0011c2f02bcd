"""The embedded broker: librdkafka's mock cluster, in memory, for demos and quick tests.

It lives as long as this object, has one worker, always four partitions, and
keeps 5 MiB a partition (``streams.backlog`` holds producers back). It forgets
everything on exit. For real work run Apache Kafka (``restockd kafka start``).
"""

import uuid

from confluent_kafka import Producer

from schemas import topics
from streams.settings import BrokerSettings

PARTITIONS = 4
_KEPT: list["EmbeddedBroker"] = []


class EmbeddedBroker:
    """A broker inside this process, reachable from others at ``settings.address``."""

    def __init__(self, prefix: str = "") -> None:
        self._cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored", "log_level": 2})
        metadata = self._cluster.list_topics(timeout=10)
        broker = next(iter(metadata.brokers.values()))
        self.settings = BrokerSettings(
            f"{broker.host}:{broker.port}",
            prefix=prefix,
            embedded_identity=str(uuid.uuid4()),
            # The mock cluster accepts short sessions only.
            session_timeout_seconds=6.0,
        )
        for topic in topics.ALL:
            self._cluster.list_topics(self.settings.name(topic), timeout=10)

    def keep(self) -> BrokerSettings:
        """How to reach it; it then lives as long as this process."""
        _KEPT.append(self)
        return self.settings
