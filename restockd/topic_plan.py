"""What topics there should be, and how what there is differs from that. No broker in here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from restockd.settings import Topics
from schemas.topics import Topic
from schemas.wording import amount

MAX_MESSAGE_BYTES = 10 << 20  # our publisher sends batches of up to 8 MiB

Status = Literal["missing", "right", "differs"]


@dataclass(frozen=True)
class TopicState:
    """A topic as it should be, or as it is: there ``config`` holds every key the broker knows."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True)
class TopicFinding:
    """One topic that should be there; ``differences`` says in words what is not as wanted."""

    wanted: TopicState
    status: Status
    differences: tuple[str, ...] = field(default=())


def wanted(all_topics: Iterable[Topic], settings: Topics, prefix: str) -> list[TopicState]:
    """Every topic of ours under its name on the broker."""
    return [
        TopicState(prefix + topic.name, settings.partitions, settings.replication, _config(topic, settings.replication))
        for topic in all_topics
    ]


def compare(all_wanted: Iterable[TopicState], found: Mapping[str, TopicState]) -> list[TopicFinding]:
    """Each wanted topic beside what there is."""
    return [_compare(one, found.get(one.name)) for one in all_wanted]


def _compare(topic: TopicState, found: TopicState | None) -> TopicFinding:
    if found is None:
        return TopicFinding(topic, "missing")
    differences = [
        f"{key} is {found.config.get(key, 'unset')}, not {value}"
        for key, value in topic.config.items()
        if found.config.get(key) != value
    ]
    if found.partitions != topic.partitions:
        differences.insert(0, f"has {amount(found.partitions, 'partition')}, not {topic.partitions}")
    if found.replication < topic.replication:
        differences.insert(0, f"has {found.replication} replicas, not {topic.replication}")
    return TopicFinding(topic, "differs" if differences else "right", tuple(differences))


def _config(topic: Topic, replication: int) -> dict[str, str]:
    """How a topic is kept; with three replicas a write needs two, so that one broker may fail."""
    config = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(MAX_MESSAGE_BYTES)}
    if topic.compacted:
        config |= {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.1", "segment.ms": "3600000"}
    else:
        kept = timedelta(days=topic.retention_days) // timedelta(milliseconds=1)
        config |= {"cleanup.policy": "delete", "retention.ms": str(kept)}
    return config | ({"min.insync.replicas": "2"} if replication >= 3 else {})
