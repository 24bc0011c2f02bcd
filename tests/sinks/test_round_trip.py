"""Every fact comes back from its table as it went in."""

import pytest

from schemas.facts import TOPIC_OF, Fact
from schemas.reference import Item, Location
from sinks.clickhouse.archive import TOPICS, Archive
from sinks.clickhouse.facts import fact_of
from sinks.clickhouse.rows import Batch
from sinks.clickhouse.tables import TABLES
from tests.sinks.conftest import T0_MS, batch, record
from tests.sinks.examples import BARE, EXAMPLES


def test_there_is_an_example_of_every_fact_and_a_table_for_each() -> None:
    assert {type(example) for example in EXAMPLES} == set(TOPIC_OF)
    assert {topic.name for topic in TOPIC_OF.values()} | {"reference.items", "reference.locations"} == TOPICS


@pytest.mark.parametrize("fact", EXAMPLES + BARE, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_equal_with_its_origin(archive: Archive, fact: Fact) -> None:
    assert archive.write_many([batch([fact], first=41, partition=2)]).rows == 1
    (row,) = archive.database.rows(f"SELECT * FROM {TOPIC_OF[type(fact)].table}")
    assert fact_of(type(fact), row) == fact
    assert (row["kafka_partition"], row["kafka_offset"]) == (2, 41)
    assert row["appended_at"].timestamp() * 1000 == T0_MS + 41


def test_the_tables_have_exactly_the_columns_that_are_written(archive: Archive) -> None:
    sql = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {t:String}"
    for table in TABLES.values():
        there = {row["name"] for row in archive.database.rows(sql, {"t": table.name})}
        assert there - {"keep_first"} == set(table.column_names)


def test_reference_data_is_the_newest_record_of_a_key(archive: Archive) -> None:
    old = Item(sku="SHIRT-M", style="SHIRT", name="Shirt", price=9.0)
    new = old.model_copy(update={"price": 8.5, "aliases": ("shirt m",)})
    shop = Location(location="S1", name="Main Street", gln="9521321000018")
    # The newer record is written first: what counts is where it stands in the log.
    archive.write("reference.items", 0, [record(5, new.model_dump_json().encode(), key=b"SHIRT-M")])
    archive.write("reference.items", 0, [record(4, old.model_dump_json().encode(), key=b"SHIRT-M")])
    archive.write("reference.locations", 0, [record(0, shop.model_dump_json().encode(), key=b"S1")])
    (item,) = archive.database.rows("SELECT * FROM items FINAL")
    (location,) = archive.database.rows("SELECT * FROM locations FINAL")
    assert Item(**{name: item[name] for name in Item.model_fields}) == new
    assert Location(**{name: location[name] for name in Location.model_fields}) == shop


def test_an_empty_value_retires_a_key_and_a_later_record_brings_it_back(archive: Archive) -> None:
    item = Item(sku="SHIRT-M", style="SHIRT").model_dump_json().encode()
    steps = [record(0, item, key=b"SHIRT-M"), record(1, b"", key=b"SHIRT-M"), record(2, item, key=b"SHIRT-M")]
    left = []
    for step in steps:
        archive.write_many([Batch("reference.items", 0, [step])])
        left.append(len(archive.database.rows("SELECT * FROM items FINAL")))
    assert left == [1, 0, 1]
