"""The keeper of the budgets: when it shares, what it sends, and what a crash in between leaves behind."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from agents.budget_keeper import CONSUMED, BudgetKeeper
from agents.release_rhythm import Released, Rhythm
from schemas import topics
from schemas.catalogue import Catalogue
from schemas.facts import BudgetEntry
from schemas.observations import ApprovalGiven
from schemas.readings.orders import Approval, ApprovalsFormat
from schemas.reference import Budget
from streams.batches import FetchedBatch
from streams.cluster import TopicIdentity
from tests.agents.fakes import BROKER, NOON_MS, OUTBOX, FakePublisher, FakeRecord
from tests.inventory.test_open_to_buy import claim

LEDGER = topics.BUDGET_LEDGER.name
NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
SPRING = Budget(
    budget="spring", amount=40.0, starts_at=datetime(1970, 1, 1, tzinfo=UTC), ends_at=datetime(2030, 1, 1, tzinfo=UTC)
)


class FakeFeed:
    """Budgets at hand."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.catalogue.add(SPRING)

    async def start(self) -> None:
        pass

    async def catch_up(self) -> None:
        pass


class Kept:
    """A keeper with the ledger it reads and writes."""

    def __init__(self, rhythm: Rhythm | None = None, before: "Kept | None" = None, committed: Any = None) -> None:
        self.feed = before.feed if before else FakeFeed()
        self.lines: list[bytes] = list(before.lines) if before else []
        self.now = before.now if before else NOW
        self.publisher = FakePublisher()
        self.keeper = BudgetKeeper(
            {topic: TopicIdentity(topic.name, "ledger-id", 4) for topic in CONSUMED},
            BROKER,
            lambda _: 3,
            self.feed,  # type: ignore[arg-type]
            self.publisher,  # type: ignore[arg-type]
            OUTBOX,
            rhythm or Rhythm(),
            now=lambda: self.now,
        )
        self.keeper.resume(LEDGER, 0, committed, (0, len(self.lines)))
        self.read = 0

    async def tell(self, *entries: BudgetEntry | bytes) -> Any:
        """Lines into the ledger, and what the keeper makes of them; its own lines come back to it."""
        self.lines += [entry if isinstance(entry, bytes) else msgspec.json.encode(entry) for entry in entries]
        commits = await self.turn()
        while self.read < len(self.lines):
            commits = await self.turn()
        return commits

    async def turn(self) -> Any:
        values = self.lines[self.read :]
        if values:
            records = tuple(FakeRecord(self.read + n, NOON_MS, b"o", value) for n, value in enumerate(values))
            await self.keeper.take(FetchedBatch(LEDGER, 0, self.read, len(self.lines), records))
            self.read = len(self.lines)
        sent = len(self.publisher.sent)
        commits = await self.keeper.write()
        self.lines += [record.value or b"" for record in self.publisher.sent[sent:] if record.topic == LEDGER]
        return commits

    def verdicts(self) -> list[tuple[str, str, int | None]]:
        return [(v["order_id"], v["verdict"], v.get("quantity")) for v in self.said("approvals")]

    def said(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(record.value or b"") for record in self.publisher.sent if record.topic == topic]

    def status(self) -> dict[str, Any]:
        return self.said("budgets.status")[-1]


async def test_what_is_left_goes_to_the_most_worth() -> None:
    kept = Kept()
    await kept.tell(claim("o1"), claim("o2", lot_gains=(7.0, 6.0, 0.5)))
    assert kept.verdicts() == [("o1", "modify", 2), ("o2", "modify", 2)]
    status = kept.status()
    assert (status["committed"], status["left"], status["committed_orders"], status["waiting_orders"]) == (40, 0, 2, 0)


async def test_the_whole_order_is_accepted_and_the_verdict_is_one_that_intake_takes() -> None:
    kept, order_id = Kept(), "0f18ba37-7c16-85c8-a647-14c17acf846d"
    await kept.tell(claim(order_id, revision=2))
    (record,) = [record for record in kept.publisher.sent if record.topic == "approvals"]
    (verdict,) = ApprovalsFormat().decode([record.value or b""])
    assert isinstance(verdict, Approval)
    (routed,) = ApprovalsFormat().interpret(verdict, Catalogue()).observations
    told = routed.observation
    assert isinstance(told, ApprovalGiven)
    assert (told.order_id, told.verdict, told.quantity, told.by, told.revision) == (
        order_id, "accept", None, "budget:spring", 2,
    )  # fmt: skip
    assert told.reason == "3 units for 30.00 EUR of budget spring"


async def test_nothing_is_sent_before_it_stands_in_the_ledger() -> None:
    kept = Kept()
    kept.lines.append(msgspec.json.encode(claim("o1")))
    await kept.turn()
    assert kept.verdicts() == []
    await kept.turn()
    assert kept.verdicts() == [("o1", "accept", None)]


async def test_what_does_not_fit_is_told_why_once() -> None:
    kept = Kept()
    await kept.tell(claim("o1"), claim("o2", unit_cost=25.0, first_lot_units=2, lot_gains=(50.0, 1.0)))
    await kept.tell(claim("o1", 2, "approved", counted_units=3))
    assert kept.verdicts() == [("o2", "hold", None), ("o1", "accept", None)]
    (hold,) = [said for said in kept.said("approvals") if said["verdict"] == "hold"]
    assert hold["reason"] == (
        "budget spring has 10.00 left, the least that can be ordered costs 50.00 EUR: "
        "raise the budget, or approve the order by hand"
    )
    status = kept.status()
    assert (status["state"], status["waiting_orders"], status["waiting_cost"], status["waiting_gain"]) == (
        "spent", 1, 75, 51,
    )  # fmt: skip


async def test_a_person_exceeds_it_and_it_says_so() -> None:
    kept = Kept()
    await kept.tell(claim("o1", 2, "approved", counted_units=5))
    assert (kept.status()["state"], kept.status()["left"]) == ("exceeded", -10)


async def test_a_raised_budget_releases_at_once_what_waited() -> None:
    kept = Kept(Rhythm(time(6)))
    kept.now = NOW
    await kept.tell(claim("o1"))
    assert kept.verdicts() == []
    kept.feed.catalogue.add(SPRING.model_copy(update={"amount": 100.0}))
    await kept.tell()
    assert kept.verdicts() == [("o1", "accept", None)]


async def test_a_days_orders_compete_at_the_hour() -> None:
    kept = Kept(Rhythm(time(6), "Europe/Paris"))
    await kept.tell(claim("o1", lot_gains=(0.3, 0.2, 0.1)))
    kept.now = datetime(2026, 11, 28, 4, 59, tzinfo=UTC)
    await kept.tell(claim("o2"))
    assert kept.verdicts() == []
    assert kept.status()["state"] == "open"
    kept.now = datetime(2026, 11, 28, 5, 1, tzinfo=UTC)  # 06:01 in Paris
    await kept.tell()
    assert kept.verdicts() == [("o1", "modify", 1), ("o2", "accept", None)]
    kept.now += timedelta(hours=20)
    await kept.tell(claim("o3", 1))
    assert len(kept.verdicts()) == 2


async def test_a_day_that_passes_in_event_time_counts_too() -> None:
    kept = Kept(Rhythm(time(6)))
    at = datetime(2011, 1, 3, 5, tzinfo=UTC)
    await kept.tell(claim("o1", occurred_at=at))
    assert kept.verdicts() == []
    await kept.tell(claim("o2", occurred_at=at + timedelta(hours=2), lot_gains=(0.1, 0.1, 0.1)))
    assert kept.verdicts() == [("o1", "accept", None), ("o2", "modify", 1)]


async def test_after_a_crash_what_was_given_is_sent_again_and_not_given_twice() -> None:
    first = Kept()
    first.lines += [msgspec.json.encode(claim("o1")), msgspec.json.encode(claim("o2", lot_gains=(8.0, 4.0, 0.5)))]
    await first.turn()
    assert first.verdicts() == []
    heir = Kept(before=first)
    await heir.tell()
    await heir.tell(claim("o3", lot_gains=(99.0, 99.0, 99.0)))
    sent = {verdict for verdict in heir.verdicts() if verdict[1] != "hold"}
    assert sent == {("o1", "modify", 2), ("o2", "modify", 2)}
    third = Kept(before=heir)
    await third.tell()
    bytes_of = {r.value for r in heir.publisher.sent if r.topic == "approvals" and b'"hold"' not in (r.value or b"")}
    assert {r.value for r in third.publisher.sent if r.topic == "approvals" and b'"hold"' not in (r.value or b"")} == (
        bytes_of
    ), "the same verdicts, to the byte"


async def test_a_keeper_that_slept_gives_nothing() -> None:
    slept = Kept()
    slept.lines += [msgspec.json.encode(claim("o1")), msgspec.json.encode(claim("o2"))]
    awake = Kept(before=slept)
    await awake.tell()
    assert len(awake.verdicts()) == 2
    await slept.turn()  # it has not seen what the other gave
    late = slept.lines[2:]
    slept.lines = [*awake.lines, *late]
    slept.read = 2
    await slept.tell()
    assert slept.status()["committed"] == 40
    given = {json.loads(line)["order_id"]: json.loads(line)["quantity"] for line in awake.lines if b'"grant"' in line}
    assert {order_id: quantity or 3 for order_id, _, quantity in slept.verdicts()} == given


async def test_the_last_release_is_kept_with_the_commit() -> None:
    rhythm = Rhythm(time(6))
    kept = Kept(rhythm)
    commits = await kept.tell(claim("o1"))
    offset, note = commits[(LEDGER, 0)]
    assert offset == 1
    heir = Kept(rhythm, before=kept, committed=(offset, note))
    heir.now = NOW + timedelta(days=1)  # it was down at six
    await heir.tell()
    assert heir.verdicts() == [("o1", "accept", None)]
    stranger = Kept(rhythm, before=kept, committed=(offset, note.replace("ledger-id", "another")))
    await stranger.tell()
    assert stranger.verdicts() == []


async def test_another_partition_of_the_ledger_is_not_its_business() -> None:
    kept = Kept()
    kept.keeper.drop([])
    kept.keeper.resume(LEDGER, 1, None, (0, 0))
    assert await kept.keeper.write() == {}


async def test_what_is_no_line_is_a_dead_letter() -> None:
    kept = Kept()
    await kept.tell(b"{nonsense", claim("o1"))
    assert [letter["reason"] for letter in kept.publisher.dead()] == ["malformed"]
    assert kept.verdicts() == [("o1", "accept", None)]


async def test_a_status_is_said_when_it_changes_only() -> None:
    kept = Kept()
    await kept.tell(claim("o1"))
    said = len(kept.said("budgets.status"))
    await kept.tell(claim("o1", log_offset=7))
    assert len(kept.said("budgets.status")) == said


def _alerts(*kept: Kept) -> list[tuple[str, str, str]]:
    return [(a["alert_id"], a["severity"], a["state"]) for one in kept for a in one.said("alerts")]


async def test_a_spent_budget_is_one_alert_until_there_is_room() -> None:
    kept = Kept()
    await kept.tell(claim("o1"), claim("o2", unit_cost=25.0, first_lot_units=2, lot_gains=(50.0, 1.0)))
    await kept.tell(claim("o2", 2, "approved", unit_cost=25.0, counted_units=2))  # a person did
    raised, *_ = _alerts(kept)
    assert _alerts(kept) == [raised, (raised[0], "error", "firing")]
    assert raised[1:] == ("warning", "firing")
    summary = kept.said("alerts")[0]["summary"]
    assert summary == "budget spring is spent: 10.00 of 40.00 EUR left, 1 order for 75.00 EUR waits"
    kept.feed.catalogue.add(SPRING.model_copy(update={"amount": 400.0}))
    await kept.tell()
    assert _alerts(kept)[2:] == [(raised[0], "warning", "resolved")]
    assert kept.said("alerts")[-1]["ends_at"] is not None


async def test_an_heir_neither_raises_an_alert_again_nor_forgets_to_end_it() -> None:
    kept = Kept()
    commits = await kept.tell(claim("o1"), claim("o2", unit_cost=25.0, first_lot_units=2, lot_gains=(50.0, 1.0)))
    heir = Kept(before=kept, committed=commits[(LEDGER, 0)])
    await heir.tell()
    assert _alerts(heir) == []
    heir.feed.catalogue.add(SPRING.model_copy(update={"retired": True}))
    await heir.tell()
    assert _alerts(heir) == [(_alerts(kept)[0][0], "warning", "resolved")]
    assert heir.said("alerts")[0]["summary"] == "budget spring is over"


async def test_who_crashed_before_the_commit_raises_the_same_alert() -> None:
    kept = Kept()
    await kept.tell(claim("o1"), claim("o2", unit_cost=25.0, first_lot_units=2, lot_gains=(50.0, 1.0)))
    heir = Kept(before=kept)
    await heir.tell()
    assert heir.said("alerts")[0]["fact_id"] == kept.said("alerts")[0]["fact_id"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 29, 4, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)),  # summer time began at 01:00 UTC
        (datetime(2026, 3, 29, 3, 59, tzinfo=UTC), datetime(2026, 3, 28, 5, tzinfo=UTC)),
    ],
)
def test_the_hour_is_the_places(now: datetime, due: datetime) -> None:
    assert Rhythm(time(6), "Europe/Paris").last_due(now) == due


def test_a_note_is_read_back() -> None:
    for released in (Released(NOW), Released(NOW, NOW - timedelta(days=900))):
        assert Released.noted(released.note()) == released
    assert Released.noted("") is None
