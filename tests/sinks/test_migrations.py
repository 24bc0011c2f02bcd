"""Migrations apply once, in any company, and say which of them failed."""

import re
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from schemas.errors import MustStop
from sinks.clickhouse import migrate as module
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.migrate import Migration, migrate, migrations
from sinks.clickhouse.settings import ClickHouseSettings
from sinks.clickhouse.sql import statements
from tests.sinks.conftest import batch, movement

LABELS = [migration.label for migration in migrations()]
REPEATABLE = re.compile(
    r"CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS |CREATE OR REPLACE (VIEW|TABLE) "
    r"|ALTER TABLE \w+ (ADD COLUMN IF NOT EXISTS|MODIFY|DROP COLUMN IF EXISTS) |DROP (VIEW|TABLE) IF EXISTS "
)


def test_migrations_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in migrations()] == list(range(1, len(LABELS) + 1))


@pytest.mark.parametrize("migration", migrations(), ids=lambda migration: migration.label)
def test_every_statement_may_run_twice(migration: Migration) -> None:
    found = statements(migration.text)
    assert found
    assert [statement for statement in found if not REPEATABLE.match(statement)] == []


def test_an_empty_server_is_migrated_once(settings: ClickHouseSettings) -> None:
    archive = Archive(settings)
    assert archive.open() == LABELS
    archive.write_many([batch([movement(1)])])
    assert archive.open() == []
    assert Archive(settings).open() == []
    (row,) = archive.database.rows("SELECT count() AS n FROM stock_movements")
    assert row["n"] == 1


def test_an_older_database_gets_what_it_lacks_and_keeps_its_rows(
    settings: ClickHouseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(module, "migrations", lambda: migrations()[:1])
        archive = Archive(settings)
        assert archive.open() == LABELS[:1]
        archive.write_many([batch([movement(1)])])
    assert archive.open() == LABELS[1:]
    (row,) = archive.database.rows("SELECT net_units FROM net_units")
    assert row["net_units"] == 1


def test_workers_that_start_together_do_not_disturb_each_other(settings: ClickHouseSettings) -> None:
    together, failures = Barrier(3), list[Exception]()

    def start() -> None:
        together.wait()
        try:
            Archive(settings).open()
        except Exception as error:
            failures.append(error)

    workers = [Thread(target=start) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    rows = Archive(settings).database.rows("SELECT number FROM schema_migrations FINAL ORDER BY number")
    assert [row["number"] for row in rows] == list(range(1, len(LABELS) + 1))


def test_a_migration_that_fails_is_named_and_continues_where_it_failed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = len(LABELS) + 1
    bad = Migration(number, "bad", "CREATE TABLE IF NOT EXISTS fine (a Int8) ENGINE = Memory;\nCREATE TABL x;")
    monkeypatch.setattr(module, "migrations", lambda: [*migrations(), bad])
    with pytest.raises(
        MustStop, match=rf"migration {bad.label} failed at statement 2: ClickHouse at http.*Syntax error"
    ):
        migrate(archive.database)
    mended = replace(bad, text=bad.text.replace("CREATE TABL x", "DROP TABLE IF EXISTS fine"))
    monkeypatch.setattr(module, "migrations", lambda: [*migrations(), mended])
    assert migrate(archive.database) == [bad.label]


def test_a_migration_changed_after_it_was_applied_stops(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = migrations()
    monkeypatch.setattr(module, "migrations", lambda: [replace(first, text=first.text + "\n-- new"), *others])
    with pytest.raises(MustStop, match="0001_facts was changed after it was applied"):
        migrate(archive.database)


def test_line_ends_are_not_a_change() -> None:
    first = migrations()[0]
    assert replace(first, text=first.text.replace("\n", "\r\n")).digest == first.digest
