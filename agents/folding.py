"""The inventory agent: folds the observations log, says facts, keeps checkpoints.

The state lives in memory and in checkpoints; the group offset is advice. The
order is always: fold, publish and wait, allow the commit. Whatever happens in
between, the log is folded again from the last checkpoint, and says the same.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from agents import metrics
from agents.outbox import Outbox
from inventory import fold, state
from inventory.facts import origin_of
from inventory.rules import STATE_VERSION
from inventory.state import PartitionState
from schemas import observations, topics
from schemas.errors import BrokenLog
from schemas.facts import Fact
from streams.backlog import Backlog
from streams.batches import FetchedBatch, Record, continue_at
from streams.checkpoints import CheckpointStore, Manifest
from streams.cluster import Cluster, TopicIdentity
from streams.kept_log import KeptLog
from streams.publisher import Outgoing, Publisher

CHUNK = 64


@dataclass(slots=True)
class Owned:
    """A log partition this worker folds. ``torn`` while facts are said but not yet stored."""

    state: PartitionState
    torn: bool = False
    manifest: Manifest | None = None
    checkpointed_at: float = field(default_factory=time.monotonic)
    records_since: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Folding:
    """Folds the partitions of the log that are assigned to this worker."""

    def __init__(
        self,
        log: TopicIdentity,
        cluster: Cluster,
        store: CheckpointStore,
        publisher: Publisher,
        outbox: Outbox,
        backlog: Backlog,
        checkpoint_seconds: float,
        checkpoint_records: int,
        kept_log: KeptLog | None = None,
    ) -> None:
        """``kept_log`` gets every message before anything is said of it, where the broker itself keeps little."""
        self.topic = topics.OBSERVATIONS
        self.log = log
        self._cluster = cluster
        self._store = store
        self._publisher = publisher
        self._outbox = outbox
        self._backlog = backlog
        self._seconds = checkpoint_seconds
        self._records = checkpoint_records
        self._kept_log = kept_log
        self._owned: dict[int, Owned] = {}

    async def resume(self, partition: int) -> int:
        """Take over a partition: newest whole checkpoint, then on from there; returns the offset."""
        owned = self._owned.get(partition)
        if owned is None or owned.torn:
            owned = self._owned[partition] = await asyncio.to_thread(self._load, partition)
        next_offset = owned.state.core.applied + 1
        low, high = await asyncio.to_thread(self._cluster.bounds, self.log.name, partition)
        if not low <= next_offset <= high:
            raise BrokenLog(
                f"{self.log.name}[{partition}]: the state goes on at offset {next_offset}, but the log holds "
                f"{low} to {high}. Lengthen the log's retention, or restore it"
            )
        return next_offset

    def drop(self, kept: Iterable[int]) -> None:
        """Forget partitions that were taken away."""
        self._owned = {p: self._owned[p] for p in kept if p in self._owned}

    def applied(self) -> dict[int, int]:
        """The last applied offset of every partition."""
        return {partition: owned.state.core.applied for partition, owned in self._owned.items()}

    async def handle(self, fetched: FetchedBatch) -> None:
        """Fold a fetched batch and wait until its facts are stored.

        Raises ``streams.batches.Jump`` if the batch does not follow the last one.
        """
        owned = self._owned[fetched.partition]
        async with owned.lock:
            batch = continue_at(owned.state.core.applied + 1, fetched, gapless=True)
            records = batch.records if batch else ()
            for start in range(0, len(records), CHUNK):
                await self._fold(owned, fetched.partition, records[start : start + CHUNK])

    async def checkpoint(self, partition: int, *, force: bool = False) -> Manifest | None:
        """Store a checkpoint if one is due; returns its manifest, None if none was stored."""
        owned = self._owned.get(partition)
        if owned is None:
            return None
        async with owned.lock:
            if owned.torn or not owned.records_since or not (force or self._due(owned)):
                return None
            return await self._checkpoint(owned, partition)

    async def forget_old(self, partition: int) -> None:
        """Delete outdated checkpoints; call it once the commit of the newest was accepted."""
        await self._store.forget_old(partition)

    async def _checkpoint(self, owned: Owned, partition: int) -> Manifest:
        changed = state.encode_changed(owned.state)
        owned.torn = True
        core = owned.state.core
        owned.manifest = await self._store.write(
            self.log, partition, core.applied, changed, core.rules.version, STATE_VERSION
        )
        owned.torn = False
        owned.checkpointed_at, owned.records_since = time.monotonic(), 0
        metrics.CHECKPOINTS.labels(str(partition)).inc()
        metrics.CHECKPOINT_BYTES.labels(str(partition)).inc(sum(map(len, changed.values())))
        return owned.manifest

    def _due(self, owned: Owned) -> bool:
        return owned.records_since >= self._records or time.monotonic() - owned.checkpointed_at >= self._seconds

    def _load(self, partition: int) -> Owned:
        found = self._store.load(self.log, partition, STATE_VERSION)
        if found is None:
            return Owned(PartitionState(partition))
        return Owned(state.decode(partition, found.buckets), manifest=found.manifest)

    async def _fold(self, owned: Owned, partition: int, records: tuple[Record, ...]) -> None:
        if self._kept_log is not None:
            self._kept_log.append(partition, records)
        owned.torn = True
        started = time.perf_counter()
        outgoing: list[Outgoing] = []
        for record in records:
            facts = self._step(owned.state, partition, record)
            outgoing += self._outbox.records(facts, partition)
        metrics.STEP_SECONDS.observe(time.perf_counter() - started)
        await self._publisher.publish(outgoing)
        for sent in outgoing:
            metrics.FACTS.labels(sent.topic).inc()
        owned.torn = False
        owned.records_since += len(records)
        self._backlog.handled(self.log.name, partition, records[-1].offset + 1)

    def _step(self, partition_state: PartitionState, partition: int, record: Record) -> list[Fact]:
        value = record.value or b""
        origin = origin_of(self.log.topic_id, partition, record.offset, value)
        try:
            batch = observations.decode(value)
        except msgspec.DecodeError as error:
            raise BrokenLog(f"{self.log.name}[{partition}]@{record.offset} is not a log message: {error}") from error
        return fold.step(partition_state, batch, origin)
