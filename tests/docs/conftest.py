"""A log to fold, for the policy of CONTRIBUTING.md, and a ClickHouse with empty tables, for the questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded import EmbeddedClickHouse
from tests.inventory.logs import Log


@pytest.fixture
def log() -> Log:
    """A partition with its state, ready to be told things."""
    return Log()


@pytest.fixture(scope="session")
def archive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the engine keeps its data."""
    return tmp_path_factory.mktemp("clickhouse")


@pytest.fixture(scope="session")
def empty(archive_folder: Path) -> Iterator[Database]:
    """Every table and view, nothing in them."""
    with EmbeddedClickHouse(archive_folder) as engine:
        archive = Archive(engine.settings)
        archive.open()
        yield archive.database
        archive.close()
