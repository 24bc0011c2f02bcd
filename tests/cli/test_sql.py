import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import msgspec
import pytest

from restockd import archive
from restockd.configuration import Settings
from restockd.settings import ClickHouse
from schemas.errors import Unavailable
from schemas.facts import PolicyPromotion, ShadowLedger
from sinks.clickhouse.archive import Archive
from tests.cli.conftest import Run
from tests.sinks.conftest import batch, fact_id, level
from tests.sinks.examples import EXAMPLES


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
    assert json.loads(restockd("shadow", "--json").out) == []


def test_numbers_read_well_and_stay_exact_in_json(restockd: Run, archived: Settings) -> None:
    question = "SELECT 0.1 + 0.2 AS a, 0 / 0 AS b, 1 / 0 AS c, 'nan' AS d, 7 AS e"
    assert restockd("sql", question).out.splitlines()[1].split() == ["0.3", "inf", "nan", "7"]
    assert restockd("sql", question, "--json").json == [
        {"a": 0.30000000000000004, "b": None, "c": "inf", "d": "nan", "e": 7}
    ]


@pytest.fixture
def stocked(archived: Settings) -> Settings:
    """Three SKUs in each of two stores."""
    server = archive.running_embedded(archived)
    assert server is not None
    opened = Archive(server)
    opened.open()
    places = product(("S01", "S02"), ("ST001-S", "ST001-M", "ST001-L"))
    opened.write_many([batch([level(n, 5, n, location=at, sku=sku) for n, (at, sku) in enumerate(places)])])
    opened.close()
    return archived


def test_the_shadow_shows_who_is_in_force(restockd: Run, archived: Settings) -> None:
    """One day of a comparison that began with a promotion: too little is known of it."""
    server = archive.running_embedded(archived)
    assert server is not None
    opened = Archive(server)
    opened.open()
    ledgers = [fact for fact in EXAMPLES if isinstance(fact, ShadowLedger)]
    told = [
        msgspec.structs.replace(ledgers[0], role=role, comparison="B / A", fact_id=fact_id(number), profit=profit)
        for number, (role, profit) in enumerate([("in_force", 8.0), ("shadow", 5.0)])
    ]
    opened.write_many([batch(told), batch([fact for fact in EXAMPLES if isinstance(fact, PolicyPromotion)])])
    opened.close()
    row = restockd("shadow").out.splitlines()[1].split()
    assert row[:4] == ["3", "SEK", "B", "A"]
    assert row[4:] == ["0", "too_early", "promoted", "2011-06-30"]
    (exact,) = restockd("shadow", "--json").json
    assert (exact["weeks"], exact["low"], exact["action"]) == (0, None, "promoted")


def test_rows_that_are_left_out_are_said(restockd: Run, stocked: Settings) -> None:
    shown = restockd("stock", "--limit", "5")
    assert len(shown.out.splitlines()) == 1 + 5
    assert shown.err == "There are more than 5 rows: --limit shows more, --location and --sku fewer.\n"
    assert len(restockd("stock", "--limit", "5", "--json").json) == 5
    assert restockd("stock", "--limit", "6").err == ""


REFUSED = {
    "stock --location S1": "restockd: there is no location 'S1'; similar: S01\n",
    "stock --location Paris": "restockd: there is no location 'Paris'; there are S01, S02\n",
    "stock --sku st001-x": "restockd: there is no SKU 'st001-x'; similar: ST001-S, ST001-M, ST001-L\n",
    "orders --location S9": "restockd: there is no location 'S9'; there are S01, S02\n",
    "surplus --json --sku ST009": "restockd: there is no SKU 'ST009'; there are ST001-L, ST001-M, ST001-S\n",
    "orders --state opn": "'opn' is not one of 'open', 'all'",
}


def test_a_filter_that_nothing_is_called_is_refused(restockd: Run, stocked: Settings) -> None:
    for line, words in REFUSED.items():
        outcome = restockd(*line.split())
        assert (outcome.code, outcome.out) == (2, "")
        assert words in outcome.err


def test_a_known_name_without_orders_has_none(restockd: Run, stocked: Settings) -> None:
    assert restockd("orders", "--location", "S01").out == "no orders (open)\n"
    assert restockd("surplus", "--sku", "ST001-M").out == "nothing is unlikely to sell\n"


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
