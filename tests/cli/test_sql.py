import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from restockd import archive
from restockd.configuration import Settings
from restockd.settings import ClickHouse
from schemas.errors import Unavailable
from sinks.clickhouse.archive import Archive
from tests.cli.conftest import Run


@pytest.fixture
def archived(place: Path) -> Iterator[Settings]:
    """An empty archive in the data directory of the command line, its engine running here."""
    settings = Settings.model_validate({"worker": {"data_dir": place / "share" / "restockd"}})
    with archive.embedded(settings) as server:
        opened = Archive(server)
        opened.open()
        opened.close()
        yield settings


def test_an_engine_that_runs_is_asked_by_other_processes(restockd: Run, archived: Settings) -> None:
    assert restockd("sql", "SELECT count() AS lines FROM stock_now", "--json").json == [{"lines": 0}]
    assert restockd("sql", "SELECT 1 AS a, 'x' AS b", "--format", "CSVWithNames").out == '"a","b"\n1,"x"\n'
    assert "a" in restockd("sql", "SELECT 1 AS a").out
    refused = restockd("sql", "DROP TABLE items")
    assert refused.code == 1
    assert "only questions" in refused.err
    refused = restockd("sql", "DROP TABLE items", "--format", "CSV")
    assert refused.code == 1
    assert "readonly" in refused.err
    wrong = restockd("sql", "SELECT nothing_of_that_name")
    assert wrong.code == 1
    assert "nothing_of_that_name" in wrong.err
    assert "Traceback" not in wrong.err
    doctor = restockd("doctor", "--json").json["checks"]
    assert {"ClickHouse clock", "migrations"} <= {check["name"] for check in doctor}
    assert json.loads(restockd("stock", "--json").out) == []
    assert json.loads(restockd("orders", "--json").out) == []
    assert json.loads(restockd("surplus", "--json").out) == []
    assert json.loads(restockd("budgets", "show", "--json").out) == []


def test_an_archive_whose_engine_has_ended_is_opened_for_the_question(restockd: Run, place: Path) -> None:
    settings = Settings.model_validate({"worker": {"data_dir": place / "share" / "restockd"}})
    with archive.embedded(settings) as server:
        opened = Archive(server)
        opened.open()
        opened.close()
    assert archive.running_embedded(settings) is None
    assert restockd("sql", "SELECT 1 AS a", "--json").json == [{"a": 1}]


def test_without_an_archive_it_says_what_to_do(restockd: Run) -> None:
    outcome = restockd("sql", "SELECT 1")
    assert outcome.code == 1
    assert "nothing was archived" in outcome.err
    assert "restockd demo" in outcome.err


def test_a_server_that_is_down_is_an_error_of_ours(place: Path) -> None:
    settings = Settings(clickhouse=ClickHouse(address="http://127.0.0.1:1"))
    with archive.database(settings) as asked, pytest.raises(Unavailable, match=r"127\.0\.0\.1:1"):
        asked.rows("SELECT 1")


def test_one_output_format_at_a_time(restockd: Run) -> None:
    assert restockd("sql", "SELECT 1", "--json", "--format", "CSV").code == 2


def test_a_server_s_address_and_account_come_from_the_settings() -> None:
    settings = ClickHouse.model_validate({"address": "https://db.example:8443", "user": "u", "password": "p"})
    server = archive.server_settings(settings)
    assert (server.host, server.port, server.secure) == ("db.example", 8443, True)
    assert (server.username, server.password, server.database) == ("u", "p", "restockd")
