"""Delivery of alerts to one channel: the newest state of each alert, in order, at least once.

A consumer of its own for each channel, so that a receiver that is down holds back itself only. While it is down nothing
it has not confirmed is committed, and what changes meanwhile is gathered: one message says how it stands. Every state
that is told carries its fact's id; one that was confirmed is not told again by the same process.

After a start the topic is read from its beginning: what lies before the commit was told and only says what still fires.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import msgspec
import structlog

from agents import metrics
from agents.gathering import Commits, Gathered, GatheringSink, Position, persist
from agents.outbox import Outbox, dead_letter
from inventory.facts import origin_of
from schemas import topics
from schemas.errors import RejectedReading, Unavailable
from schemas.facts import Alert, Severity, utc
from schemas.topics import Topic
from sinks.calling import Refused
from sinks.channels.port import Channel, News
from streams.batches import Record
from streams.cluster import TopicIdentity
from streams.publisher import Publisher

CONSUMED = (topics.ALERTS,)
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
REMEMBERED = 50_000
_DECODER = msgspec.json.Decoder(Alert)
_log = structlog.get_logger("restockd.alerts")


@dataclass(frozen=True)
class Wanted:
    """Which alerts a channel gets and how often; no ``locations`` means all."""

    least_severity: Severity = "info"
    locations: frozenset[str] = frozenset()
    messages_per_minute: float = 30.0
    gather_seconds: float = 0.5

    def has(self, alert: Alert) -> bool:
        """Whether this alert is one of them."""
        severe = SEVERITIES.index(alert.severity) >= SEVERITIES.index(self.least_severity)
        return severe and (not self.locations or alert.location in self.locations)


@dataclass(frozen=True)
class _Due:
    """A state of an alert that is still to be told, and where it stands."""

    alert: Alert
    at: Position
    record: Record


class Deliverer(GatheringSink):
    """Brings alerts to one channel."""

    def __init__(
        self,
        channel: Channel,
        identities: dict[Topic, TopicIdentity],
        publisher: Publisher,
        outbox: Outbox,
        wanted: Wanted | None = None,
        on_wait: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``on_wait`` is called when nothing could be told for a good reason: that is no worker that hangs."""
        super().__init__(Gathered(identities, gone="alerts are gone that were never told"))
        self._channel = channel
        self._publisher = publisher
        self._outbox = outbox
        self._wanted = wanted or Wanted()
        self._on_wait = on_wait
        self._clock = clock
        self._told_to: dict[Position, int] = {}
        self._ends: dict[Position, int] = {}
        self._heard: dict[Position, int] = {}
        self._due: dict[str, _Due] = {}
        self._firing: dict[str, Alert] = {}
        self._said_at: dict[str, float] = {}
        self._confirmed: dict[str, None] = {}
        self._oldest: deque[str] = deque()
        self._free_at = 0.0

    @property
    def channel_name(self) -> str:
        """Which channel this is."""
        return self._channel.name

    @property
    def gather_seconds(self) -> float:
        """How long alerts are gathered before they are told."""
        return self._wanted.gather_seconds

    async def open(self) -> None:
        """Nothing to wait for: a receiver is known to answer when it confirms."""

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition: from its beginning, to learn what fires. Alerts that are gone are only logged."""
        at = (name, partition)
        known = committed is not None and self._gathered.is_ours(name, committed)
        offset = committed[0] if committed and known else -1
        if known and offset < bounds[0]:
            _log.error("alerts are gone that were never told", channel=self._channel.name, count=bounds[0] - offset)
        self._told_to[at] = max(offset, bounds[0])
        # Whoever listens for the first time wants to know what is wrong, not what was.
        self._ends[at] = self._told_to[at] if known else bounds[1]
        return self._gathered.resume(name, partition, None, bounds)

    def drop(self, kept: Iterable[Position]) -> None:
        """Forget partitions that were taken away; all of them are read anew."""
        super().drop(kept)
        self._due.clear()
        self._firing.clear()
        self._said_at.clear()

    async def write(self) -> Commits:
        """Tell what is due, as far as the channel may be told by now."""
        if await self._absorb() and not self._has_caught_up():
            self._on_wait()  # reading the topic again is work as well
        while self._may_tell():
            await asyncio.sleep(max(0.0, self._free_at - self._clock()))
            await persist(self._tell, self._waits)
            self._free_at = self._clock() + 60.0 / self._wanted.messages_per_minute
        metrics.ALERTS_WAITING.labels(self._channel.name).set(len(self._due))
        return self._commits() if self._has_caught_up() else {}

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()

    async def _absorb(self) -> bool:
        """Hear everything that is gathered; whether that was anything."""
        batches = self._gathered.all()
        for batch in batches:
            at = (batch.topic, batch.partition)
            self._heard[at] = max(self._heard.get(at, 0), batch.end)
            for record in batch.records:
                try:
                    self._hear(_DECODER.decode(record.value or b""), at, record)
                except msgspec.DecodeError as error:
                    if record.offset >= self._told_to[at]:
                        await self._bury(RejectedReading("malformed", f"no alert: {error}"), at, record)
        return bool(batches)

    def _may_tell(self) -> bool:
        """Whether there is something to tell and its time is at most as far away as the next call."""
        soon = self._clock() + self.gather_seconds >= self._free_at
        return soon and self._has_caught_up() and bool(self._next())

    def _has_caught_up(self) -> bool:
        """Whether everything was read again that a newer state, told already, may stand behind."""
        positions = self._gathered.positions
        return all(offset >= max(self._ends[at], self._heard.get(at, 0)) for at, offset in positions.items())

    def _hear(self, alert: Alert, at: Position, record: Record) -> None:
        name = alert.alert_id
        self._due.pop(name, None)
        if alert.fact_id in self._confirmed or record.offset < self._told_to[at]:
            self._note(alert)
            return
        over_before = alert.state == "resolved" and record.offset < self._ends[at]
        if not over_before and (self._wanted.has(alert) or name in self._firing):
            self._due[name] = _Due(alert, at, record)

    def _note(self, alert: Alert) -> None:
        """Remember that the channel knows this state."""
        if alert.state == "resolved":
            self._firing.pop(alert.alert_id, None)
            self._said_at.pop(alert.alert_id, None)
        elif self._wanted.has(alert):
            self._firing[alert.alert_id] = alert

    def _next(self) -> list[_Due | Alert]:
        """What the next message is about: news first, then what has to be said again."""
        due: list[_Due | Alert] = [*islice(self._due.values(), self._channel.most)]
        return due or [*islice(self._repeats(), self._channel.most)]

    def _repeats(self) -> Iterator[Alert]:
        after = self._channel.repeat_after
        if after is not None:
            latest = self._clock() - after.total_seconds()
            yield from (alert for name, alert in self._firing.items() if self._said_at.get(name, latest) <= latest)

    async def _tell(self) -> None:
        """One message; what was gathered while the receiver was away is in it."""
        await self._absorb()
        if self._has_caught_up():  # partitions may have come anew while the receiver was away
            await self._deliver(self._next())

    async def _deliver(self, due: Sequence[_Due | Alert]) -> None:
        """Tell these together; if they are refused, each for itself, so that one bad alert keeps no other back."""
        alerts = [one.alert if isinstance(one, _Due) else one for one in due]
        news = [News(alert, self._firing.get(alert.alert_id)) for alert in alerts]
        try:
            if news:
                await self._channel.send(news, datetime.now(UTC))
        except Refused as refused:
            if len(due) > 1:
                for one in due:
                    await self._deliver([one])
                return
            await self._give_up(due[0], refused)
            return
        metrics.ALERTS_DELIVERED.labels(self._channel.name).inc(len(alerts))
        for alert in alerts:
            self._confirm(alert)

    def _confirm(self, alert: Alert) -> None:
        self._note(alert)
        if alert.state == "firing":
            self._firing[alert.alert_id] = alert
            self._said_at[alert.alert_id] = self._clock()
        due = self._due.get(alert.alert_id)
        if due is not None and due.alert.fact_id == alert.fact_id:
            del self._due[alert.alert_id]
        if alert.fact_id not in self._confirmed:
            self._confirmed[alert.fact_id] = None
            self._oldest.append(alert.fact_id)
        if len(self._oldest) > REMEMBERED:
            del self._confirmed[self._oldest.popleft()]

    async def _give_up(self, due: _Due | Alert, refused: Refused) -> None:
        metrics.ALERTS_REFUSED.labels(self._channel.name).inc()
        _log.error("an alert is refused", channel=self._channel.name, problem=refused.message)
        alert = due.alert if isinstance(due, _Due) else due
        if isinstance(due, _Due):
            await self._bury(refused, due.at, due.record)
        self._confirm(alert)

    async def _bury(self, problem: RejectedReading, at: Position, record: Record) -> None:
        origin = origin_of(self._gathered.ids[at[0]], at[1], record.offset, record.value or b"")
        letter = dead_letter(problem, origin, at[0], record.value or b"", record.key, utc(record.timestamp))
        await self._publisher.publish([self._outbox.dead_letter(letter)])

    def _commits(self) -> Commits:
        """Everything before the first alert that is still due."""
        reached = dict(self._gathered.positions)
        for due in self._due.values():
            if due.at in reached:
                reached[due.at] = min(reached[due.at], due.record.offset)
        for at, offset in reached.items():
            self._told_to[at] = max(self._told_to[at], offset)
        return {at: (self._told_to[at], self._gathered.ids[at[0]]) for at in reached}

    def _waits(self, error: Unavailable) -> None:
        _log.warning("an alert channel waits", channel=self._channel.name, problem=str(error))
        self._on_wait()
