"""The batched Faust transport: one Faust event = the records of one partition in one fetch.

Faust's cost is per event, so a batch per event makes it thirty times faster
(STACK.md). Three things follow and are all here:

- what may be committed is decided by the agents (``BatchConsumer.mark``), since
  Faust's bookkeeping wants consecutive offsets;
- a commit carries metadata and the generation of the assignment it was made
  under, and is refused otherwise: that fences a worker that slept through a
  rebalance;
- after every assignment each partition is sought to where its owner says, never
  to wherever the broker thinks.

Registered under the URL scheme ``restockd``.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, cast

import faust.transport.drivers
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    CommitFailedError,
    ConsumerStoppedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as faust_aiokafka
from faust.types import TP

from streams.batches import FetchedBatch, pieces
from streams.stopping import end_process

if TYPE_CHECKING:
    from streams.app import BatchApp

SCHEME = "restockd"

Position = tuple[str, int]

_committing_under: ContextVar[int | None] = ContextVar("_committing_under", default=None)


class BatchConsumerThread(faust_aiokafka.AIOKafkaConsumerThread):
    """aiokafka's consumer in its own thread, fetching batches."""

    mundane_level = "debug"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fetched_to: dict[TP, int] = {}
        self._metadata: dict[TP, str] = {}

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        self._batches = cast("BatchApp", self.app).batch_settings
        # One fetch per broker is in flight at a time, so a partition that has just
        # been drained waits for the long poll of the others: keep that poll short.
        consumer._fetch_max_wait_ms = self._batches.max_wait_ms
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Any:
        try:
            fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        except ConsumerStoppedError:
            raise
        except NoOffsetForPartitionError:
            return {}  # just assigned; ``perform_seek`` is about to say where it goes on
        except KafkaError as error:
            end_process(_why_fetching_failed(error), error=error)
        return {tp: list(self._as_events(tp, records, _holds_more(consumer, tp))) for tp, records in fetched.items()}

    def _as_events(self, tp: Any, records: list[ConsumerRecord], more: bool) -> Iterator[ConsumerRecord]:
        for piece in pieces(records, self._batches.max_bytes):
            yield self._as_event(tp, piece, more or piece[-1] is not records[-1])

    def _as_event(self, tp: Any, records: tuple[ConsumerRecord, ...], more: bool) -> ConsumerRecord:
        key = TP(tp.topic, tp.partition)
        last = records[-1]
        # Records that were fetched before a seek may come after it was noted: they are not of the batch that follows.
        start = min(self._fetched_to.get(key, records[0].offset), records[0].offset)
        self._fetched_to[key] = last.offset + 1
        batch = FetchedBatch(tp.topic, tp.partition, start, last.offset + 1, records, more)
        return ConsumerRecord(
            tp.topic, tp.partition, last.offset, last.timestamp, last.timestamp_type, None, batch, None, 0, 0, ()
        )

    async def _seek_wait(self, consumer: AIOKafkaConsumer, partitions: Mapping[TP, int]) -> None:
        """Seek what is still ours: what was taken away meanwhile is sought by its next owner."""
        assigned = consumer.assignment()
        ours = {tp: offset for tp, offset in partitions.items() if tp in assigned}
        self._fetched_to.update({TP(tp.topic, tp.partition): offset for tp, offset in ours.items()})
        with suppress(IllegalStateError):  # taken away while waiting for the position
            await super()._seek_wait(consumer, ours)

    async def committed(self, partitions: set[TP]) -> Mapping[TP, tuple[int, str]]:
        """Committed offset and metadata of each partition that has one."""
        return cast(Mapping[TP, tuple[int, str]], await self.call_thread(self._committed, partitions))

    async def _committed(self, partitions: set[TP]) -> Mapping[TP, tuple[int, str]]:
        wanted = [TopicPartition(tp.topic, tp.partition) for tp in partitions]
        found = await self._ensure_consumer()._coordinator.fetch_committed_offsets(wanted)
        return {TP(tp.topic, tp.partition): (at.offset, at.metadata) for tp, at in found.items() if at.offset >= 0}

    async def commit_marked(self, offsets: Mapping[TP, tuple[int, str]], generation: int) -> bool:
        """Commit offsets with metadata under ``generation`` and no other; False if refused."""
        return bool(await self.call_thread(self._commit_marked, offsets, generation))

    async def _commit_marked(self, offsets: Mapping[TP, tuple[int, str]], generation: int) -> bool:
        consumer = self._ensure_consumer()
        self._fence(consumer)
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, metadata)
            for tp, (offset, metadata) in offsets.items()
        }
        _committing_under.set(generation)
        try:
            await consumer.commit(wanted)
        except (CommitFailedError, IllegalStateError):  # a later generation, or taken away
            return False
        return True

    @staticmethod
    def _fence(consumer: AIOKafkaConsumer) -> None:
        """Make the coordinator refuse to stamp a commit with a later generation.

        aiokafka reads its generation when it builds the request, which after a
        rebalance is the new one: the broker would accept a commit decided under
        the old assignment. Each commit carries its own generation (a context
        variable), since several may be waiting their turn.
        """
        coordinator = consumer._coordinator
        if getattr(coordinator, "_restockd_fenced", False):
            return
        send = coordinator._do_commit_offsets

        async def fenced(assignment: Any, offsets: Any) -> None:
            if coordinator.generation != _committing_under.get():
                raise IllegalGenerationError(coordinator.group_id)
            await send(assignment, offsets)

        coordinator._do_commit_offsets = fenced
        coordinator._restockd_fenced = True


def _holds_more(consumer: AIOKafkaConsumer, tp: Any) -> bool:
    """Whether a partition holds records behind those that were just fetched; markers of transactions are none."""
    assigned = consumer._subscription.subscription.assignment
    state = assigned.state_value(tp) if assigned is not None else None
    if state is None or not state.has_valid_position or state.highwater is None:
        return False
    return bool(state.position < state.highwater)


def _why_fetching_failed(error: KafkaError) -> str:
    if isinstance(error, OffsetOutOfRangeError) and error.args and isinstance(error.args[0], Mapping):
        gone = ", ".join(f"{tp.topic}[{tp.partition}] at offset {offset}" for tp, offset in error.args[0].items())
        return f"the broker no longer has what comes next: {gone}. Was retention shorter than the outage?"
    return f"records cannot be fetched: {error!r}"


class _NoReadOffsets(defaultdict[TP, int | None]):
    """Faust drops what lies before the offset it read last, also after a seek back: have it remember none.

    What is new is decided by ``streams.batches.continue_at``.
    """

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        pass


class BatchConsumer(faust_aiokafka.Consumer):
    """Faust's consumer with commits and positions decided by the agents."""

    mundane_level = "debug"
    _thread: BatchConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._marks: dict[TP, tuple[int, str, int]] = {}
        self._sent: dict[TP, tuple[int, str]] = {}
        self._read_offset = _NoReadOffsets(lambda: None)
        self._one_commit = asyncio.Lock()
        self._one_seek = asyncio.Lock()

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def generation(self) -> int:
        """The generation of the current assignment."""
        return int(self.app.consumer_generation_id)

    def mark(self, topic: str, partition: int, next_offset: int, metadata: str, generation: int) -> None:
        """Allow ``next_offset`` to be committed; ``generation`` is the one the work was done under."""
        self._marks[TP(topic, partition)] = (next_offset, metadata, generation)

    async def commit_now(self, topic: str, partition: int) -> bool:
        """Commit what is marked for one partition; False if refused or nothing is marked."""
        tp = TP(topic, partition)
        return tp in self._marks and await self._commit_tps([tp], start_new_transaction=False)

    async def committed(self, positions: set[Position]) -> dict[Position, tuple[int, str]]:
        """Committed offset and metadata of each partition that has one."""
        found = await self._thread.committed({TP(*position) for position in positions})
        return {(tp.topic, tp.partition): at for tp, at in found.items()}

    async def seek_back(self, topic: str, partition: int, offset: int) -> None:
        """Fetch again from ``offset``."""
        await self._thread.seek_wait({TopicPartition(topic, partition): offset})

    async def perform_seek(self) -> None:
        """Seek every assigned partition to where its owner wants to go on."""
        async with self._one_seek:
            try:
                await self._seek_all()
            except Exception as error:
                end_process(f"cannot tell where to go on after an assignment: {error}", error=error)

    async def _seek_all(self) -> None:
        assigned = {(tp.topic, tp.partition) for tp in self.assignment()}
        self._marks = {tp: mark for tp, mark in self._marks.items() if mark[2] == self.generation}
        self._sent.clear()
        wanted = await cast("BatchApp", self.app).positions_of(assigned)
        await self._thread.seek_wait({TopicPartition(*at): offset for at, offset in wanted.items()})

    async def verify_all_partitions_active(self) -> None:
        """Faust's own search for what hangs cries wolf under batches; ``streams.watchdog`` does it."""

    async def commit_and_end_transactions(self) -> None:
        """Commit what is marked, also if another commit is just under way."""
        await self.force_commit(start_new_transaction=False)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Any:
        return [tp for tp in self._marks if topics is None or tp in topics or tp.topic in topics]

    async def _commit_tps(self, tps: Any, start_new_transaction: bool) -> bool:
        async with self._one_commit:  # in turn, or an older one may overtake a newer one
            return await self._commit_marks([tp for tp in tps if tp in self._marks])

    async def _commit_marks(self, tps: list[TP]) -> bool:
        groups: dict[int, dict[TP, tuple[int, str]]] = {}
        for tp in tps:
            self._forget_acks(tp)
            offset, metadata, generation = self._marks[tp]
            if self._sent.get(tp) != (offset, metadata):
                groups.setdefault(generation, {})[tp] = (offset, metadata)
        results = [await self._commit_group(offsets, generation) for generation, offsets in groups.items()]
        return bool(results) and all(results)

    async def _commit_group(self, offsets: dict[TP, tuple[int, str]], generation: int) -> bool:
        if generation != self.generation or not await self._thread.commit_marked(offsets, generation):
            self.log.info("Commit under generation %r refused; it is redone after the rebalance", generation)
            return False
        self._sent.update(offsets)
        self._committed_offset.update({tp: offset for tp, (offset, _) in offsets.items()})
        self.app.monitor.on_tp_commit({tp: offset for tp, (offset, _) in offsets.items()})
        return True

    def _forget_acks(self, tp: TP) -> None:
        self._acked[tp].clear()
        self._acked_index[tp].clear()

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Batches leave gaps by design; ``streams.batches`` checks for real ones."""


class BatchTransport(faust_aiokafka.Transport):
    """The transport of a ``streams.app.BatchApp``, which says where partitions go on."""

    Consumer: ClassVar[type[Any]] = BatchConsumer


def register() -> None:
    """Make ``restockd://host:port`` a Faust broker URL that uses this transport."""
    faust.transport.drivers.TRANSPORTS.aliases[SCHEME] = f"{__name__}:BatchTransport"
