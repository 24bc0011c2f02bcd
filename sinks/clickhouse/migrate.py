"""Numbered migrations: each file under ``migrations/`` is applied once to a database.

ClickHouse has no locks between clients, so two workers that start together may
both apply a file. Every statement can therefore run twice (``IF NOT EXISTS``,
``OR REPLACE``), which ``tests/sinks`` checks.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files

from schemas.errors import MustStop
from sinks.clickhouse.client import Database, QueryRefused
from sinks.clickhouse.sql import statements

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number UInt32, name String, digest String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY number
"""


@dataclass(frozen=True)
class Migration:
    """One migration file; ``digest`` tells whether it was changed after it was applied."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        return blake2b(self.text.replace("\r\n", "\n").encode(), digest_size=16).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.number:04d}_{self.name}"


def migrations() -> list[Migration]:
    """Every migration, in order."""
    folder = files("sinks.clickhouse").joinpath("migrations")
    named = [(_FILE_NAME.fullmatch(file.name), file) for file in folder.iterdir()]
    found = [Migration(int(m[1]), m[2], file.read_text(encoding="utf-8")) for m, file in named if m]
    return sorted(found, key=lambda migration: migration.number)


def migrate(database: Database) -> list[str]:
    """Bring a database up to date; the labels of what was applied now.

    The database itself must exist. Raises ``MustStop`` naming the migration that
    failed or was changed afterwards, ``Unavailable`` if ClickHouse went away: in
    both cases running it again continues where it ended.
    """
    database.execute(_LEDGER)
    applied = {row["number"]: row["digest"] for row in database.rows("SELECT number, digest FROM schema_migrations")}
    done = []
    for migration in migrations():
        if migration.number not in applied:
            _apply(database, migration)
            done.append(migration.label)
        elif applied[migration.number] != migration.digest:
            raise MustStop(f"migration {migration.label} was changed after it was applied: add a new one instead")
    return done


def _apply(database: Database, migration: Migration) -> None:
    for number, statement in enumerate(statements(migration.text), start=1):
        try:
            database.execute(statement)
        except QueryRefused as error:
            raise MustStop(f"migration {migration.label} failed at statement {number}: {error}") from error
    database.execute(
        "INSERT INTO schema_migrations (number, name, digest) SELECT {number:UInt32}, {name:String}, {digest:String}",
        {"number": migration.number, "name": migration.name, "digest": migration.digest},
    )
