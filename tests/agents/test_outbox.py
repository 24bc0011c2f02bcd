"""Facts as records: topic, key, partition, headers."""

import base64
import json

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from agents.outbox import Outbox, dead_letter
from inventory.facts import origin_of
from schemas import topics
from schemas.errors import RejectedReading
from schemas.facts import Alert, Fact, Reorder, StockLevel, StockMovement, Task, Transfer, utc
from streams.publisher import Outgoing, partition_of
from streams.settings import BrokerSettings

PARTITIONS = 4
NOON = utc(1_700_049_600_000)
WHERE = {"sku": "jeans-32", "style": "jeans", "occurred_at": NOON}
OUTBOX = Outbox(BrokerSettings("nowhere:9092", prefix="t."), {f"t.{topic.name}": PARTITIONS for topic in topics.FACTS})


def _order() -> Reorder:
    return Reorder(
        fact_id="f1",
        order_id="o1",
        revision=2,
        idempotency_key="o1:2",
        status="amended",
        location="zürich",
        supplier="mill",
        quantity=5,
        input_appended_at=NOON,
        **WHERE,
    )


def _transfer() -> Transfer:
    return Transfer(
        fact_id="f2",
        order_id="o2",
        revision=1,
        idempotency_key="o2:1",
        status="proposed",
        origin="lyon",
        destination="paris",
        quantity=5,
        expected_gain=1.0,
        expected_cost=0.5,
        input_appended_at=NOON,
        **WHERE,
    )


def _alert() -> Alert:
    return Alert(
        fact_id="f3",
        occurred_at=NOON,
        alert_id="a1",
        fingerprint="stockout|paris|jeans-32|",
        kind="stockout",
        severity="error",
        state="firing",
        starts_at=NOON,
        input_appended_at=NOON,
    )


def _task() -> Task:
    return Task(
        fact_id="f4", task_id="t1", kind="refill", status="open", location="paris", input_appended_at=NOON, **WHERE
    )


def _movement(number: int) -> StockMovement:
    return StockMovement(
        fact_id=f"m{number}", location="paris", kind="sale", quantity=-1, units=1, recorded_at=NOON, **WHERE
    )


def _letter(rejected: RejectedReading | None = None, offset: int = 7, raw: bytes = b"\xff{"):  # a DeadLetter
    rejected = rejected or RejectedReading("malformed", "no JSON", field="lines[0]", value="x", units=2)
    return dead_letter(rejected, origin_of("source", 3, offset, raw), "readings.pos", raw, b"till-1", NOON)


KEYS: list[tuple[Fact, str, str]] = [
    (_order(), "orders.reorders", "zürich|jeans-32"),
    (_transfer(), "orders.transfers", "paris|jeans-32"),
    (_alert(), "alerts", "stockout|paris|jeans-32|"),
    (_task(), "tasks", "paris|jeans-32"),
]


@pytest.mark.parametrize(("fact", "topic", "key"), KEYS, ids=[topic for _, topic, _ in KEYS])
def test_what_others_subscribe_to_is_a_cloud_event(fact: Fact, topic: str, key: str) -> None:
    (record,) = OUTBOX.records([fact], 1)
    assert (record.topic, record.key) == (f"t.{topic}", key.encode())
    assert record.partition == partition_of(key, PARTITIONS)
    event = _cloud_event(record)
    assert (event.get_id(), event.get_source(), event.get_specversion()) == (fact.fact_id, "restockd", "1.0")
    assert (event.get_subject(), event.get_time()) == (key, NOON)
    assert event.get_type().startswith("restockd.")
    assert event.get_type().endswith(".v1")
    assert event.get_data()["fact_id"] == fact.fact_id


@pytest.mark.parametrize(("fact", "key"), [(_order(), "o1:2"), (_transfer(), "o2:1")])
def test_orders_carry_their_idempotency_key(fact: Fact, key: str) -> None:
    (record,) = OUTBOX.records([fact], 1)
    assert dict(record.headers)["idempotency-key"] == key


def _cloud_event(record: Outgoing):  # a CloudEvent
    headers = {name: value.encode() for name, value in record.headers}
    return from_binary(KafkaMessage(headers, record.key, record.value), JSONFormat())


@pytest.mark.parametrize("log_partition", [0, 3, 5])
def test_movements_of_one_log_message_travel_together(log_partition: int) -> None:
    records = OUTBOX.records([_movement(1), _order(), _movement(2)], log_partition)
    assert [record.topic for record in records] == ["t.orders.reorders", "t.stock.movements"]
    packed = records[1]
    assert (packed.partition, packed.key) == (log_partition % PARTITIONS, str(log_partition).encode())
    assert [movement["fact_id"] for movement in json.loads(packed.value)] == ["m1", "m2"]


def test_levels_have_no_headers() -> None:
    level = StockLevel(
        fact_id="l1",
        location="paris",
        on_hand=1,
        zones={},
        on_order=0,
        in_transit=0,
        reserved=0,
        backorders=0,
        available=1,
        inventory_position=1,
        opening_known=True,
        last_evidence_at=None,
        log_partition=0,
        log_offset=0,
        input_appended_at=NOON,
        **WHERE,
    )
    (record,) = OUTBOX.records([level], 0)
    assert record.headers is None
    assert OUTBOX.records([], 0) == []


def test_a_dead_letter_keeps_the_bytes_and_the_place() -> None:
    letter = _letter()
    assert base64.b64decode(letter.raw) == b"\xff{"
    assert base64.b64decode(letter.raw_key) == b"till-1"
    assert (letter.topic, letter.partition, letter.offset) == ("readings.pos", 3, 7)
    assert (letter.reason, letter.field, letter.value, letter.units) == ("malformed", "lines[0]", "x", 2)
    assert _cloud_event(OUTBOX.dead_letter(letter)).get_data()["raw"] == letter.raw


def test_ids_of_dead_letters_are_stable_and_one_per_bad_part_of_an_input() -> None:
    others = [
        _letter(offset=8),
        _letter(raw=b"other"),
        _letter(RejectedReading("malformed", "no JSON", field="lines[1]", value="x")),
        _letter(RejectedReading("unknown_item", "no JSON", field="lines[0]", value="x")),
        _letter(RejectedReading("malformed", "no JSON either", field="lines[0]", value="x")),
    ]
    assert _letter().fact_id == _letter().fact_id
    assert len({letter.fact_id for letter in [_letter(), *others]}) == 6


def test_half_characters_are_written_with_a_question_mark() -> None:
    letter = _letter(RejectedReading("unknown_item", "item \ud800", field="a\udfff", value="\ud800" + "x" * 900))
    assert (letter.message, letter.field, letter.value[:3], len(letter.value)) == ("item ?", "a?", "?xx", 500)
    assert OUTBOX.dead_letter(letter).value
