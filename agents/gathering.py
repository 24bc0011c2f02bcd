"""Batches of facts gathered until a sink takes them together, and what may be committed then.

A sink that is down holds its consumer back: ``take`` waits while enough is gathered, and offsets stay put.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol, TypeVar

import stamina

from agents import metrics
from schemas.errors import BrokenLog, Unavailable
from schemas.topics import Topic
from sinks.calling import Later
from streams.batches import FetchedBatch, continue_at
from streams.cluster import TopicIdentity

T = TypeVar("T")
Position = tuple[str, int]
Commits = dict[Position, tuple[int, str]]

MAX_RECORDS = 50_000
LONGEST_PAUSE_SECONDS = 300.0


class Sink(Protocol):
    """What a worker's sink role drives: facts in, offsets that may be committed out."""

    @property
    def gather_seconds(self) -> float:
        """How long facts are gathered before they are brought out."""

    async def open(self) -> None:
        """Get ready; waits for the other side as long as it takes."""

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition; returns the offset to go on at."""

    def drop(self, kept: Iterable[Position]) -> None:
        """Forget partitions that were taken away."""

    async def take(self, fetched: FetchedBatch) -> None:
        """Gather a batch; waits while enough is gathered."""

    async def write(self) -> Commits:
        """Bring out what is gathered; returns what may be committed now, with its metadata."""


class Gathered:
    """What was fetched of some topics and is not written yet."""

    def __init__(self, identities: Mapping[Topic, TopicIdentity], gone: str, max_records: int = MAX_RECORDS) -> None:
        """``gone`` is what the worker stops with when facts are no longer there that should come next."""
        self.topics = {identity.name: topic for topic, identity in identities.items()}
        self.ids = {identity.name: identity.topic_id for identity in identities.values()}
        self._gone = gone
        self._max_records = max_records
        self._next: dict[Position, int] = {}
        self._waiting: list[FetchedBatch] = []
        self._records = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def positions(self) -> Mapping[Position, int]:
        """Where each partition that is ours goes on."""
        return self._next

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition; returns the offset to go on at.

        Raises ``BrokenLog`` if facts are gone that were never written. A commit of
        another topic of this name (it was recreated) does not count.
        """
        offset = committed[0] if committed and self.is_ours(name, committed) else bounds[0]
        if not bounds[0] <= offset <= bounds[1]:
            there = f"holds {bounds[0]} to {bounds[1]}"
            raise BrokenLog(f"{name}[{partition}] should go on at offset {offset}, but {there}: {self._gone}")
        self._next[(name, partition)] = offset
        return offset

    def is_ours(self, name: str, committed: tuple[int, str]) -> bool:
        """Whether a commit is of this very topic; its metadata begin with the topic's id."""
        return committed[1].partition(" ")[0] == self.ids[name]

    def drop(self, kept: Iterable[Position]) -> None:
        """Forget partitions that were taken away, with what was gathered from them."""
        mine = set(kept)
        self._next = {at: offset for at, offset in self._next.items() if at in mine}
        self._waiting = [batch for batch in self._waiting if (batch.topic, batch.partition) in mine]

    async def take(self, fetched: FetchedBatch) -> None:
        """Gather a batch; waits while enough is gathered.

        Raises ``streams.batches.Jump`` if the batch does not follow the last one.
        """
        await self._room.wait()
        at = (fetched.topic, fetched.partition)
        batch = continue_at(self._next[at], fetched, gapless=not self.topics[fetched.topic].compacted)
        if batch is None:
            return
        self._next[at] = batch.end
        self._waiting.append(batch)
        self._records += len(batch.records)
        if self._records >= self._max_records:
            self._room.clear()

    def all(self) -> list[FetchedBatch]:
        """What is gathered; from now on there is room again."""
        batches, self._waiting, self._records = self._waiting, [], 0
        self._room.set()
        return batches


class GatheringSink:
    """The half of a sink that is the same for all: taking over partitions and gathering what comes."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition; raises ``BrokenLog`` if facts are gone that were never written."""
        return self._gathered.resume(name, partition, committed, bounds)

    def drop(self, kept: Iterable[Position]) -> None:
        """Forget partitions that were taken away, with what was gathered from them."""
        self._gathered.drop(kept)

    async def take(self, fetched: FetchedBatch) -> None:
        """Gather a batch; waits while enough is gathered."""
        await self._gathered.take(fetched)


async def persist(call: Callable[[], Awaitable[T]], on_wait: Callable[[Unavailable], None]) -> T:
    """Call the other side until it answers, with growing and jittered pauses of at most half a minute.

    A pause it asks for itself is kept, up to ``LONGEST_PAUSE_SECONDS``.
    """
    async for attempt in stamina.retry_context(
        on=_pause, attempts=None, timeout=None, wait_initial=0.5, wait_max=30.0, wait_jitter=1.0
    ):
        with attempt:
            try:
                return await call()
            except Unavailable as error:
                metrics.SINK_WAITS.labels(error.component).inc()
                on_wait(error)
                raise
    raise AssertionError("there is no last attempt")


def _pause(error: Exception) -> bool | float:
    """Whether to try again, or in how many seconds."""
    if isinstance(error, Later):
        return min(error.seconds, LONGEST_PAUSE_SECONDS)
    return isinstance(error, Unavailable)
