"""One embedded engine for the whole run, a fresh database for every test, and facts to write."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from schemas.facts import TOPIC_OF, Fact, StockLevel, StockMovement
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded import EmbeddedClickHouse
from sinks.clickhouse.rows import Batch, Record
from sinks.clickhouse.settings import ClickHouseSettings

_NUMBERS = count(1)
T0_MS = 1_767_225_600_000  # 2026-01-01, when the broker appended offset 0
NOON = datetime(2011, 3, 7, 12, 0, tzinfo=UTC)
Movement = Callable[..., StockMovement]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseSettings]:
    with EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")) as embedded:
        yield embedded.settings


@pytest.fixture
def settings(engine: ClickHouseSettings) -> Iterator[ClickHouseSettings]:
    """A database name that is not there yet."""
    mine = replace(engine, database=f"test_{next(_NUMBERS)}")
    yield mine
    Database(replace(engine, database="default")).execute(f"DROP DATABASE IF EXISTS {mine.database}")


@pytest.fixture
def archive(settings: ClickHouseSettings) -> Iterator[Archive]:
    opened = Archive(settings)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def database(archive: Archive) -> Database:
    return archive.database


def fact_id(number: int) -> str:
    return str(UUID(int=number))


def record(offset: int, value: bytes, *, key: bytes | None = b"k", later_ms: int = 0) -> Record:
    """A record appended one millisecond per offset after 2026 began."""
    return Record(offset, T0_MS + offset + later_ms, key, value)


def records(facts: list[Fact], first: int = 0) -> list[Record]:
    """One record per fact; movements travel as arrays, here of one."""
    return [
        record(offset, msgspec.json.encode([fact] if isinstance(fact, StockMovement) else fact))
        for offset, fact in enumerate(facts, first)
    ]


def batch(facts: list[Fact], first: int = 0, partition: int = 0) -> Batch:
    return Batch(TOPIC_OF[type(facts[0])].name, partition, records(facts, first))


def movement(number: int, **changed: object) -> StockMovement:
    """The sale of one unit at noon, changed as asked."""
    plain: dict[str, object] = {
        "fact_id": fact_id(number),
        "occurred_at": NOON,
        "location": "S1",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "kind": "sale",
        "quantity": -1,
        "units": 1,
        "unit_price": 10.0,
        "recorded_at": NOON,
    }
    return StockMovement(**(plain | changed))  # type: ignore[arg-type]


def level(number: int, on_hand: int, log_offset: int, **changed: object) -> StockLevel:
    """Stock as it stood after a log message."""
    plain: dict[str, object] = {
        "fact_id": fact_id(number),
        "occurred_at": NOON,
        "location": "S1",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "on_hand": on_hand,
        "zones": {"sales_floor": on_hand},
        "on_order": 0,
        "in_transit": 0,
        "reserved": 0,
        "backorders": 0,
        "available": on_hand,
        "inventory_position": on_hand,
        "opening_known": True,
        "last_evidence_at": None,
        "log_partition": 0,
        "log_offset": log_offset,
        "input_appended_at": NOON,
    }
    return StockLevel(**(plain | changed))  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "engine"
