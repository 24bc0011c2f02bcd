"""ClickHouse gone, back elsewhere, refusing: said in words, and over by itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from console.app import application
from schemas.errors import Unavailable
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.embedded import EmbeddedClickHouse
from sinks.clickhouse.settings import ClickHouseSettings

LOCAL = "http://127.0.0.1:8088"
CLOSED = ClickHouseSettings(port=1)


def looking_at(settings: ClickHouseSettings) -> TestClient:
    return TestClient(application(lambda: settings), base_url=LOCAL)


def test_a_page_names_the_component_the_place_and_the_remedy() -> None:
    page = looking_at(CLOSED).get("/stock")
    assert page.status_code == 503
    assert "ClickHouse at http://127.0.0.1:1" in page.text
    assert "connection refused" in page.text
    assert "What to do:</strong> Start it" in page.text
    assert '<meta http-equiv="refresh" content="2">' in page.text
    assert "nosniff" in page.headers["x-content-type-options"]


def test_polling_shows_the_problem_in_place() -> None:
    part = looking_at(CLOSED).get("/stock", headers={"HX-Request": "true"})
    assert part.status_code == 503
    assert "ClickHouse at http://127.0.0.1:1" in part.text
    assert "<html" not in part.text
    assert "http-equiv" not in part.text


@pytest.mark.parametrize("address", ["/health", "/api/overview", "/api/stock"])
def test_the_api_says_it_as_json(address: str) -> None:
    answer = looking_at(CLOSED).get(address)
    assert answer.status_code == 503
    error = answer.json()["error"]
    assert error["component"] == "ClickHouse at http://127.0.0.1:1"
    assert error["problem"] == "connection refused."
    assert error["advice"].startswith("Start it")


def test_it_recovers_by_itself_when_the_engine_comes_back_elsewhere(tmp_path: Path) -> None:
    engine = EmbeddedClickHouse(tmp_path / "engine")
    with engine:
        Archive(engine.settings).open()
        first = engine.settings
        with TestClient(application(lambda: engine.settings), base_url=LOCAL) as browser:
            assert browser.get("/health").status_code == 200
            engine.kill()
            assert browser.get("/health").status_code == 503
            assert browser.get("/").status_code == 503
            engine.start()
            assert engine.settings != first
            assert browser.get("/health").status_code == 200
            assert browser.get("/").status_code == 200


def test_nobody_running_it_is_said_too() -> None:
    def nobody() -> ClickHouseSettings:
        raise Unavailable("embedded ClickHouse", "nobody runs it", "Start `restockd demo`.")

    answer = TestClient(application(nobody), base_url=LOCAL).get("/")
    assert answer.status_code == 503
    assert "nobody runs it." in answer.text
    assert "Start `restockd demo`." in answer.text


def test_a_database_that_is_not_there_yet(engine: ClickHouseSettings) -> None:
    answer = looking_at(replace(engine, database="not_there")).get("/api/stock")
    assert answer.status_code == 503
    assert "not_there" in answer.json()["error"]["problem"]


def test_tables_that_are_not_there_yet(engine: ClickHouseSettings) -> None:
    answer = looking_at(replace(engine, database="default")).get("/api/stock")
    assert answer.status_code == 500
    assert "brings them up to date" in answer.json()["error"]["advice"]


def test_a_refused_account(tmp_path: Path) -> None:
    with EmbeddedClickHouse(tmp_path / "engine", password="right") as engine:
        answer = looking_at(replace(engine.settings, password="wrong-one")).get("/")
    assert answer.status_code == 503
    assert "refuses user" in answer.text
    assert "wrong-one" not in answer.text


def test_an_address_that_does_not_exist(client: TestClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert "hx-get" not in answer.text
    assert client.get("/api/nothing").json()["error"]["problem"] == "Not Found"
