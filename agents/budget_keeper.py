"""The keeper of the budgets: shares what is left among the orders that wait, by worth per money.

It reads one partition, the ledger that all folds write to, so that one process at a time sees everything. What it gives
is written into the ledger first and sent to ``approvals`` when it is read back from there: whoever takes over after a
crash finds it, counts it and sends it again, and a keeper that slept through a rebalance writes what does not hold
(``inventory.open_to_buy.ledger``). The verdict names the revision it is for; the fold takes it once.

After a start the ledger is read from its beginning. Only the time of the last release and the alerts that are raised
are kept with the commit.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec
import structlog

from agents import metrics
from agents.budget_alerts import BudgetAlerts
from agents.catalogue_feed import CatalogueFeed
from agents.gathering import Commits, Gathered, GatheringSink, Position
from agents.outbox import LEDGER_PARTITION, Outbox, dead_letter
from agents.release_rhythm import Released, Rhythm
from inventory.facts import Saying, origin_of
from inventory.open_to_buy.ledger import BudgetLedger, Standing
from inventory.open_to_buy.verdicts import approver
from schemas import topics
from schemas.errors import RejectedReading
from schemas.facts import BudgetEntry, BudgetStatus, Fact, utc
from schemas.readings.orders import Approval
from schemas.reference import Budget
from schemas.topics import Topic
from schemas.wording import amount
from streams.batches import Record
from streams.cluster import TopicIdentity
from streams.publisher import Outgoing, Publisher, partition_of
from streams.settings import BrokerSettings

CONSUMED = (topics.BUDGET_LEDGER,)
_NOTHING = Standing(0.0, 0, 0, 0, 0.0, 0.0, None)
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_DECODER = msgspec.json.Decoder(BudgetEntry)
_log = structlog.get_logger("restockd.budgets")


class BudgetKeeper(GatheringSink):
    """Shares budgets among orders."""

    def __init__(
        self,
        identities: dict[Topic, TopicIdentity],
        broker: BrokerSettings,
        partitions_of: Callable[[str], int],
        feed: CatalogueFeed,
        publisher: Publisher,
        outbox: Outbox,
        rhythm: Rhythm,
        on_wait: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``on_wait`` is called while the ledger is read again: that is no worker that hangs."""
        super().__init__(Gathered(identities, gone="the ledger of the budgets cannot be read"))
        identity = identities[topics.BUDGET_LEDGER]
        self._at: Position = (identity.name, LEDGER_PARTITION)
        self._ledger_id = identity.topic_id
        self._approvals = broker.name(topics.APPROVALS)
        self._partitions_of = partitions_of
        self._feed = feed
        self._publisher = publisher
        self._outbox = outbox
        self._rhythm = rhythm
        self._on_wait = on_wait
        self._now = now
        self._begin("")

    @property
    def gather_seconds(self) -> float:
        """How long orders are gathered before they are looked at."""
        return self._rhythm.gather_seconds

    async def open(self) -> None:
        """Read the budgets."""
        await self._feed.start()

    def resume(self, name: str, partition: int, committed: tuple[int, str] | None, bounds: tuple[int, int]) -> int:
        """Take over a partition: from its beginning, since it is all there is to know."""
        if (name, partition) == self._at:
            known = committed is not None and self._gathered.is_ours(name, committed)
            self._begin(committed[1].partition(" ")[2] if committed and known else "")
            self._end = bounds[1]
        return self._gathered.resume(name, partition, None, bounds)

    async def write(self) -> Commits:
        """Hear what is new, release what is due, say how the budgets stand."""
        heard = await self._absorb()
        if self._at not in self._gathered.positions:
            return {}
        if not self._has_caught_up():
            if heard:
                self._on_wait()
            return {}
        await self._feed.catch_up()
        await self._send_verdicts()
        if self._is_due(heard=heard):
            await self._release()
        await self._say_standings()
        return {self._at: (self._heard, f"{self._ledger_id} {self._released.note()}|{self._alerts.note()}")}

    async def close(self) -> None:
        """Close the connections."""
        await self._feed.close()

    def _begin(self, note: str) -> None:
        """Know nothing but the note of a commit: whoever had the ledger meanwhile has done more than we know."""
        released, _, alerts = note.partition("|")
        self._alerts = BudgetAlerts.noted(self._ledger_id, alerts)
        self._ledger = BudgetLedger()
        self._release_id = ""
        self._released = Released.noted(released) or Released(self._now())
        self._event: datetime | None = None
        self._end = self._heard = 0
        self._sent: set[tuple[str, int]] = set()
        self._held: set[tuple[str, int]] = set()
        self._known: dict[str, Budget] = dict(self._feed.catalogue.budgets)
        self._said: dict[str, BudgetStatus] = {}
        self._reads_back = 0

    def _has_caught_up(self) -> bool:
        return self._heard >= self._end

    async def _absorb(self) -> bool:
        """Hear everything that is gathered; whether that was anything."""
        batches = self._gathered.all()
        for batch in batches:
            for record in batch.records:
                try:
                    self._hear(_DECODER.decode(record.value or b""))
                except msgspec.DecodeError as error:
                    await self._bury(f"no line of the ledger: {error}", (batch.topic, batch.partition), record)
            if (batch.topic, batch.partition) == self._at:
                self._heard = max(self._heard, batch.end)
        return bool(batches)

    def _hear(self, entry: BudgetEntry) -> None:
        self._ledger.apply(entry)
        if entry.kind == "claim":
            self._event = entry.occurred_at if self._event is None else max(self._event, entry.occurred_at)
            self._released = self._released.at_event(self._event)
        elif entry.release == self._release_id:
            self._reads_back -= 1

    def _is_due(self, *, heard: bool) -> bool:
        """Not before everything was read back that was given last."""
        if self._reads_back > 0:
            return False
        raised = self._known != self._feed.catalogue.budgets
        if self._rhythm.at is None:
            return heard or raised
        return raised or self._released.is_due(self._rhythm, self._now(), self._event)

    async def _release(self) -> None:
        """Share what is left; what there is no room for says so."""
        self._known = dict(self._feed.catalogue.budgets)
        given = self._ledger.release(self._amounts())
        self._released = Released(self._now(), self._event)
        self._release_id = str(uuid.uuid4())
        grants = [self._grant(order_id, units) for order_id, units in given.items() if units]
        self._reads_back = len(grants)
        await self._publisher.publish([self._outbox.record(grant) for grant in grants])
        metrics.BUDGET_RELEASED.inc(len(grants))
        held = [self._ledger.claim_of(order_id) for order_id, units in given.items() if not units]
        await self._hold(held, {grant.order_id: grant for grant in grants})
        self._ledger.forget({name for name, budget in self._known.items() if self._has_ended(budget)})

    def _amounts(self) -> dict[str, float | None]:
        """What each budget has; an ended one gives nothing, and the fold asks others."""
        return {
            name: None if budget.retired else budget.amount
            for name, budget in self._known.items()
            if budget.retired or not self._has_ended(budget)
        }

    def _has_ended(self, budget: Budget) -> bool:
        return self._event is not None and budget.ends_at <= self._event

    def _grant(self, order_id: str, units: int) -> BudgetEntry:
        claim = self._ledger.claim_of(order_id)
        saying = Saying(origin_of(self._ledger_id, LEDGER_PARTITION, self._heard, self._release_id.encode()))
        return msgspec.structs.replace(
            claim,
            fact_id=saying.new_id("grant", order_id),
            kind="grant",
            status="approved",
            quantity=units,
            counted_units=units,
            release=self._release_id,
            after=self._ledger.last_grant,
        )

    async def _send_verdicts(self) -> None:
        """Tell the fold what was given and is in the ledger; what it has not answered is told again after a start."""
        told = [entry for entry in self._ledger.granted() if (entry.order_id, entry.revision) not in self._sent]
        await self._publisher.publish([self._verdict(self._given(entry), entry.order_id) for entry in told])
        self._sent.update((entry.order_id, entry.revision) for entry in told)

    def _given(self, grant: BudgetEntry) -> Approval:
        """The verdict that follows from a grant, always the same."""
        whole = grant.quantity == self._ledger.claim_of(grant.order_id).quantity
        cost = grant.quantity * (grant.unit_cost or 0.0)
        reason = f"{amount(grant.quantity)} for {cost:.2f} {grant.currency} of budget {', '.join(grant.budgets)}"
        return Approval(
            order_id=grant.order_id,
            verdict="accept" if whole else "modify",
            by=approver(grant.budgets),
            quantity=None if whole else grant.quantity,
            reason=reason if whole else f"{reason}: there is no room for more",
            sku=grant.sku,
            revision=grant.revision,
        )

    async def _hold(self, held: Iterable[BudgetEntry], grants: Mapping[str, BudgetEntry]) -> None:
        """Say once of every revision why it still waits."""
        new = [claim for claim in held if (claim.order_id, claim.revision) not in self._held]
        spent: dict[str, float] = {}
        for grant in grants.values():
            for name in grant.budgets:
                spent[name] = spent.get(name, 0.0) + grant.quantity * (grant.unit_cost or 0.0)
        await self._publisher.publish([self._verdict(self._why(claim, spent), claim.order_id) for claim in new])
        self._held.update((claim.order_id, claim.revision) for claim in new)

    def _why(self, claim: BudgetEntry, spent: Mapping[str, float]) -> Approval:
        least = claim.first_lot_units * (claim.unit_cost or 0.0)
        lefts = [
            f"{name} has {budget.amount - self._ledger.committed(name) - spent.get(name, 0.0):.2f} left"
            for name in claim.budgets
            if (budget := self._known.get(name)) is not None and not budget.retired
        ]
        reason = (
            f"budget {', '.join(lefts)}, the least that can be ordered costs {least:.2f} {claim.currency}: "
            "raise the budget, or approve the order by hand"
        )
        return Approval(
            order_id=claim.order_id,
            verdict="hold",
            by=approver(claim.budgets),
            reason=reason,
            sku=claim.sku,
            revision=claim.revision,
        )

    def _verdict(self, verdict: Approval, order_id: str) -> Outgoing:
        value = verdict.model_dump_json(exclude_defaults=True).encode()
        partition = partition_of(order_id, self._partitions_of(self._approvals))
        return Outgoing(self._approvals, value, order_id.encode(), partition)

    async def _say_standings(self) -> None:
        """How the budgets stand, those of which that changed."""
        standings = self._ledger.standings()
        in_force: dict[str, BudgetStatus] = {}
        changed = []
        for name, budget in sorted(self._feed.catalogue.budgets.items()):
            if budget.retired or self._has_ended(budget):
                continue
            status = in_force[name] = self._status(budget, standings.get(name, _NOTHING))
            _measure(status)
            if self._said.get(name) != status:
                self._warn(status, self._said.get(name))
                self._said[name] = status
                changed.append(status)
        alerts = self._alerts.changes(in_force, self._event or self._now(), self._now())
        facts: list[Fact] = [*(self._signed(status) for status in changed), *alerts]
        await self._publisher.publish([self._outbox.record(fact) for fact in facts])

    def _status(self, budget: Budget, standing: Standing) -> BudgetStatus:
        """Without id and time, so that it can be compared with what was said last."""
        left = round(budget.amount - standing.committed, 4)
        too_little = standing.least_cost is not None and standing.least_cost > left
        return BudgetStatus(
            fact_id="",
            occurred_at=_NO_TIME,
            budget=budget.budget,
            name=budget.name,
            state="exceeded" if left < 0 else "spent" if too_little else "open",
            amount=budget.amount,
            committed=standing.committed,
            left=left,
            currency=budget.currency,
            starts_at=budget.starts_at,
            ends_at=budget.ends_at,
            committed_orders=standing.committed_orders,
            waiting_orders=standing.waiting_orders,
            for_person_orders=standing.for_person_orders,
            waiting_cost=standing.waiting_cost,
            waiting_gain=standing.waiting_gain,
            released_at=self._released.event or self._released.clock,
        )

    def _signed(self, status: BudgetStatus) -> BudgetStatus:
        status = msgspec.structs.replace(status, occurred_at=self._event or self._now())
        content = msgspec.json.encode(status)
        saying = Saying(origin_of(self._ledger_id, LEDGER_PARTITION, self._heard, content))
        return msgspec.structs.replace(status, fact_id=saying.new_id("budget", status.budget))

    @staticmethod
    def _warn(status: BudgetStatus, before: BudgetStatus | None) -> None:
        if status.state != "open" and (before is None or before.state != status.state):
            _log.warning(
                f"a budget is {status.state}",
                budget=status.budget,
                left=status.left,
                waiting=status.waiting_orders,
                advice="raise it, or approve orders by hand",
            )

    async def _bury(self, problem: str, at: Position, record: Record) -> None:
        origin = origin_of(self._gathered.ids[at[0]], at[1], record.offset, record.value or b"")
        rejected = RejectedReading("malformed", problem)
        letter = dead_letter(rejected, origin, at[0], record.value or b"", record.key, utc(record.timestamp))
        await self._publisher.publish([self._outbox.dead_letter(letter)])


def _measure(status: BudgetStatus) -> None:
    metrics.BUDGET_COMMITTED.labels(status.budget).set(status.committed)
    metrics.BUDGET_LEFT.labels(status.budget).set(status.left)
    metrics.BUDGET_WAITING.labels(status.budget).set(status.waiting_orders)
    metrics.BUDGET_SPENT.labels(status.budget).set(status.state != "open")
