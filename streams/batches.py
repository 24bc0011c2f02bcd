"""Batches of records: what the transport hands to an agent as one Faust event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from schemas.errors import BrokenLog


class Record(Protocol):
    """One Kafka record as fetched; ``timestamp`` in milliseconds is the broker's append time."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


AnyRecord = TypeVar("AnyRecord", bound=Record)


def pieces(records: Sequence[AnyRecord], max_bytes: int) -> Iterator[tuple[AnyRecord, ...]]:
    """Cut records into runs of at most ``max_bytes`` of values, or of a single larger one.

    The broker counts compressed bytes and never cuts what was sent as one.
    """
    start = size = 0
    for index, record in enumerate(records):
        length = len(record.value or b"")
        if size + length > max_bytes and index > start:
            yield tuple(records[start:index])
            start, size = index, 0
        size += length
    if start < len(records):
        yield tuple(records[start:])


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """The records of one partition in one fetch.

    Covers every offset in ``[start, end)``, also where compaction or control
    records left none, so that a lost batch shows as a jump of ``start``.
    ``more``: the partition held further records when these were fetched.
    """

    topic: str
    partition: int
    start: int
    end: int
    records: tuple[Record, ...]
    more: bool = False

    def since(self, offset: int) -> "FetchedBatch":
        """The part of the batch from ``offset`` on."""
        if offset <= self.start:
            return self
        kept = tuple(record for record in self.records if record.offset >= offset)
        return FetchedBatch(self.topic, self.partition, min(offset, self.end), self.end, kept, self.more)


class Jump(Exception):
    """The batch starts after the offset that should come next: fetch again from there."""

    def __init__(self, topic: str, partition: int, expected: int, start: int) -> None:
        super().__init__(f"{topic}[{partition}] should continue at offset {expected}, the batch starts at {start}")
        self.topic = topic
        self.partition = partition
        self.expected = expected


def continue_at(expected: int, batch: FetchedBatch, *, gapless: bool) -> FetchedBatch | None:
    """What of ``batch`` is new when ``expected`` comes next; None if nothing.

    Raises ``Jump`` where the batch leaves a hole that a new fetch may fill, and
    ``BrokenLog`` where the broker itself no longer has the records of a
    ``gapless`` topic (law 2: no silent gaps), wherever in the batch. A topic that
    is compacted, or written in transactions, has holes by nature.
    """
    if batch.end <= expected:
        return None
    if batch.start > expected:
        raise Jump(batch.topic, batch.partition, expected, batch.start)
    new = batch.since(expected)
    if gapless and len(new.records) != new.end - expected:
        gone, found = _first_hole(expected, new)
        raise BrokenLog(
            f"{batch.topic}[{batch.partition}]: offset {gone} comes next but the broker's next record "
            f"is {found}. Records between are gone (retention shorter than the outage?)"
        )
    return new


def _first_hole(expected: int, batch: FetchedBatch) -> tuple[int, int]:
    for record in batch.records:
        if record.offset != expected:
            return expected, record.offset
        expected += 1
    return expected, batch.end
