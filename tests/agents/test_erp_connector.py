"""The ERP connector: what it brings to an ERP, what it passes on, and what it may commit meanwhile."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import stamina

from agents.erp_connector import CONSUMED, ErpConnector, ErpPace
from schemas.errors import BrokenLog, Unavailable
from schemas.facts import Reorder
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement, AcknowledgementsFormat
from sinks.erp.port import Answer, Order, Refused
from streams.batches import FetchedBatch
from streams.cluster import TopicIdentity
from tests.agents.fakes import BROKER, NOON_MS, OUTBOX, FakePublisher, FakeRecord
from tests.erp.examples import order, transfer

REORDERS = "orders.reorders"
NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
TODAY = NOW.date()


class ScriptedErp:
    """An ERP that does as it is told and remembers what it was asked."""

    component = "the ERP"

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self.failures = 0
        self.refusal: Refused | None = None
        self.known: list[Answer] = []

    async def check(self) -> str:
        return "there"

    async def place(self, order: Order) -> None:
        await self._call("place", order)

    async def withdraw(self, order: Order) -> None:
        await self._call("withdraw", order)

    async def orders(self, since: date) -> set[str]:
        return {answer.order_id for answer in self.known}

    async def answers(self, order_ids: Iterable[str]) -> list[Answer]:
        wanted = set(order_ids)
        return [answer for answer in self.known if answer.order_id in wanted]

    async def close(self) -> None:
        pass

    async def _call(self, what: str, order: Order) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable(self.component, "does not answer")
        if self.refusal is not None:
            raise self.refusal
        self.calls.append((what, order.order_id, order.quantity))


class Connected:
    """A connector with everything around it within reach."""

    def __init__(self, pace: ErpPace | None = None, committed: tuple[int, str] | None = None) -> None:
        self.erp = ScriptedErp()
        self.publisher = FakePublisher()
        self.waits = 0
        identities = {topic: TopicIdentity(topic.name, f"{topic.name}-id", 1) for topic in CONSUMED}
        self.connector = ErpConnector(
            self.erp,
            identities,
            BROKER,
            lambda _: 3,
            self.publisher,  # type: ignore[arg-type]
            OUTBOX,
            pace,
            on_wait=self._waited,
            now=lambda: NOW,
        )
        self.offset = self.connector.resume(REORDERS, 0, committed, (0, 100))
        self.connector.resume("orders.transfers", 0, None, (0, 100))

    def _waited(self) -> None:
        self.waits += 1

    async def tell(self, *orders: Order | bytes, topic: str = REORDERS, start: int = 0) -> Any:
        values = [told if isinstance(told, bytes) else msgspec.json.encode(told) for told in orders]
        records = tuple(FakeRecord(start + n, NOON_MS, b"S01|jeans-32", value) for n, value in enumerate(values))
        await self.connector.take(FetchedBatch(topic, 0, start, start + len(values), records))
        return await self.connector.write()

    def said(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(record.value) for record in self.publisher.sent if record.topic == topic]


@pytest.fixture(autouse=True)
def at_once() -> Any:
    with stamina.set_testing(True, attempts=4):
        yield


def _acknowledged(order_id: str = "o1", **more: Any) -> Acknowledgement:
    return Acknowledgement(order_id=order_id, status=more.pop("status", "acknowledged"), **more)


def _receipt(number: int, day: date = TODAY, quantity: int = 8) -> Movement:
    return Movement(
        movement_id=f"m{number}",
        type="receipt",
        location="S01",
        item_id="jeans-32",
        quantity=quantity,
        occurred_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        order_id="o1",
    )


async def test_of_each_order_the_newest_state_is_brought_over() -> None:
    it = Connected()
    done = await it.tell(
        order("o1", 20),
        order("o2", 5),
        order("o1", 24, revision=2, status="amended"),
        order("o2", 5, revision=2, status="cancelled"),
        order("o3", 9, status="pending"),
        order("o4", 9, status="acknowledged"),
    )
    assert it.erp.calls == [("place", "o1", 24), ("withdraw", "o2", 5)]
    assert done == {(REORDERS, 0): (6, "orders.reorders-id")}


async def test_transfers_go_the_same_way() -> None:
    it = Connected()
    done = await it.tell(transfer("t1", 3), topic="orders.transfers")
    assert it.erp.calls == [("place", "t1", 3)]
    assert done == {("orders.transfers", 0): (1, "orders.transfers-id")}


async def test_while_the_erp_is_down_nothing_may_be_committed_and_nothing_is_lost() -> None:
    it = Connected()
    it.erp.failures = 3
    done = await it.tell(order("o1", 20))
    assert (it.waits, it.erp.calls, done[(REORDERS, 0)][0]) == (3, [("place", "o1", 20)], 1)


async def test_an_erp_that_stays_down_leaves_the_offsets_where_they_are() -> None:
    it = Connected()
    it.erp.failures = 99
    with pytest.raises(Unavailable):  # the testing mode gives up after four attempts, a worker never does
        await it.tell(order("o1", 20))
    assert it.publisher.sent == []


async def test_a_refusal_is_an_answer_and_a_dead_letter_that_name_field_and_value() -> None:
    it = Connected()
    it.erp.refusal = Refused("unknown_sku", "sku: the ERP has no product 'hat'", field="sku", value="hat")
    done = await it.tell(order("o1", 20, sku="hat"))
    assert done[(REORDERS, 0)][0] == 1
    (told,) = it.said("orders.acks")
    assert (told["order_id"], told["status"]) == ("o1", "rejected")
    assert "hat" in told["message"]
    (letter,) = it.said("dead.letters")
    assert (letter["reason"], letter["field"], letter["value"]) == ("unknown_sku", "sku", "hat")
    assert (letter["topic"], letter["offset"]) == (REORDERS, 0)


async def test_what_cannot_be_withdrawn_any_more_is_a_dead_letter_and_no_answer() -> None:
    it = Connected()
    it.erp.refusal = Refused("too_late", "order_id: o1 is bought", field="order_id", value="o1")
    await it.tell(order("o1", 20, revision=2, status="cancelled"))
    assert it.said("orders.acks") == []
    assert [letter["reason"] for letter in it.said("dead.letters")] == ["too_late"]


async def test_rubbish_on_the_topic_holds_nothing_up() -> None:
    it = Connected()
    await it.tell(b"{", order("o1", 20))
    assert [letter["reason"] for letter in it.said("dead.letters")] == ["malformed"]
    assert it.erp.calls == [("place", "o1", 20)]


async def test_news_is_passed_on_once_in_the_format_intake_reads() -> None:
    it, order_id = Connected(), "0f18ba37-7c16-85c8-a647-14c17acf846d"
    await it.tell(order(order_id, 20))
    it.erp.known = [Answer(order_id, _acknowledged(order_id, erp_reference="7", quantity=20), (_receipt(1),))]
    await it.connector.ask()
    await it.connector.ask()
    (value,) = [record.value for record in it.publisher.sent if record.topic == "orders.acks"]
    (read,) = AcknowledgementsFormat().decode([value])
    assert read == _acknowledged(order_id, erp_reference="7", quantity=20)
    assert [move["movement_id"] for move in it.said("readings.erp")] == ["m1"]

    it.erp.known = [
        Answer(order_id, _acknowledged(order_id, status="received", quantity=20), (_receipt(1), _receipt(2)), over=True)
    ]
    await it.connector.ask()
    await it.connector.ask()
    assert [told["status"] for told in it.said("orders.acks")] == ["acknowledged", "received"]
    assert [move["movement_id"] for move in it.said("readings.erp")] == ["m1", "m2"]


async def test_goods_are_not_passed_on_where_they_come_in_another_way() -> None:
    it = Connected(ErpPace(goods=False))
    it.erp.known = [Answer("o1", _acknowledged(), (_receipt(1),))]
    await it.connector.ask()
    assert it.said("readings.erp") == []
    assert len(it.said("orders.acks")) == 1


@pytest.mark.parametrize(("days_ago", "told"), [(0, True), (6, True), (7, False), (40, False)])
async def test_after_a_restart_only_goods_the_fold_still_remembers_are_told_again(days_ago: int, told: bool) -> None:
    """A receipt told a second time after the fold forgot it would be stock that is not there."""
    it = Connected(committed=(3, f"orders.reorders-id {NOW.isoformat()}"))
    day = TODAY - timedelta(days=days_ago)
    it.erp.known = [Answer("o1", _acknowledged(status="received", occurred_at=_receipt(1, day).occurred_at),
                           (_receipt(1, day),), over=True)]  # fmt: skip
    await it.connector.ask()
    assert bool(it.said("readings.erp")) is told
    assert bool(it.said("orders.acks")) is told


async def test_goods_booked_while_the_connector_was_away_for_weeks_are_told() -> None:
    """And those that were told before it went are not: the fold may have forgotten them, and would book them again."""
    before = NOW - timedelta(days=30)
    it = Connected(committed=(3, f"orders.reorders-id {before.isoformat()}"))
    days = [(before + timedelta(days=days)).date() for days in (-2, 0, 1, 20)]
    it.erp.known = [Answer("o1", _acknowledged(), tuple(_receipt(number, day) for number, day in enumerate(days)))]
    done = await it.connector.ask()
    assert [move["movement_id"] for move in it.said("readings.erp")] == ["m2", "m3"]
    assert done == {(REORDERS, 0): (3, "orders.reorders-id 2026-11-27T15:00:00+00:00")}


async def test_goods_entered_late_are_told_while_the_connector_runs() -> None:
    it = Connected()
    it.erp.known = [Answer("o1", _acknowledged())]
    await it.connector.ask()
    it.erp.known = [Answer("o1", _acknowledged(), (_receipt(1, TODAY - timedelta(days=40)),))]
    await it.connector.ask()
    assert len(it.said("readings.erp")) == 1


async def test_a_right_that_was_taken_away_is_waited_for() -> None:
    it = Connected()
    answers, it.erp.known = it.erp.orders, [Answer("o1", _acknowledged())]
    refused = iter([Refused("refused_by_erp", "you may not read that")])

    async def orders(since: date) -> set[str]:
        for refusal in refused:
            raise refusal
        return await answers(since)

    it.erp.orders = orders  # type: ignore[method-assign]
    await it.connector.ask()
    assert (it.waits, len(it.said("orders.acks"))) == (1, 1)


async def test_who_does_not_own_the_first_partition_asks_nothing() -> None:
    it = Connected()
    it.connector.drop([("orders.transfers", 0)])
    it.erp.known = [Answer("o1", _acknowledged())]
    assert await it.connector.ask() == {}
    assert it.publisher.sent == []


def test_orders_that_are_gone_stop_the_worker() -> None:
    with pytest.raises(BrokenLog, match="never brought to the ERP"):
        Connected(committed=(101, "orders.reorders-id"))


def test_a_recreated_topic_is_read_from_its_start() -> None:
    assert Connected(committed=(50, "another-id 2026-01-01")).offset == 0


def test_examples_are_orders() -> None:
    assert msgspec.json.decode(msgspec.json.encode(order()), type=Reorder) == order()
