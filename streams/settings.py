"""What the plumbing needs to know, read once by the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.topics import Topic


@dataclass(frozen=True)
class BrokerSettings:
    """How to reach the broker and what the topics are called there.

    ``prefix`` goes before every topic and group name, so that several systems
    share a cluster. ``client_options`` are librdkafka's security options.
    ``embedded_identity`` stands for the topic id on the embedded broker, which
    has none; empty on a real Kafka.
    """

    address: str
    prefix: str = ""
    client_options: Mapping[str, str] = field(default_factory=dict)
    embedded_identity: str = ""
    session_timeout_seconds: float = 10.0

    @property
    def embedded(self) -> bool:
        """Whether this is the in-memory broker, which forgets and holds little."""
        return bool(self.embedded_identity)

    def name(self, topic: Topic) -> str:
        """The topic's name on the broker."""
        return self.prefix + topic.name

    def group(self, role: str) -> str:
        """The consumer group of a role."""
        return f"{self.prefix}restockd-{role}"

    def client(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """librdkafka configuration for this broker."""
        return {"bootstrap.servers": self.address, **self.client_options, **options}


@dataclass(frozen=True)
class BatchSettings:
    """Bounds of a batch and of the time an event may wait for one."""

    max_records: int = 1_000
    max_bytes: int = 512 << 10
    max_wait_ms: int = 50
