"""Intake: the chain of ranges, restarts, and what happens to readings nobody understands."""

import base64
import itertools
import json
import time

import msgspec
import pytest
from prometheus_client import REGISTRY

from agents.archivist import is_told_by_intake
from agents.intake import POISON_WINDOW, Progress, one_per_reason
from inventory import fold, state
from inventory.facts import origin_of
from inventory.state import PartitionState
from schemas.errors import BrokenLog, MustStop, RejectedReading
from schemas.observations import QuantityMoved, Tick, decode
from sinks.clickhouse.rows import Record, Rejected
from streams.batches import Jump
from streams.publisher import partition_of
from tests.agents.fakes import NOON_MS, PARTITIONS, STYLES, FakeFeed, FakePublisher, fetched, intake, receipt

HOUR = 3_600_000
EPC = "3034257BF400B7800004CB2F"
SKUS = list(STYLES)


def _fold(messages: list[bytes], partition: int = 0) -> PartitionState:
    folded = PartitionState(partition)
    for offset, value in enumerate(messages):
        fold.step(folded, decode(value), origin_of("log-id", partition, offset, value))
    return folded


def _stock(publisher: FakePublisher) -> dict[str, int]:
    found: dict[str, int] = {}
    for partition in range(PARTITIONS):
        for sku, known in _fold(publisher.messages(partition), partition).skus.items():
            found[sku] = sum(stock.ledger.on_hand for stock in known.locations.values())
    return found


async def test_a_style_goes_to_its_partition_and_ticks_to_all() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 3))
    await agent.handle(fetched(0, *(receipt(n, sku) for n, sku in enumerate(SKUS))))
    for partition in range(PARTITIONS):
        seen = [o for batch in publisher.batches(partition) for entry in batch.entries for o in entry.observations]
        styles = {o.style for o in seen if isinstance(o, QuantityMoved)}
        assert styles == {style for style in STYLES.values() if partition_of(style, PARTITIONS) == partition}
        assert [o for o in seen if isinstance(o, Tick)] == [Tick(NOON_MS)]


async def test_one_tick_per_hour_of_event_time_however_late_a_reading_is() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    hours = [0, 0, -1, -5, 0]
    values = [receipt(n, at_ms=NOON_MS + hour * HOUR + 5) for n, hour in enumerate(hours)]
    await agent.handle(fetched(0, *values))
    ticks = [
        o.at_ms
        for batch in publisher.batches(0)
        for entry in batch.entries
        for o in entry.observations
        if isinstance(o, Tick)
    ]
    assert ticks == [NOON_MS]


async def test_ranges_are_chained_per_log_partition() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 27))
    for start in range(0, 27, 3):
        await agent.handle(fetched(start, *(receipt(start + n, SKUS[(start // 3) % 3]) for n in range(3))))
    for partition in range(PARTITIONS):
        sources = [batch.source for batch in publisher.batches(partition)]
        assert sources[0].previous == -1
        assert all(a.last == b.previous for a, b in itertools.pairwise(sources))
    assert _stock(publisher) == dict.fromkeys(SKUS, 9)


async def test_it_goes_on_from_the_commit_with_the_same_chain() -> None:
    publisher = FakePublisher()
    first = intake(publisher, FakeFeed())
    first.resume(0, None, (0, 2))
    committed = await first.handle(fetched(0, receipt(0), receipt(1)))
    assert committed[0] == 2
    second = intake(publisher, FakeFeed())
    assert second.resume(0, committed, (0, 4)) == 2
    await second.handle(fetched(2, receipt(2), receipt(3)))
    target = partition_of("jeans", PARTITIONS)
    assert [(b.source.previous, b.source.first, b.source.last) for b in publisher.batches(target)] == [
        (-1, 0, 1),
        (1, 2, 3),
    ]


@pytest.mark.parametrize("stored", range(4))
@pytest.mark.parametrize("size_after_restart", [1, 2, 5, 6])
async def test_a_restart_between_publish_and_commit_counts_nothing_twice(stored: int, size_after_restart: int) -> None:
    """The broker has some of the messages, the commit is lost, and batches fall differently afterwards."""
    values = [receipt(n, SKUS[n % 3]) for n in range(6)]
    publisher = FakePublisher()
    first = intake(publisher, FakeFeed())
    first.resume(0, None, (0, 6))
    publisher.stored_before_failing = stored
    with pytest.raises(ConnectionError):
        await first.handle(fetched(0, *values[:4]))
    second = intake(publisher, FakeFeed())
    second.resume(0, None, (0, 6))
    for start in range(0, 6, size_after_restart):
        await second.handle(fetched(start, *values[start : start + size_after_restart]))
    assert _stock(publisher) == dict.fromkeys(SKUS, 2)


async def test_the_same_input_makes_the_same_messages() -> None:
    sent = []
    for _ in range(2):
        publisher = FakePublisher()
        agent = intake(publisher, FakeFeed())
        agent.resume(0, None, (0, 9))
        await agent.handle(fetched(0, receipt(0), b"{", receipt(1, "no-such"), receipt(2, "shirt-m")))
        sent.append(publisher.sent)
    assert sent[0] == sent[1]


async def test_a_lost_log_message_is_noticed_by_the_fold() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 3))
    for start in range(3):
        await agent.handle(fetched(start, receipt(start)))
    messages = publisher.messages(partition_of("jeans", PARTITIONS))
    with pytest.raises(BrokenLog, match="missing"):
        _fold([messages[0], messages[2]])


async def test_what_was_handled_is_skipped_and_a_jump_is_said() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, receipt(0), receipt(1)))
    calls = len(publisher.sent)
    assert (await agent.handle(fetched(0, receipt(0), receipt(1))))[0] == 2
    assert len(publisher.sent) == calls
    with pytest.raises(Jump):
        await agent.handle(fetched(5, receipt(5)))


def _metadata(source_id: str = "source-id", log_id: str = "log-id") -> str:
    return msgspec.json.encode(Progress(source_id, log_id, {0: 41})).decode()


def test_records_that_are_gone_stop_it() -> None:
    with pytest.raises(BrokenLog, match="gone that were never read"):
        intake(FakePublisher(), FakeFeed()).resume(0, (42, _metadata()), (50, 60))


async def test_how_far_behind_intake_is_is_measured() -> None:
    agent = intake(FakePublisher(), FakeFeed())
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, receipt(0)))
    lag = REGISTRY.get_sample_value("restockd_event_lag_seconds", {"source": agent.topic.name})
    assert lag == pytest.approx(time.time() - NOON_MS / 1000.0, abs=60.0)


def test_a_commit_of_a_recreated_topic_does_not_count() -> None:
    assert intake(FakePublisher(), FakeFeed(), source_id="new").resume(0, (42, _metadata()), (0, 60)) == 0


async def test_a_recreated_log_starts_a_new_chain() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    assert agent.resume(0, (42, _metadata(log_id="old log")), (0, 60)) == 42
    await agent.handle(fetched(42, receipt(42)))
    assert publisher.batches(partition_of("jeans", PARTITIONS))[0].source.previous == -1


def test_metadata_of_somebody_else_stops_it() -> None:
    with pytest.raises(MustStop, match="commit metadata is not restockd's"):
        intake(FakePublisher(), FakeFeed()).resume(0, (3, "hello"), (0, 9))


async def test_an_unknown_item_is_looked_up_before_it_is_rejected() -> None:
    publisher, feed = FakePublisher(), FakeFeed(knows=["jeans-32"], learns=["coat-l"])
    agent = intake(publisher, feed)
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, receipt(0), receipt(1, "coat-l"), receipt(2, "no-such"), receipt(3, "no-such")))
    assert feed.catch_ups == 1, "once per batch"
    assert [(letter["reason"], letter["offset"]) for letter in publisher.dead()] == [
        ("unknown_item", 2),
        ("unknown_item", 3),
    ]
    assert _stock(publisher)["coat-l"] == 1


async def test_known_items_cost_no_look_up() -> None:
    feed = FakeFeed()
    agent = intake(FakePublisher(), feed)
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, receipt(0)))
    assert feed.catch_ups == 0


@pytest.mark.parametrize(("ahead_seconds", "taken"), [(3_500, True), (3_700, False)])
async def test_readings_from_the_future_are_rejected(ahead_seconds: int, *, taken: bool) -> None:
    """The tolerance is an hour, and the record arrived a second after noon."""
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, receipt(0, at_ms=NOON_MS + ahead_seconds * 1000)))
    assert bool(publisher.messages(partition_of("jeans", PARTITIONS))) is taken
    assert [letter["reason"] for letter in publisher.dead()] == ([] if taken else ["in_future"])


async def test_a_dead_letter_keeps_everything() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (7, 9))
    raw = receipt(0, quantity=1.5)
    await agent.handle(fetched(7, raw))
    (letter,) = publisher.dead()
    assert base64.b64decode(letter["raw"]) == raw
    assert base64.b64decode(letter["raw_key"]) == b"paris"
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("readings.erp", 0, 7)
    assert (letter["field"], letter["units"]) == ("quantity", 1.5)
    assert letter["reason"]


async def test_the_same_bad_input_twice_is_two_letters_and_the_same_record_again_is_one() -> None:
    publisher = FakePublisher()
    for _ in range(2):
        agent = intake(publisher, FakeFeed())
        agent.resume(0, None, (0, 9))
        await agent.handle(fetched(0, b"{", b"{"))
    ids = [letter["fact_id"] for letter in publisher.dead()]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


async def test_dead_letters_are_stored_before_the_log_goes_on() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, b"{", receipt(1)))
    assert [call[0].topic for call in publisher.calls if call] == ["dead.letters", "observations"]


async def test_bytes_that_are_no_text_are_a_dead_letter_too() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    surrogate = receipt(0).replace(b'"jeans-32"', rb'"\ud800"')
    await agent.handle(fetched(0, b"\xff\xfe\x00", surrogate, b""))
    assert len(publisher.dead()) == 3


async def test_a_topic_of_rubbish_stops_the_worker() -> None:
    agent = intake(FakePublisher(), FakeFeed())
    agent.resume(0, None, (0, POISON_WINDOW))
    await agent.handle(fetched(0, *[b"{"] * (POISON_WINDOW - 1)))
    with pytest.raises(MustStop, match="stopping rather than emptying the topic"):
        await agent.handle(fetched(POISON_WINDOW - 1, b"{"))


async def test_some_rubbish_does_not() -> None:
    agent = intake(FakePublisher(), FakeFeed())
    agent.resume(0, None, (0, POISON_WINDOW))
    values = [b"{" if n % 2 else receipt(n) for n in range(POISON_WINDOW)]
    assert (await agent.handle(fetched(0, *values)))[0] == POISON_WINDOW


async def test_partitions_taken_away_are_forgotten() -> None:
    agent = intake(FakePublisher(), FakeFeed())
    agent.resume(0, None, (0, 9))
    agent.drop([])
    with pytest.raises(KeyError):
        await agent.handle(fetched(0, receipt(0)))


async def test_the_fold_of_what_was_sent_twice_is_the_fold_of_once() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, *(receipt(n) for n in range(4))))
    messages = publisher.messages(partition_of("jeans", PARTITIONS))
    once, twice = _fold(messages), _fold(messages * 2)
    twice.core.applied = once.core.applied
    assert state.digest(once) == state.digest(twice)


async def test_the_log_is_told_everywhere_when_more_of_the_tills_waits_and_when_no_more_does() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed(), topic="readings.pos")
    agent.resume(0, None, (0, 0))
    await agent.announce()
    assert publisher.sent == []
    for start, more in enumerate((False, True, True, False, False)):
        await agent.handle(fetched(start, b"no basket", topic="readings.pos", more=more))
    for partition in range(PARTITIONS):
        sources = [batch.source for batch in publisher.batches(partition)]
        assert [(source.last, source.more) for source in sources] == [(1, True), (3, False)]
        assert sources[0].last == sources[1].previous


async def test_tills_that_wait_are_announced_when_reading_begins() -> None:
    """Nothing new is said by it, and the chain of ranges goes on."""
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed(), topic="readings.pos")
    agent.resume(0, None, (0, 1))
    await agent.announce()
    assert [batch.source.more for batch in publisher.batches(1)] == [True]
    assert _fold(publisher.messages(1), 1).core.behind
    await agent.handle(fetched(0, b"no basket", topic="readings.pos"))
    assert _fold(publisher.messages(1), 1).core.behind == []


async def test_only_tills_are_waited_for() -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed())
    agent.resume(0, None, (0, 2))
    await agent.announce()
    await agent.handle(fetched(0, receipt(0), more=True))
    assert not any(batch.source.more for p in range(PARTITIONS) for batch in publisher.batches(p))


@pytest.mark.parametrize("written", ["impinj", "neutral"])
async def test_a_reader_whose_clock_is_unset_is_one_letter_for_each_message(written: str) -> None:
    unset, publisher = "2000-01-01T00:00:10Z", FakePublisher()
    events = [
        {"timestamp": unset, "hostname": "R1", "eventType": "tagInventory", "tagInventoryEvent": {"epcHex": EPC}}
    ] * 500
    batch = {"reader": "R1", "reads": [{"epc": EPC, "seen_at": unset}] * 500}
    agent = intake(publisher, FakeFeed(), topic="readings.rfid")
    agent.resume(0, None, (0, 9))
    await agent.handle(fetched(0, json.dumps(events if written == "impinj" else batch).encode()))
    (letter,) = [one for one in publisher.dead() if one["reason"] == "clock_unset"]
    first, second = ("[0].timestamp", "[1].timestamp") if written == "impinj" else ("reads[0].seen_at", "reads[1].seen")
    assert (letter["reason"], letter["field"]) == ("clock_unset", first)
    assert f"(and 499 more: {second}" in letter["message"]
    assert letter["message"].endswith(", ...)")
    assert len(letter["message"]) < 1500


def test_what_is_wrong_with_a_record_by_one_reason_is_told_once_with_all_its_units() -> None:
    lines = [
        RejectedReading("unknown_item", "no item A", field="lines[0].item_id", value="A", units=2.0),
        RejectedReading("invalid_value", "no number", field="lines[1].quantity", value="x"),
        RejectedReading("unknown_item", "no item B", field="lines[2].item_id", value="B", units=3.0),
        RejectedReading("unknown_item", "no item", field="lines[3].item_id"),
    ]
    unknown, invalid = one_per_reason(lines)
    assert (unknown.field, unknown.value, unknown.units) == ("lines[0].item_id", "A", 5.0)
    assert unknown.message == "no item A (and 2 more: lines[2].item_id B, lines[3].item_id)"
    assert invalid is lines[1]


@pytest.mark.parametrize(
    ("topic", "key", "value", "told"),
    [
        ("reference.items", None, b'{"sku": "x", "style": "s", "price": "much"}', True),
        ("reference.items", None, b"{", True),
        ("reference.items", None, b'{"sku": "x", "style": "s"}', False),
        ("reference.items", b"x", b'{"sku": "x", "style": "s"}', False),
        ("reference.items", b"y", b'{"sku": "x", "style": "s"}', True),
        ("alerts", None, b"{", False),
    ],
)
def test_reference_data_that_intake_refuses_is_not_told_again_by_the_archive(
    topic: str, key: bytes | None, value: bytes, *, told: bool
) -> None:
    record = Record(0, NOON_MS, key, value)
    assert is_told_by_intake(Rejected(topic, 0, record, "invalid_fact", "2 validation errors for Item")) is told


@pytest.mark.parametrize(("key", "reasons"), [(b"WH|ALPHA", []), (b"WH-ALPHA", ["other_key"])])
async def test_a_lane_under_another_lane_s_key_is_a_dead_letter_and_says_nothing(
    key: bytes, reasons: list[str]
) -> None:
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed(), topic="reference.lanes")
    agent.resume(0, None, (0, 1))
    lane = json.dumps({"origin": "WH", "destination": "ALPHA", "lead_time_days": 9}).encode()
    await agent.handle(fetched(0, lane, topic="reference.lanes", key=key))
    assert [letter["reason"] for letter in publisher.dead()] == reasons
    assert bool(publisher.messages(0)) is not bool(reasons)
