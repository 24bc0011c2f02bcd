"""The log of observations again, wherever it is: a Kafka topic, or the files an embedded broker left."""

from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

from inventory import state
from inventory.recomputation import Recomputed, recompute
from inventory.rules import STATE_VERSION
from inventory.state import PartitionState
from restockd import wiring
from restockd.configuration import Settings
from schemas import topics
from schemas.errors import BrokenLog
from streams.checkpoints import load_before
from streams.cluster import Cluster, TopicIdentity
from streams.kept_log import identity_of, kept
from streams.log_reading import stretch
from streams.settings import BrokerSettings

Messages = Iterator[tuple[int, bytes]]
Progress = Callable[[int, int], None]
_EVERY = 1_000


def say_again(
    settings: Settings, order_id: str, partition: int, first: int, last: int, progress: Progress
) -> list[Recomputed]:
    """Fold a log partition up to the message at ``last`` and return what that says of an order.

    ``first`` is the message that made it; ``progress`` is told the offset reached and the one to reach.
    Raises ``BrokenLog`` where the log does not reach back to anything it could be folded from.
    """
    if settings.broker.embedded:
        log, present, messages = _from_files(wiring.log_folder(settings), partition, last)
    else:
        log, present, messages = _from_kafka(wiring.broker_of(settings), partition, first, last)
    return list(recompute(present, log.topic_id, _watched(messages, last, progress), order_id))


def _from_files(folder: Path, partition: int, last: int) -> tuple[TopicIdentity, PartitionState, Messages]:
    log = identity_of(folder)
    if log is None:
        raise BrokenLog(
            f"no log is kept in {folder}. `restockd demo` and `restockd replay` leave one there; "
            "for a Kafka set RESTOCKD_BROKER__ADDRESS"
        )
    messages = takewhile(lambda message: message[0] <= last, kept(folder, partition))
    return log, PartitionState(partition), messages


def _from_kafka(
    broker: BrokerSettings, partition: int, first: int, last: int
) -> tuple[TopicIdentity, PartitionState, Messages]:
    cluster = Cluster(broker)
    try:
        log = cluster.identity(topics.OBSERVATIONS)
        low, high = cluster.bounds(log.name, partition)
        if last >= high:
            raise BrokenLog(
                f"{log.name}[{partition}] ends at offset {high}, before the decision at {last}: it was recreated. "
                "Name the Kafka the decision was made on"
            )
        checkpoints = broker.name(topics.CHECKPOINTS)
        found = load_before(broker, checkpoints, cluster, log, partition, STATE_VERSION, first)
    finally:
        cluster.close()
    present = state.decode(partition, found.buckets) if found else PartitionState(partition)
    start = present.core.applied + 1
    if start < low:
        raise BrokenLog(
            f"{log.name}[{partition}] begins at offset {low} and no checkpoint of the time before the decision at "
            f"{first} is left, so its state cannot be had any more. Keep the log longer: retention.ms of {log.name}"
        )
    return log, present, stretch(broker, log.name, partition, start, last + 1)


def _watched(messages: Messages, last: int, progress: Progress) -> Messages:
    reached = -1
    for reached, value in messages:
        if reached % _EVERY == 0:
            progress(reached, last)
        yield reached, value
    if reached < last:
        raise BrokenLog(f"the log ends at offset {reached}, before {last}, which decided: no more was kept")
