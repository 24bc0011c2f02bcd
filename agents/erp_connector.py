"""The ERP connector: our orders into an ERP, its answers to ``orders.acks``, its goods to ``readings.erp``.

Orders are applied in the order of their topic, of each order only the newest state at hand, so that an ERP that was
away is not told of suggestions that were withdrawn meanwhile. The ERP finds an order by its id: redelivery changes
nothing.

Answers are asked for, by whoever owns the first partition of the orders. Every answer is absolute and may be told
again: the fold takes none twice. Goods may be told again as well, but only as long as the fold remembers them
(``rules.deduplication_days``): a commit therefore notes the time up to which goods were told, and after a restart only
what is later, or recent enough to be remembered, is told.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import msgspec
import structlog

from agents import metrics
from agents.gathering import Commits, Gathered, GatheringSink, Position, persist
from agents.outbox import Outbox, dead_letter
from inventory.facts import origin_of
from schemas import topics
from schemas.errors import RejectedReading, Unavailable
from schemas.facts import Reorder, Transfer, utc
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement
from schemas.topics import Topic
from sinks.erp.port import Answer, Erp, Order, Refused
from streams.batches import FetchedBatch, Record
from streams.cluster import TopicIdentity
from streams.publisher import Outgoing, Publisher, partition_of
from streams.settings import BrokerSettings

CONSUMED = (topics.REORDERS, topics.TRANSFERS)
ASKED = frozenset({"proposed", "amended", "approved"})
WITHDRAWN = frozenset({"rejected", "cancelled", "superseded"})
_DECODERS: dict[Topic, msgspec.json.Decoder[Order]] = {
    topics.REORDERS: msgspec.json.Decoder(Reorder),
    topics.TRANSFERS: msgspec.json.Decoder(Transfer),
}
T = TypeVar("T")
_log = structlog.get_logger("restockd.erp")


@dataclass(frozen=True)
class ErpPace:
    """How often an ERP is asked, how far back its orders are ours to follow, and whether it tells us of goods.

    ``retold_days`` must be less than the fold remembers goods.
    """

    poll_seconds: float = 10.0
    gather_seconds: float = 0.5
    lookback_days: int = 180
    retold_days: int = 6
    goods: bool = True


@dataclass(frozen=True)
class _Said:
    """An order as a record said it."""

    order: Order
    batch: FetchedBatch
    record: Record


class ErpConnector(GatheringSink):
    """Brings orders to one ERP and its answers back."""

    def __init__(
        self,
        erp: Erp,
        identities: dict[Topic, TopicIdentity],
        broker: BrokerSettings,
        partitions_of: Callable[[str], int],
        publisher: Publisher,
        outbox: Outbox,
        pace: ErpPace | None = None,
        on_wait: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``on_wait`` is called each time the ERP was asked in vain and is asked again later."""
        super().__init__(Gathered(identities, gone="facts are gone that were never brought to the ERP"))
        self._erp = erp
        self._first = (identities[topics.REORDERS].name, 0)
        self._broker = broker
        self._partitions_of = partitions_of
        self._publisher = publisher
        self._outbox = outbox
        self._pace = pace or ErpPace()
        self._on_wait = on_wait
        self._now = now
        self._told_until: datetime | None = None
        self._known: set[str] = set()
        self._over: set[str] = set()
        self._acknowledged: dict[str, Acknowledgement] = {}
        self._moved: set[str] = set()
        self._asked_on: date | None = None
        self._retelling = True
        self._written: dict[Position, int] = {}

    @property
    def gather_seconds(self) -> float:
        """How long orders are gathered before they are brought over."""
        return self._pace.gather_seconds

    @property
    def poll_seconds(self) -> float:
        """How long after an answer the ERP is asked again."""
        return self._pace.poll_seconds

    async def open(self) -> None:
        """Wait until the ERP answers and has what an order needs."""
        _log.info("ERP answers", erp=self._erp.component, found=await self._persist(self._erp.check))

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition; raises ``BrokenLog`` if orders are gone that the ERP never got."""
        if (name, partition) == self._first:
            self._told_until = self._noted(name, committed)
            self._forget()
        offset = super().resume(name, partition, committed, bounds)
        self._written[(name, partition)] = offset
        return offset

    async def write(self) -> Commits:
        """Bring the gathered orders to the ERP, the newest state of each."""
        batches = self._gathered.all()
        newest: dict[str, _Said] = {}
        for batch in batches:
            for said in await self._said(batch):
                newest.pop(said.order.order_id, None)
                newest[said.order.order_id] = said
        for said in newest.values():
            await self._apply(said)
        done = {(batch.topic, batch.partition): batch.end for batch in batches}
        self._written.update(done)
        return {at: (offset, self._note(at)) for at, offset in done.items()}

    async def ask(self) -> Commits:
        """Ask the ERP for what is new and pass it on; nothing unless the first partition is ours.

        Returns the commit that notes the time.
        """
        if self._first not in self._gathered.positions:
            return {}
        now, self._retelling = self._now(), self._asked_on is None
        since = (self._asked_on or now.date() - timedelta(days=self._pace.lookback_days)) - timedelta(days=1)
        self._known |= await self._persist(lambda: self._allowed(self._erp.orders(since)))
        answers = await self._persist(lambda: self._allowed(self._erp.answers(self._known - self._over)))
        for answer in answers:
            await self._pass_on(answer)
        metrics.ERP_WAITING.set(len(self._known - self._over))
        self._asked_on = now.date()
        # What was booked while we asked is told as well; by the ERP's clock, which may be ahead of ours.
        self._told_until = max([now, *(move.occurred_at for answer in answers for move in answer.movements)])
        return {self._first: (self._written[self._first], self._note(self._first))}

    async def close(self) -> None:
        """Close the connections."""
        await self._erp.close()

    async def _allowed(self, question: Awaitable[T]) -> T:
        """A question that is refused (a right was taken from our user) is asked again: nothing of it is lost."""
        try:
            return await question
        except Refused as refused:
            raise Unavailable(self._erp.component, refused.message, "Give our user back what it may read.") from refused

    async def _said(self, batch: FetchedBatch) -> list[_Said]:
        found, letters = [], []
        decoder = _DECODERS[self._gathered.topics[batch.topic]]
        for record in batch.records:
            try:
                found.append(_Said(decoder.decode(record.value or b""), batch, record))
            except msgspec.DecodeError as error:
                letters.append(self._letter(batch, record, RejectedReading("malformed", f"no order: {error}")))
        await self._publisher.publish(letters)
        return found

    async def _apply(self, said: _Said) -> None:
        order = said.order
        try:
            if order.status in ASKED:
                await self._persist(lambda: self._erp.place(order))
                self._known.add(order.order_id)
                metrics.ERP_ORDERS.labels("placed").inc()
            elif order.status in WITHDRAWN:
                await self._persist(lambda: self._erp.withdraw(order))
                self._over.add(order.order_id)
                metrics.ERP_ORDERS.labels("withdrawn").inc()
        except Refused as refused:
            await self._refuse(said, refused)

    async def _refuse(self, said: _Said, refused: Refused) -> None:
        """A dead letter, and the answer that it will not come unless it was withdrawn too late."""
        order = said.order
        _log.warning("ERP refuses", order=order.order_id, status=order.status, problem=refused.message)
        metrics.ERP_ORDERS.labels("refused").inc()
        records = [self._letter(said.batch, said.record, refused)]
        if order.status in ASKED:
            no = Acknowledgement(order_id=order.order_id, status="rejected", sku=order.sku, message=refused.message)
            records.append(self._acknowledgement(no))
        await self._publisher.publish(records)

    def _letter(self, batch: FetchedBatch, record: Record, problem: RejectedReading) -> Outgoing:
        origin = origin_of(self._gathered.ids[batch.topic], batch.partition, record.offset, record.value or b"")
        at = utc(record.timestamp)
        return self._outbox.dead_letter(dead_letter(problem, origin, batch.topic, record.value or b"", record.key, at))

    async def _pass_on(self, answer: Answer) -> None:
        records = list(self._news(answer))
        await self._publisher.publish(records)
        if answer.acknowledgement is not None:
            self._acknowledged[answer.order_id] = answer.acknowledgement
        self._moved.update(map(_name, answer.movements))
        if answer.over:
            self._over.add(answer.order_id)
            self._acknowledged.pop(answer.order_id, None)
            self._moved.difference_update(map(_name, answer.movements))

    def _news(self, answer: Answer) -> Iterator[Outgoing]:
        told = answer.acknowledgement
        new = [m for m in answer.movements if _name(m) not in self._moved and self._is_recent(m.occurred_at)]
        if told is not None and not self._is_old_news(answer) and told != self._acknowledged.get(answer.order_id):
            metrics.ERP_ANSWERS.labels(told.status).inc()
            yield self._acknowledgement(told)
        for move in new if self._pace.goods else ():
            metrics.ERP_ANSWERS.labels(move.type).inc()
            yield self._record(topics.ERP, move.location, move)

    def _is_old_news(self, answer: Answer) -> bool:
        """Whether an order was over so long ago that it was told before."""
        last = answer.acknowledgement.occurred_at if answer.acknowledgement else None
        return answer.over and last is not None and not self._is_recent(last)

    def _is_recent(self, at: datetime) -> bool:
        """Whether nobody told of that time before, or the fold would still know that it was told."""
        if not self._retelling or (self._told_until and at > self._told_until):
            return True
        return at.date() >= self._now().date() - timedelta(days=self._pace.retold_days)

    def _acknowledgement(self, told: Acknowledgement) -> Outgoing:
        return self._record(topics.ORDER_ACKS, told.order_id, told)

    def _record(self, topic: Topic, key: str, reading: Acknowledgement | Movement) -> Outgoing:
        name = self._broker.name(topic)
        value = reading.model_dump_json(exclude_defaults=True).encode()
        return Outgoing(name, value, key.encode(), partition_of(key, self._partitions_of(name)))

    def _note(self, at: Position) -> str:
        known = self._told_until if at == self._first else None
        note = f" {known.isoformat(timespec='seconds')}" if known else ""
        return self._gathered.ids[at[0]] + note

    def _noted(self, name: str, committed: tuple[int, str] | None) -> datetime | None:
        if committed is None or not self._gathered.is_ours(name, committed):
            return None
        noted = committed[1].partition(" ")[2]
        return datetime.fromisoformat(noted) if noted else None

    def _forget(self) -> None:
        """Whoever had the first partition meanwhile has told more than we know."""
        self._known.clear()
        self._over.clear()
        self._acknowledged.clear()
        self._moved.clear()
        self._asked_on = None

    async def _persist(self, call: Callable[[], Awaitable[T]]) -> T:
        return await persist(call, self._waits)

    def _waits(self, error: Unavailable) -> None:
        _log.warning("the ERP connector waits", problem=str(error))
        self._on_wait()


def _name(move: Movement) -> str:
    return f"{move.movement_id} {move.type}"
