"""Everything the chain says is understood by the reading formats, and adds up to the truth's books."""

import importlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.observations import QuantityMeasured, QuantityMoved, SaleMade
from schemas.order_ids import with_check
from simulators.chain import Chain, Truth, preset
from simulators.records import Record

START_MS = 1_767_225_600_000
DAY_MS = 86_400_000
DIRTY = {"malformed", "wrong_clock"}
ORDER = "{:08d}-bead-83cc-a6d3-c6c18640aae9"
SPOKEN = (topics.POS, topics.ERP, topics.RFID, topics.CAMERAS, topics.SIGNALS, topics.ORDER_ACKS)


@pytest.fixture(scope="module")
def formats() -> dict[str, Any]:
    try:
        registry = importlib.import_module("schemas.readings.registry")
    except ModuleNotFoundError:
        pytest.skip("there are no reading formats yet")
    found: dict[str, Any] = registry.all_formats()
    return found


@pytest.fixture(scope="module")
def ran() -> tuple[list[Record], Truth]:
    chain = Chain(replace(preset("demo"), stores=3, styles=5, own_order_share=0.5))
    records = list(chain.start(START_MS))
    for order in range(20):
        sku = f"ST00{order % 5 + 1}-BLA-M"
        bought, moved = (with_check(ORDER.format(number)) for number in (order, 1000 + order))
        common = {"order_id": bought, "revision": 1, "status": "proposed", "sku": sku, "quantity": 4}
        chain.on_reorder({**common, "location": "S02"})
        chain.on_transfer({**common, "order_id": moved, "origin": "W1", "destination": "S01"})
    records += [*chain.advance(START_MS + 9 * DAY_MS), *chain.flush()]
    return records, chain.truth()


@pytest.fixture(scope="module")
def catalogue(ran: tuple[list[Record], Truth], formats: dict[str, Any]) -> Catalogue:
    catalogue = Catalogue()
    for record in ran[0]:
        if record.topic in topics.REFERENCE:
            model = formats[record.topic.name].decode([record.value])[0]
            assert record.key == model.key
            catalogue.add(model)
    return catalogue


def observed(records: Iterable[Record], formats: dict[str, Any], catalogue: Catalogue) -> list[Any]:
    return [
        routed.observation
        for record in records
        for routed in meaning_of(record, formats, catalogue).observations
        if record.topic in (topics.POS, topics.ERP) and record.kind not in DIRTY
    ]


def meaning_of(record: Record, formats: dict[str, Any], catalogue: Catalogue) -> Any:
    spoken = formats[record.topic.name]
    return spoken.interpret(spoken.decode([record.value])[0], catalogue)


@pytest.mark.parametrize("topic", SPOKEN, ids=lambda topic: topic.name)
def test_good_messages_are_understood_whole(
    topic: topics.Topic, ran: tuple[list[Record], Truth], formats: dict[str, Any], catalogue: Catalogue
) -> None:
    if topic.name not in formats:
        pytest.skip(f"no reading format for {topic.name} yet")
    rejected: Counter[str] = Counter()
    for record in ran[0]:
        if record.topic == topic and record.kind not in {*DIRTY, "duplicate"}:
            rejected.update(fault.reason for fault in meaning_of(record, formats, catalogue).rejections)
    assert rejected == (Counter(unknown_item=ran[1].dirt["unknown_item"]) if topic is topics.POS else Counter())


def test_dirty_messages_are_rejected(
    ran: tuple[list[Record], Truth], formats: dict[str, Any], catalogue: Catalogue
) -> None:
    dirty = [record for record in ran[0] if record.kind in DIRTY and record.topic.name in formats]
    assert dirty
    for record in dirty:
        decoded = formats[record.topic.name].decode([record.value])[0]
        rejected = isinstance(decoded, Exception)
        assert rejected or formats[record.topic.name].interpret(decoded, catalogue).rejections


def test_the_books_of_the_truth_are_those_of_the_messages(
    ran: tuple[list[Record], Truth], formats: dict[str, Any], catalogue: Catalogue
) -> None:
    """A plain bookkeeper: each event once, in the order of event time."""
    records = [record for record in ran[0] if record.topic in (topics.POS, topics.ERP) and record.kind not in DIRTY]
    once = {seen.key: seen for seen in observed(records, formats, catalogue)}
    books: Counter[tuple[str, str]] = Counter()
    for seen in sorted(once.values(), key=lambda seen: seen.occurred_at_ms):
        key = (seen.location, seen.sku)
        if isinstance(seen, QuantityMeasured):
            books[key] = seen.quantity
        elif isinstance(seen, QuantityMoved) and seen.reason != "zone_move":
            books[key] += seen.quantity
        elif isinstance(seen, SaleMade) and seen.line_type == "sale":
            books[key] -= seen.quantity
        elif isinstance(seen, SaleMade) and seen.sellable:
            books[key] += seen.quantity
    assert {key: books[key] for key in ran[1].accounts} == ran[1].booked
