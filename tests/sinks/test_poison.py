"""A record that no table takes is set aside with its offset, and takes no other with it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import MustStop
from schemas.facts import TOPIC_OF, StockMovement
from sinks.clickhouse import queries
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.rows import Batch, read
from sinks.clickhouse.tables import TABLES
from tests.sinks.conftest import movement, record
from tests.sinks.examples import EXAMPLES

GOOD = msgspec.json.encode([movement(1)])


def changed(**fields: Any) -> bytes:
    """The movement with fields of the wrong sort."""
    return msgspec.json.encode([msgspec.to_builtins(movement(2)) | fields])


POISON = {
    "no JSON": b"\x00\xff",
    "nothing": b"",
    "cut off": GOOD[:-3],
    "an object, not an array": msgspec.json.encode(movement(2)),
    "a field missing": b'[{"fact_id": "00000000-0000-0000-0000-000000000001"}]',
    "text for a number": changed(quantity="many"),
    "a time without zone": changed(occurred_at="2011-03-07T12:00:00"),
    "a time before 1900": changed(occurred_at="1899-12-31T23:59:59Z"),
    "a time after 2299": changed(occurred_at="2300-01-01T00:00:00Z"),
    "an id that is none": changed(fact_id="42"),
    "two ids in one": changed(fact_id="00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002"),
    "a number beyond 64 bits": changed(quantity=2**63),
    "a negative key": changed(event_key=-1),
    "half a surrogate pair": GOOD.replace(b'"SHIRT"', b'"\\ud800"'),
    "one bad movement among good ones": b"[" + GOOD[1:-1] + b',{"kind":"sale"}]',
}


@pytest.mark.parametrize("value", POISON.values(), ids=POISON.keys())
def test_poison_is_reported_and_the_rest_lands(value: bytes) -> None:
    batch = Batch("stock.movements", 3, [record(7, GOOD), record(8, value), record(9, GOOD)])
    block, (bad,) = read(TABLES["stock.movements"], [batch])
    assert (bad.topic, bad.partition, bad.record) == ("stock.movements", 3, batch.records[1])
    assert bad.reason in ("invalid_fact", "undecodable_fact")
    assert bad.message
    assert block.row_count == 2
    assert [len(column) for column in block.columns] == [2] * len(block.columns)


def test_the_archive_writes_the_rest_and_hands_the_poison_back(archive: Archive) -> None:
    values = list(POISON.values())
    mixed = [record(n, values[n // 2] if n % 2 else msgspec.json.encode([movement(n)])) for n in range(2 * len(values))]
    written = archive.write("stock.movements", 0, mixed)
    assert [bad.record.offset for bad in written.rejected] == list(range(1, 2 * len(values), 2))
    assert written.rows == len(values)
    assert queries.net_units_total(archive.database) == len(values)


def test_a_batch_of_nothing_but_poison_writes_nothing(archive: Archive) -> None:
    written = archive.write("alerts", 0, [record(0, b"{}"), record(1, b"[]")])
    assert (written.rows, len(written.rejected)) == (0, 2)


def test_what_a_later_release_understands_is_written_then(archive: Archive) -> None:
    """The same range with one record more: another token, else the engine would drop it as written before."""
    whole = [record(0, GOOD), record(1, msgspec.json.encode([movement(2)])), record(2, GOOD)]
    then = [whole[0], record(1, b"not yet"), whole[2]]
    archive.write("stock.movements", 0, then)
    archive.write("stock.movements", 0, whole)
    assert queries.net_units_total(archive.database) == 2


def test_an_unknown_topic_stops_the_caller(archive: Archive) -> None:
    with pytest.raises(MustStop, match=r"no table for topic 'stock\.movement'"):
        archive.write("stock.movement", 0, [record(0, GOOD)])


@given(st.lists(st.booleans(), max_size=40), st.sampled_from(EXAMPLES))
@settings(max_examples=60, deadline=None)
def test_every_record_becomes_rows_or_is_rejected(good: list[bool], example: Any) -> None:
    value = msgspec.json.encode([example] if isinstance(example, StockMovement) else example)
    batch = Batch(TOPIC_OF[type(example)].name, 0, [record(n, value if g else b"{") for n, g in enumerate(good)])
    table = TABLES[batch.topic]
    block, rejected = read(table, [batch])
    kept = dict(zip(table.column_names, block.columns, strict=True))["kafka_offset"]
    assert list(kept) == [n for n, g in enumerate(good) if g]
    assert [bad.record.offset for bad in rejected] == [n for n, g in enumerate(good) if not g]
