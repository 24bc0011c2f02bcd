"""Intake: raw records in, the observations log out.

Stateless apart from the reference data. Every send is awaited before the source
offset may be committed; each log message carries the range of source offsets it
covers and where the range before it ended, so that what is sent twice is
recognised and what is missing is noticed (DESIGN.md, law 5). The chain of
ranges travels in the metadata of the commit.
"""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from agents import known_names, metrics
from agents.catalogue_feed import CatalogueFeed
from agents.outbox import Outbox, dead_letter
from inventory.facts import Origin, origin_of
from schemas import observations as log
from schemas import topics
from schemas.errors import BrokenLog, MustStop, RejectedReading
from schemas.facts import utc
from schemas.observations import Entry, Observation, ObservationBatch, Source, Tick
from schemas.readings.format import Meaning, ReadingFormat
from schemas.readings.reference import under_its_key
from streams.batches import FetchedBatch, Record, continue_at
from streams.cluster import TopicIdentity
from streams.publisher import Outgoing, Publisher, partition_of

MILLISECONDS_PER_HOUR = 3_600_000
POISON_WINDOW = 2_000
POISON_SHARE = 0.9
_UNKNOWN = "unknown_"
_NAMED, _NAMED_CHARACTERS = 10, 60
_log = structlog.get_logger("restockd.intake")


class Progress(msgspec.Struct, omit_defaults=True):
    """The commit metadata of a source partition.

    ``sent`` is the chain: the end of the last range sent to each log partition.
    """

    source_id: str
    log_id: str
    sent: dict[int, int] = {}


@dataclass(slots=True)
class SourcePartition:
    """Where intake stands in one partition of its topic."""

    next_offset: int
    progress: Progress
    hour: int = -1
    more: bool = False
    """What the log was told last: that more waits to be read."""


@dataclass(slots=True)
class _Turned:
    """What a fetched batch became: entries per log partition, dead letters."""

    entries: dict[int, list[Entry]] = field(default_factory=dict)
    dead: list[Outgoing] = field(default_factory=list)


class Intake:
    """The intake of one topic."""

    def __init__(
        self,
        reading_format: ReadingFormat[Any],
        source: TopicIdentity,
        target: TopicIdentity,
        feed: CatalogueFeed,
        publisher: Publisher,
        outbox: Outbox,
        future_tolerance_seconds: float,
    ) -> None:
        self.topic = reading_format.topic
        self.source = source
        self._format = reading_format
        self._target = target
        self._feed = feed
        self._publisher = publisher
        self._outbox = outbox
        self._tolerance_ms = int(future_tolerance_seconds * 1000)
        self._targets = range(target.partitions)
        self._awaited = self.topic is topics.POS
        self._source_key = f"{self.topic.name}#{source.topic_id[:8]}"
        self._partitions: dict[int, SourcePartition] = {}
        self._recent: deque[bool] = deque(maxlen=POISON_WINDOW)

    def resume(self, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a source partition; returns the offset to go on at.

        ``committed`` is offset and metadata of the last commit, ``bounds`` the log
        start and end. Raises ``BrokenLog`` if records between are gone.
        """
        progress = self._progress(committed)
        known = committed is not None and progress.source_id == self.source.topic_id
        offset = committed[0] if known and committed else bounds[0]
        if not bounds[0] <= offset <= bounds[1]:
            raise BrokenLog(
                f"{self.source.name}[{partition}] should go on at offset {offset}, but holds {bounds[0]} to "
                f"{bounds[1]}: records are gone that were never read (retention shorter than the outage?)"
            )
        if progress.source_id != self.source.topic_id or progress.log_id != self._target.topic_id:
            progress = Progress(self.source.topic_id, self._target.topic_id)
        self._partitions[partition] = SourcePartition(offset, progress, more=self._awaited and offset < bounds[1])
        return offset

    async def announce(self) -> None:
        """Tell the log whose sales wait to be read, before what others say moves its time on."""
        for partition, at in sorted(self._partitions.items()):
            if at.more:
                await self._publisher.publish([self._announcement(partition, at, to) for to in self._targets])

    def drop(self, kept: Iterable[int]) -> None:
        """Forget partitions that were taken away."""
        self._partitions = {p: self._partitions[p] for p in kept if p in self._partitions}

    async def handle(self, fetched: FetchedBatch) -> tuple[int, str]:
        """Turn a fetched batch into log messages and wait until they are stored.

        Returns the offset and metadata that may be committed now. Raises
        ``streams.batches.Jump`` if the batch does not follow the last one.
        """
        at = self._partitions[fetched.partition]
        # Compaction and transactional producers leave holes by nature; `resume` and the fetch check the bounds.
        batch = continue_at(at.next_offset, fetched, gapless=False)
        if batch is not None:
            turned = await self._turn(batch, at)
            self._tell_more(batch, at, turned)
            await self._send(batch, at, turned)
            at.next_offset = batch.end
            self._stop_if_poisoned()
            self._count(batch)
        return at.next_offset, msgspec.json.encode(at.progress).decode()

    @staticmethod
    def _progress(committed: tuple[int, str] | None) -> Progress:
        if committed is None or not committed[1]:
            return Progress("", "")
        try:
            return msgspec.json.decode(committed[1], type=Progress)
        except msgspec.DecodeError as error:
            raise MustStop(f"commit metadata is not restockd's: {committed[1]!r}. Is the group name shared?") from error

    async def _turn(self, batch: FetchedBatch, at: SourcePartition) -> _Turned:
        readings = self._decoded(batch)
        turned = _Turned()
        caught_up = False
        for record, reading in zip(batch.records, readings, strict=True):
            meaning = self._meaning(reading)
            if not caught_up and any(r.reason.startswith(_UNKNOWN) for r in meaning.rejections):
                await self._feed.catch_up()
                caught_up = True
                meaning = self._meaning(reading)
            self._take(record, self._bounded(meaning, record), batch.partition, at, turned)
        return turned

    def _decoded(self, batch: FetchedBatch) -> list[Any]:
        readings = self._format.decode([record.value or b"" for record in batch.records])
        if self.topic not in topics.REFERENCE:
            return readings
        return [under_its_key(read, record.key) for read, record in zip(readings, batch.records, strict=True)]

    def _meaning(self, reading: Any) -> Meaning:
        if isinstance(reading, RejectedReading):
            return Meaning(rejections=[reading])
        meaning = self._format.interpret(reading, self._feed.catalogue)
        return known_names.checked(meaning) if self.topic in topics.REFERENCE else meaning

    def _bounded(self, meaning: Meaning, record: Record) -> Meaning:
        """Reject a record from the future: its device's clock is wrong, and it would drag event time along."""
        latest = meaning.latest_ms
        if latest is None or latest <= record.timestamp + self._tolerance_ms:
            return meaning
        when, now = utc(latest).isoformat(), utc(record.timestamp).isoformat()
        message = f"event time {when} is later than its arrival {now} allows: is the device's clock right?"
        units = sum(rejected.units or 0 for rejected in meaning.rejections) + _units(meaning)
        return Meaning(rejections=[RejectedReading("in_future", message, field="occurred_at", value=when, units=units)])

    def _take(self, record: Record, meaning: Meaning, partition: int, at: SourcePartition, turned: _Turned) -> None:
        self._recent.append(bool(meaning.rejections) and not meaning.observations)
        parts: dict[int, list[Observation]] = {}
        everywhere: list[Observation] = []
        for style, observation in meaning.observations:
            if style is None:
                everywhere.append(observation)
            else:
                parts.setdefault(partition_of(style, self._target.partitions), []).append(observation)
        everywhere += self._ticks(meaning.latest_ms, at)
        if everywhere:
            for target in range(self._target.partitions):
                parts.setdefault(target, []).extend(everywhere)
        for target, seen in parts.items():
            entry = Entry(record.offset, record.timestamp, tuple(seen))
            turned.entries.setdefault(target, []).append(entry)
        turned.dead += self._dead(meaning.rejections, record, partition)

    @staticmethod
    def _ticks(latest_ms: int | None, at: SourcePartition) -> list[Observation]:
        """A tick for every partition when this source's event time enters a new hour."""
        if latest_ms is None or latest_ms // MILLISECONDS_PER_HOUR <= at.hour:
            return []
        at.hour = latest_ms // MILLISECONDS_PER_HOUR
        return [Tick(at.hour * MILLISECONDS_PER_HOUR)]

    def _dead(self, rejections: list[RejectedReading], record: Record, partition: int) -> list[Outgoing]:
        if not rejections:
            return []
        value = record.value or b""
        origin: Origin = origin_of(self.source.topic_id, partition, record.offset, value)
        told = one_per_reason(rejections)
        for rejected in told:
            metrics.REJECTED.labels(self.topic.name, rejected.reason).inc()
        at = utc(record.timestamp)
        letters = [dead_letter(r, origin, self.topic.name, value, record.key, at) for r in told]
        return [self._outbox.dead_letter(letter) for letter in letters]

    def _tell_more(self, batch: FetchedBatch, at: SourcePartition, turned: _Turned) -> None:
        """Whether more waits goes with every message; where it changed, to every log partition."""
        more = self._awaited and batch.more
        if more == at.more or not batch.records:
            return
        at.more, last = more, batch.records[-1]
        for target in self._targets:
            turned.entries.setdefault(target, [Entry(last.offset, last.timestamp, ())])

    async def _send(self, batch: FetchedBatch, at: SourcePartition, turned: _Turned) -> None:
        records = [self._log_message(batch, at, target, entries) for target, entries in turned.entries.items()]
        await self._publisher.publish(turned.dead)
        await self._publisher.publish(records)
        for target in turned.entries:
            at.progress.sent[target] = batch.end - 1

    def _log_message(self, batch: FetchedBatch, at: SourcePartition, target: int, entries: list[Entry]) -> Outgoing:
        previous = at.progress.sent.get(target, -1)
        source = Source(self._source_key, batch.partition, previous, batch.start, batch.end - 1, at.more)
        return self._outgoing(source, entries, target)

    def _announcement(self, partition: int, at: SourcePartition, target: int) -> Outgoing:
        last = at.progress.sent.get(target, -1)
        return self._outgoing(Source(self._source_key, partition, last, last + 1, last, at.more), (), target)

    def _outgoing(self, source: Source, entries: Iterable[Entry], target: int) -> Outgoing:
        message = ObservationBatch(log.VERSION, source, tuple(entries))
        return Outgoing(self._target.name, log.encode(message), None, target)

    def _stop_if_poisoned(self) -> None:
        if len(self._recent) == POISON_WINDOW and sum(self._recent) > POISON_SHARE * POISON_WINDOW:
            raise MustStop(
                f"{sum(self._recent)} of the last {POISON_WINDOW} records of {self.source.name} were rejected: "
                "stopping rather than emptying the topic into dead.letters. See the newest dead letters for why"
            )

    def _count(self, batch: FetchedBatch) -> None:
        metrics.EVENTS.labels(self.topic.name).inc(len(batch.records))
        if batch.records:
            lag = time.time() - max(record.timestamp for record in batch.records) / 1000.0
            metrics.LAG.labels(self.topic.name).set(max(lag, 0.0))


def one_per_reason(rejections: list[RejectedReading]) -> list[RejectedReading]:
    """One rejection for each reason: the first, naming what else in the record is wrong by the same, and all its units.

    The record's bytes are in the letter, so nothing of it is lost.
    """
    by_reason: dict[str, list[RejectedReading]] = {}
    for rejected in rejections:
        by_reason.setdefault(rejected.reason, []).append(rejected)
    return [_together(same) for same in by_reason.values()]


def _together(same: list[RejectedReading]) -> RejectedReading:
    first, rest = same[0], same[1:]
    if not rest:
        return first
    named = ", ".join(f"{one.field} {_short(one)}".strip() for one in rest[:_NAMED])
    message = f"{first.message} (and {len(rest)} more: {named}{', ...' if len(rest) > _NAMED else ''})"
    known = [one.units for one in same if one.units is not None]
    return RejectedReading(
        first.reason, message, field=first.field, value=first.value, units=sum(known) if known else None
    )


def _short(rejected: RejectedReading) -> str:
    return "" if rejected.value is None else str(rejected.value)[:_NAMED_CHARACTERS]


def _units(meaning: Meaning) -> float:
    """Net units sold by the observations of a reading."""
    signs: Mapping[str, int] = {"sale": 1, "return": -1, "void": -1}
    return sum(
        signs[seen.line_type] * seen.quantity for _, seen in meaning.observations if isinstance(seen, log.SaleMade)
    )
