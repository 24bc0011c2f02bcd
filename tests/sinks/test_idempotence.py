"""DESIGN.md, law 6: facts said or written twice count once, and different facts are never dropped."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from schemas.errors import Unavailable
from schemas.facts import Fact
from sinks.clickhouse import queries
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded import EmbeddedClickHouse
from sinks.clickhouse.rows import Batch, Record
from tests.sinks.conftest import NOON, batch, level, movement, record, records
from tests.sinks.examples import BARE, EXAMPLES
from tests.sinks.test_views import reorder

VIEWS = (
    "stock_now", "negative_book", "orders_now", "open_orders", "transfers_now", "open_transfers", "sales_by_hour",
    "sales_by_day", "net_units", "dead_letters_by_reason", "open_alerts", "open_tasks", "decision_latency",
    "order_corrections", "conservation",
)  # fmt: skip


def everything(database: Database) -> dict[str, object]:
    """What every view says, but for ages, which grow, and for where a repeated record stood."""
    moving = {"age_seconds", "kafka_offset", "kafka_partition"}
    said: dict[str, object] = {}
    for view in VIEWS:
        rows = database.rows(f"SELECT * FROM {view}")
        said[view] = sorted(repr({name: row[name] for name in row if name not in moving}) for row in rows)
    return said | {"counts": queries.table_counts(database)}


def all_kinds() -> list[Batch]:
    return [batch([example], first=10 * n, partition=n % 3) for n, example in enumerate(EXAMPLES + BARE)]


def test_the_same_batches_twice_change_nothing(archive: Archive) -> None:
    archive.write_many(all_kinds())
    before = everything(archive.database)
    assert archive.write_many(all_kinds()).rows == len(EXAMPLES + BARE)
    archive.write_many(list(reversed(all_kinds())))
    assert everything(archive.database) == before


def test_other_borders_and_overlaps_change_nothing(archive: Archive) -> None:
    facts: list[Fact] = [movement(n, quantity=-n, units=n) for n in range(1, 21)]
    whole = records(facts)
    archive.write("stock.movements", 0, whole)
    before = everything(archive.database)
    for first, last in ((0, 7), (7, 20), (5, 15), (19, 20)):
        archive.write("stock.movements", 0, whole[first:last])
    assert everything(archive.database) == before
    assert queries.net_units_total(archive.database) == sum(range(1, 21))


def test_facts_said_again_later_count_once_and_keep_their_first_time(archive: Archive) -> None:
    facts: list[Fact] = [level(1, 5, 1), level(2, 4, 2), level(3, 3, 3)]
    orders: list[Fact] = [reorder(4, "O-1", 0, "proposed")]
    archive.write_many([batch(facts), batch(orders)])
    before = everything(archive.database)
    # A worker that restarts says facts again: other offsets, another hour, the same ids.
    again = [record(100 + r.offset, r.value, later_ms=3_600_000) for r in records(facts[:2])]
    archive.write("stock.levels", 0, again)
    archive.write("orders.reorders", 0, [record(100, r.value, later_ms=3_600_000) for r in records(orders)])
    assert everything(archive.database) == before
    (latency,) = queries.latency(archive.database)
    assert latency["max_ms"] == 0


def test_merging_the_parts_changes_nothing(archive: Archive) -> None:
    archive.write_many(all_kinds())
    for part in all_kinds():
        archive.write_many([part._replace(records=[r._replace(offset=r.offset + 500) for r in part.records])])
    before = everything(archive.database)
    for table in queries.table_counts(archive.database):
        archive.database.execute(f"OPTIMIZE TABLE {table} FINAL")
    assert everything(archive.database) == before


def test_different_facts_in_the_same_range_both_land(archive: Archive) -> None:
    """A topic that was recreated counts from 0 again: a token of offsets alone would drop its facts."""
    archive.write("stock.movements", 0, records([movement(1)]))
    archive.write("stock.movements", 0, records([movement(2)]))
    assert queries.net_units_total(archive.database) == 2


def test_the_engine_does_drop_by_token_so_the_test_above_can_fail(archive: Archive) -> None:
    from sinks.clickhouse.rows import read
    from sinks.clickhouse.tables import TABLES

    table = TABLES["stock.movements"]
    for number in (1, 2):
        block, _ = read(table, [batch([movement(number)])])
        archive.database.insert(table.name, table.column_names, table.wire_types, block.columns, "offsets 0-0")
    assert queries.net_units_total(archive.database) == 1


def test_a_batch_whose_levels_never_reached_stock_now_is_completed_by_the_retry(archive: Archive) -> None:
    """Killed between a table and what is fed from it: the retry finds the rows there, and must still feed on."""
    archive.database.execute("DETACH TABLE stock_latest_feed")
    archive.write_many([batch([level(1, 5, 1)])])
    archive.database.execute("ATTACH TABLE stock_latest_feed")
    assert queries.stock(archive.database) == []
    archive.write_many([batch([level(1, 5, 1)])])
    assert [row["on_hand"] for row in queries.stock(archive.database)] == [5]
    assert queries.table_counts(archive.database)["stock_levels"] == 1


def test_a_batch_over_more_months_than_an_insert_may_have_partitions_lands(archive: Archive) -> None:
    months: list[Fact] = [
        movement(n, occurred_at=NOON.replace(year=2000 + n // 12, month=n % 12 + 1)) for n in range(150)
    ]
    archive.write_many([batch(months)])
    assert queries.table_counts(archive.database)["stock_movements"] == 150


def test_old_events_stay_and_rows_appended_long_ago_go(archive: Archive) -> None:
    ancient = movement(1, occurred_at=NOON.replace(year=1999))
    archive.write("stock.movements", 0, records([ancient]))
    expired = records([movement(2)])[0]._replace(offset=1, appended_at_ms=1_600_000_000_000)  # 2020
    archive.write("stock.movements", 0, [expired])
    archive.database.execute("OPTIMIZE TABLE stock_movements FINAL")
    left = archive.database.rows("SELECT occurred_at FROM stock_movements")
    assert [row["occurred_at"].year for row in left] == [1999]


def test_a_record_without_the_brokers_stamp_does_not_expire(archive: Archive) -> None:
    archive.write("stock.movements", 0, [records([movement(1)])[0]._replace(appended_at_ms=-1)])
    archive.database.execute("OPTIMIZE TABLE stock_movements FINAL")
    assert queries.net_units_total(archive.database) == 1


def _write_stubbornly(archive: Archive, topic: str, chunk: Sequence[Record]) -> bool:
    try:
        archive.write(topic, 0, chunk)
    except Unavailable:
        return False
    return True


@pytest.mark.slow
def test_killed_in_the_middle_of_inserts_nothing_is_lost_and_nothing_doubled(folder: Path) -> None:
    chance = random.Random(7)
    movements: list[Fact] = [movement(n, occurred_at=NOON.replace(month=n % 6 + 1)) for n in range(1, 12_001)]
    levels: list[Fact] = [level(20_000 + n, n, n, sku=f"sku-{n % 50}") for n in range(3_000)]
    moved, known = records(movements), records(levels)
    left = [("stock.movements", moved[n : n + 400]) for n in range(0, 12_000, 400)]
    left += [("stock.levels", known[n : n + 300]) for n in range(0, 3_000, 300)]
    kills = 0
    while left:
        with EmbeddedClickHouse(folder) as embedded:
            archive = Archive(embedded.settings)
            archive.open()
            last = chance.randrange(4, 14) if kills < 3 else len(left) + 1
            for number, (topic, chunk) in enumerate(list(left)):
                if number == last:
                    _kill_while(embedded, archive, topic, chunk)
                    kills += 1
                    break
                assert _write_stubbornly(archive, topic, chunk)
                left.remove((topic, chunk))
            else:
                counts = queries.table_counts(archive.database)
                stored = {row["sku"]: row["on_hand"] for row in queries.stock(archive.database, limit=1000)}
                total = queries.net_units_total(archive.database)
    assert kills == 3
    assert (counts["stock_movements"], counts["stock_levels"], total) == (12_000, 3_000, 12_000)
    assert stored == {f"sku-{n}": 2_950 + n for n in range(50)}


@pytest.mark.slow
def test_rows_that_a_killed_engine_marked_and_did_not_keep_are_written_again(folder: Path) -> None:
    """The engine writes down the mark of an insert before the rows: what it lost in between must not count as known."""
    facts = records([movement(n) for n in range(1, 5)])
    with EmbeddedClickHouse(folder) as embedded:
        archive = Archive(embedded.settings)
        archive.open()
        archive.write("stock.movements", 0, facts)
        (part,) = archive.database.rows("SELECT path FROM system.parts WHERE table = 'stock_movements' AND active")
        embedded.kill()
    shutil.rmtree(part["path"])
    assert not _write_stubbornly(archive, "stock.movements", facts)
    with EmbeddedClickHouse(folder, port=embedded.settings.port):
        archive.write("stock.movements", 0, facts)
        assert queries.table_counts(archive.database)["stock_movements"] == 4


def _kill_while(embedded: EmbeddedClickHouse, archive: Archive, topic: str, chunk: Sequence[Record]) -> None:
    """End the engine with SIGKILL while it inserts."""
    from threading import Timer

    timer = Timer(0.012, embedded.kill)
    timer.start()
    for _ in range(50):
        if not _write_stubbornly(archive, topic, chunk):
            break
    timer.join()
    with pytest.raises(Unavailable, match=r"ClickHouse at http://127\.0\.0\.1:\d+"):
        archive.write(topic, 0, chunk)


def test_messages_of_many_movements_count_each(archive: Archive) -> None:
    value = msgspec.json.encode([movement(n) for n in range(5)])
    assert archive.write("stock.movements", 0, [record(0, value), record(1, b"[]")]).rows == 5
    assert queries.net_units_total(archive.database) == 5
