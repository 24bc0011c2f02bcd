"""A worker: the Faust apps of its roles in one process, and what they share.

``intake`` turns readings into the log, ``inventory`` folds it, ``archive`` brings facts into ClickHouse, ``erp`` orders
into an ERP, ``alerts`` alerts to people, ``budgets`` shares money among orders; each has a consumer and a group of its
own. Everything that must not go on ends the process with a message (``streams.stopping``).
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from agents import budget_keeper, deliverer, erp_connector, metrics
from agents.archivist import ARCHIVED, Archivist
from agents.budget_keeper import BudgetKeeper
from agents.catalogue_feed import CatalogueFeed
from agents.deliverer import Deliverer, Wanted
from agents.erp_connector import ErpConnector, ErpPace
from agents.folding import Folding
from agents.gathering import Commits, Sink
from agents.intake import Intake
from agents.outbox import Outbox
from agents.release_rhythm import Rhythm
from agents.rounds import Rounds
from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import InvalidSettings
from schemas.readings.registry import all_formats
from schemas.topics import Topic
from sinks.channels.port import Channel
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.settings import ClickHouseSettings
from sinks.erp.port import Erp
from streams.app import BatchApp, create_app
from streams.backlog import EMBEDDED_LIMIT_BYTES, Backlog
from streams.batches import FetchedBatch, Jump
from streams.checkpoints import CheckpointStore
from streams.cluster import Cluster, TopicIdentity
from streams.kept_log import KeptLog
from streams.publisher import Publisher
from streams.settings import BatchSettings, BrokerSettings
from streams.stopping import end_process
from streams.transport import Position
from streams.watchdog import Watchdog

INTAKE = (*topics.READINGS, *topics.REFERENCE)
STOP_SECONDS = 15.0
_FOLLOW_SECONDS = 1.0

Handle = Callable[[FetchedBatch], Coroutine[Any, Any, None]]
_log = structlog.get_logger("restockd.worker")


@dataclass(frozen=True)
class WorkerSettings:
    """What one worker process does and with what."""

    broker: BrokerSettings
    clickhouse: ClickHouseSettings
    roles: frozenset[str] = frozenset({"intake", "inventory", "archive"})
    batches: BatchSettings = field(default_factory=BatchSettings)
    checkpoint_seconds: float = 5.0
    checkpoint_records: int = 200_000
    future_tolerance_seconds: float = 300.0
    stuck_seconds: float = 120.0
    erp: Callable[[], Erp] | None = None
    erp_pace: ErpPace = field(default_factory=ErpPace)
    channels: tuple[Callable[[], Channel], ...] = ()
    alerts: Wanted = field(default_factory=Wanted)
    releases: Rhythm = field(default_factory=Rhythm)
    log_folder: Path | None = None


class _Shared:
    """What the roles of one process share."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.broker = settings.broker
        self.cluster = Cluster(settings.broker)
        self.backlog = Backlog(EMBEDDED_LIMIT_BYTES if settings.broker.embedded else None, self._consumed())
        self.publisher = Publisher(settings.broker, self.backlog)
        partitions = {self.broker.name(t): self.cluster.partitions(self.broker.name(t)) for t in topics.FACTS}
        self.outbox = Outbox(settings.broker, partitions)
        self.watchdog = Watchdog(self._has_lag, settings.stuck_seconds)
        self.handled: dict[Position, int] = {}
        self.tasks: list[asyncio.Task[None]] = []

    def _consumed(self) -> frozenset[str]:
        """The topics that this process both writes and reads."""
        archived = ARCHIVED if "archive" in self.settings.roles else ()
        return frozenset(self.broker.name(topic) for topic in (topics.OBSERVATIONS, *archived))

    def note(self, batch: FetchedBatch, next_offset: int) -> None:
        """A batch was handled: progress for the watchdog, room for producers."""
        self.watchdog.progress()
        self.handled[(batch.topic, batch.partition)] = next_offset
        self.backlog.handled(batch.topic, batch.partition, next_offset)

    def assigned(self, names: Iterable[str], positions: Mapping[Position, int]) -> None:
        """A role's partitions changed; ``names`` are all topics of the role."""
        mine = set(names)
        self.handled = {at: offset for at, offset in self.handled.items() if at[0] not in mine}
        self.handled.update(positions)
        _log.info("partitions assigned", count=len(positions), topics=len({name for name, _ in positions}))

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the roles' batches; its failure ends the worker."""
        task = asyncio.get_running_loop().create_task(_or_end(work))
        self.tasks.append(task)
        return task

    def _has_lag(self) -> bool:
        return any(self.cluster.bounds(*at)[1] > offset for at, offset in list(self.handled.items()))


async def _or_end(work: Coroutine[Any, Any, Any]) -> None:
    """Await ``work``; anything it raises ends the process."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception as error:
        end_process(str(error) or type(error).__name__, error=error)


def _agents(app: BatchApp, names: Iterable[str], handle: Handle) -> None:
    """One agent per topic; a jump makes it fetch again, any other failure ends the worker."""
    for name in names:
        app.agent(app.topic(name), name=f"agents.{name}")(_looping(app, handle))


def _looping(app: BatchApp, handle: Handle) -> Callable[[Any], Coroutine[Any, Any, None]]:
    async def run(stream: Any) -> None:
        async for batch in stream:
            await _or_end(_once(app, batch, handle))

    return run


async def _once(app: BatchApp, batch: FetchedBatch, handle: Handle) -> None:
    try:
        await handle(batch)
    except Jump as jump:
        _log.warning("fetching again", reason=str(jump))
        await app.batch_consumer.seek_back(jump.topic, jump.partition, jump.expected)


class IntakeRole:
    """Intake of every reading and reference topic.

    Its consumer is its own: one consumer delivers one batch after the other, and
    an intake that waits for the fold would keep the fold's batches from it.
    """

    def __init__(self, shared: _Shared) -> None:
        self._shared = shared
        self._rounds = Rounds(shared.run)
        self._feed = CatalogueFeed(shared.broker, shared.cluster, Catalogue())
        self._log = shared.cluster.identity(topics.OBSERVATIONS)
        self._intakes = {shared.broker.name(topic): self._intake(topic) for topic in INTAKE}
        self.app = create_app("intake", shared.broker, shared.settings.batches, self._positions)
        _agents(self.app, self._intakes, self._take_in)

    async def start(self) -> None:
        """Read the reference data, then join the group."""
        await self._feed.start()
        self._rounds.every(_FOLLOW_SECONDS, self._feed.follow)
        await self.app.start()

    async def stop(self) -> None:
        """Leave the group."""
        await self._rounds.end()
        await self.app.stop()
        await self._feed.close()

    def _intake(self, topic: Topic) -> Intake:
        shared = self._shared
        return Intake(
            all_formats()[topic.name],
            shared.cluster.identity(topic),
            self._log,
            self._feed,
            shared.publisher,
            shared.outbox,
            shared.settings.future_tolerance_seconds,
        )

    async def _take_in(self, batch: FetchedBatch) -> None:
        consumer = self.app.batch_consumer
        generation = consumer.generation
        next_offset, metadata = await self._intakes[batch.topic].handle(batch)
        consumer.mark(batch.topic, batch.partition, next_offset, metadata, generation)
        self._shared.note(batch, next_offset)

    async def _positions(self, assigned: set[Position]) -> dict[Position, int]:
        """Where every assigned partition goes on."""
        for name, intake in self._intakes.items():
            intake.drop(partition for topic, partition in assigned if topic == name)
        committed = await self.app.batch_consumer.committed(assigned)
        positions = {}
        for at in sorted(assigned):
            bounds = await asyncio.to_thread(self._shared.cluster.bounds, *at)
            positions[at] = self._intakes[at[0]].resume(at[1], committed.get(at), bounds)
        for intake in self._intakes.values():
            await intake.announce()
        self._shared.assigned(self._intakes, positions)
        return positions


class InventoryRole:
    """The fold of the log."""

    def __init__(self, shared: _Shared) -> None:
        self._shared = shared
        broker, settings = shared.broker, shared.settings
        self._rounds = Rounds(shared.run)
        self._log = shared.cluster.identity(topics.OBSERVATIONS)
        self._folding = Folding(
            self._log,
            shared.cluster,
            CheckpointStore(broker, broker.name(topics.CHECKPOINTS), shared.publisher, shared.cluster),
            shared.publisher,
            shared.outbox,
            shared.backlog,
            settings.checkpoint_seconds,
            settings.checkpoint_records,
            KeptLog(settings.log_folder, self._log) if settings.log_folder else None,
        )
        self.app = create_app("inventory", broker, settings.batches, self._positions)
        _agents(self.app, [self._log.name], self._fold)

    async def start(self) -> None:
        """Join the group."""
        # Checkpoints are also due when nothing comes any more.
        self._rounds.every(self._shared.settings.checkpoint_seconds, self._store_checkpoints)
        await self.app.start()

    async def stop(self) -> None:
        """Store a last checkpoint and leave the group."""
        await self._rounds.end()
        await self._store_checkpoints(force=True)
        await self.app.stop()

    async def _fold(self, batch: FetchedBatch) -> None:
        await self._folding.handle(batch)
        self._shared.note(batch, batch.end)
        await self._checkpoint(batch.partition)

    async def _store_checkpoints(self, *, force: bool = False) -> None:
        for partition in self._folding.applied():
            await self._checkpoint(partition, force=force)

    async def _checkpoint(self, partition: int, *, force: bool = False) -> None:
        consumer = self.app.batch_consumer
        generation = consumer.generation
        manifest = await self._folding.checkpoint(partition, force=force)
        if manifest is None:
            return
        metadata = f"{manifest.checkpoint_id}/{generation}"
        consumer.mark(self._log.name, partition, manifest.applied + 1, metadata, generation)
        if await consumer.commit_now(self._log.name, partition):
            await self._folding.forget_old(partition)

    async def _positions(self, assigned: set[Position]) -> dict[Position, int]:
        """Where every assigned partition goes on."""
        self._folding.drop(partition for _, partition in assigned)
        positions = {at: await self._folding.resume(at[1]) for at in sorted(assigned)}
        self._shared.assigned([self._log.name], positions)
        return positions


class SinkRole:
    """Facts of some topics into one sink, with a consumer and a group of its own."""

    def __init__(self, shared: _Shared, name: str, sink: Sink, identities: Mapping[Topic, TopicIdentity]) -> None:
        self._shared = shared
        self._sink = sink
        self._rounds = Rounds(shared.run)
        self._one_at_a_time = asyncio.Lock()
        self.app = create_app(name, shared.broker, shared.settings.batches, self._positions)
        self._names = [identity.name for identity in identities.values()]
        topic = self.app.topic(*self._names)
        self.app.agent(topic, name=f"agents.{name}")(_looping(self.app, sink.take))

    async def start(self) -> None:
        """Wait for the other side, join the group."""
        await self._sink.open()
        self._rounds.every(self._sink.gather_seconds, self._write)
        await self.app.start()

    async def stop(self) -> None:
        """Write what is gathered and leave the group."""
        await self._rounds.end()
        await self._write()
        await self.app.stop()

    async def _write(self) -> None:
        await self._commit(self._sink.write)

    async def _commit(self, work: Callable[[], Awaitable[Commits]]) -> None:
        """Work and allow the commit, one at a time: a later write must not commit past one in flight."""
        async with self._one_at_a_time:
            consumer = self.app.batch_consumer
            generation = consumer.generation
            written = await work()
            if generation != consumer.generation:
                return
            for (name, partition), (offset, metadata) in written.items():
                consumer.mark(name, partition, offset, metadata, generation)
                self._shared.watchdog.progress()
                self._shared.handled[(name, partition)] = offset

    async def _positions(self, assigned: set[Position]) -> dict[Position, int]:
        self._sink.drop(assigned)
        committed = await self.app.batch_consumer.committed(assigned)
        positions = {}
        for at in sorted(assigned):
            bounds = await asyncio.to_thread(self._shared.cluster.bounds, *at)
            positions[at] = self._sink.resume(*at, committed.get(at), bounds)
        self._shared.assigned(self._names, positions)
        return positions


class ArchiveRole(SinkRole):
    """Facts into ClickHouse."""

    def __init__(self, shared: _Shared) -> None:
        identities = {topic: shared.cluster.identity(topic) for topic in ARCHIVED}
        # A sink that is down holds its consumer back; that is no worker that hangs.
        archivist = Archivist(
            Archive(shared.settings.clickhouse),
            identities,
            shared.publisher,
            shared.outbox,
            shared.backlog,
            on_wait=shared.watchdog.progress,
        )
        super().__init__(shared, "archive", archivist, identities)


class ErpRole(SinkRole):
    """Orders into the ERP, its answers back."""

    def __init__(self, shared: _Shared) -> None:
        if shared.settings.erp is None:
            raise InvalidSettings("erp.kind is 'none': the role erp needs an ERP")
        identities = {topic: shared.cluster.identity(topic) for topic in erp_connector.CONSUMED}
        self._connector = ErpConnector(
            shared.settings.erp(),
            identities,
            shared.broker,
            cache(shared.cluster.partitions),
            shared.publisher,
            shared.outbox,
            shared.settings.erp_pace,
            on_wait=shared.watchdog.progress,
        )
        super().__init__(shared, "erp", self._connector, identities)

    async def start(self) -> None:
        """Wait for the ERP, join the group, begin to ask for answers."""
        await super().start()
        self._rounds.every(self._connector.poll_seconds, self._ask)

    async def stop(self) -> None:
        """Bring over what is gathered and leave the group."""
        await super().stop()
        await self._connector.close()

    async def _ask(self) -> None:
        await self._commit(self._connector.ask)


class BudgetsRole(SinkRole):
    """What budgets have left, shared among the orders that wait for it."""

    def __init__(self, shared: _Shared) -> None:
        identities = {topic: shared.cluster.identity(topic) for topic in budget_keeper.CONSUMED}
        self._keeper = BudgetKeeper(
            identities,
            shared.broker,
            cache(shared.cluster.partitions),
            CatalogueFeed(shared.broker, shared.cluster, Catalogue(), (topics.BUDGETS,)),
            shared.publisher,
            shared.outbox,
            shared.settings.releases,
            on_wait=shared.watchdog.progress,
        )
        super().__init__(shared, "budgets", self._keeper, identities)

    async def stop(self) -> None:
        """Release what is due and leave the group."""
        await super().stop()
        await self._keeper.close()


class AlertsRole:
    """Alerts to people: each channel at its own pace, with a group of its own."""

    def __init__(self, shared: _Shared) -> None:
        if not shared.settings.channels:
            raise InvalidSettings("the role alerts needs a receiver: alerts.alertmanager_url, webhook_url or slack_url")
        identities = {topic: shared.cluster.identity(topic) for topic in deliverer.CONSUMED}
        self._deliverers = [
            Deliverer(
                make(),
                identities,
                shared.publisher,
                shared.outbox,
                shared.settings.alerts,
                on_wait=shared.watchdog.progress,
            )
            for make in shared.settings.channels
        ]
        self._roles = [SinkRole(shared, f"alerts-{one.channel_name}", one, identities) for one in self._deliverers]

    async def start(self) -> None:
        """Join the groups."""
        await asyncio.gather(*(role.start() for role in self._roles))

    async def stop(self) -> None:
        """Tell what is due and leave the groups."""
        await asyncio.gather(*(role.stop() for role in self._roles))
        await asyncio.gather(*(one.close() for one in self._deliverers))


Role = IntakeRole | InventoryRole | SinkRole | AlertsRole
# In the order in which they are stopped.
ROLES: dict[str, Callable[[_Shared], Role]] = {
    "intake": IntakeRole,
    "inventory": InventoryRole,
    "archive": ArchiveRole,
    "budgets": BudgetsRole,
    "erp": ErpRole,
    "alerts": AlertsRole,
}


async def run_worker(settings: WorkerSettings, ready: "asyncio.Event | None" = None) -> None:
    """Run the roles until SIGTERM or SIGINT, then stop in order (with a deadline)."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, _show_tasks)
    shared = await asyncio.to_thread(_Shared, settings)
    roles = [make(shared) for name, make in ROLES.items() if name in settings.roles]
    shared.watchdog.start()
    # Together: a group waits some seconds for its first members, and an archive that
    # waits for ClickHouse must not keep the others from starting.
    starting: asyncio.Future[Any] = asyncio.ensure_future(asyncio.gather(*(role.start() for role in roles)))
    told_to_stop: asyncio.Future[Any] = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({starting, told_to_stop}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        _log.warning("told to stop while starting")
        end_process("told to stop while starting: nothing was begun that is not done again", code=0)
    await starting
    _log.info("worker ready", roles=sorted(settings.roles), broker=settings.broker.address)
    if ready is not None:
        ready.set()
    await stopping.wait()
    await _stop(shared, roles)


async def _stop(shared: _Shared, roles: list[Role]) -> None:
    shared.watchdog.stop()
    _end_after(STOP_SECONDS * 2)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            for role in roles:
                await role.stop()
    except TimeoutError:
        _log.warning("stopping took too long; what was not stored is done again at the next start")
    for task in shared.tasks:
        task.cancel()
    shared.publisher.close()


def _show_tasks() -> None:
    """What every coroutine waits for, on standard error: for a worker that seems to hang."""
    for task in asyncio.all_tasks():
        print(" < ".join(reversed(_waiting(task.get_coro()))), file=sys.__stderr__, flush=True)


def _waiting(awaited: Any) -> list[str]:
    """The places a coroutine stands at, outermost first (asyncio's own printer trips over compiled code)."""
    places = []
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        if frame is not None:
            places.append(f"{frame.f_code.co_name} {frame.f_code.co_filename}:{frame.f_lineno}")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
    return places


def _end_after(seconds: float) -> None:
    """End the process when stopping hangs, as it does when the broker is gone: nothing is lost by it."""
    timer = threading.Timer(seconds, lambda: end_process("stopping in order took too long", code=0))
    timer.daemon = True
    timer.start()


__all__ = ["ROLES", "BatchApp", "WorkerSettings", "metrics", "run_worker"]
