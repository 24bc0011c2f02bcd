"""Every question of the Grafana dashboards is one that our ClickHouse answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.adhoc import ask
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded.process import EmbeddedClickHouse

FILES = (Path(__file__).resolve().parents[2] / "deploy/grafana/dashboards").glob("*.json")
PANELS = [panel for file in sorted(FILES) for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]]
QUESTIONS = [
    (panel["title"], target["rawSql"]) for panel in PANELS for target in panel["targets"] if "rawSql" in target
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")) as server:
        archive = Archive(server.settings)
        archive.open()
        yield archive.database
        archive.close()


@pytest.mark.parametrize(("title", "sql"), QUESTIONS, ids=[f"{title}-{n}" for n, (title, _) in enumerate(QUESTIONS)])
def test_a_panel_s_question_is_answered(title: str, sql: str, database: Database) -> None:
    asked = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN now() - INTERVAL 1 DAY AND now()", sql)
    assert "$" not in asked, title
    assert ask(database, asked).columns
