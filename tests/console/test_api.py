"""The JSON API over known facts; every number below is counted by hand from ``conftest.FACTS``."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from console.app import application
from schemas.facts import Fact
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.settings import ClickHouseSettings
from tests.console.conftest import LOCAL, budget_claim, reorder, write

EVIL = "<script>alert(1)</script>"


def rows(client: TestClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_the_overview_counts_what_is_there(client: TestClient) -> None:
    shown = client.get("/api/overview").json()
    expected = {
        "locations": 2,
        "skus": 3,
        "positions": 4,
        "units": 3 + 40 - 2 + 0,
        "units_on_order": 24,
        "negative": 1,
        "out_of_stock": 1,
        "open_orders": 3,  # the fourth is cancelled
        "orders_to_approve": 1,
        "units_to_order": 24 + 6 + 24,
        "open_transfers": 1,
        "open_alerts": 2,
        "severe_alerts": 1,
        "open_tasks": 1,
        "dead_letters": 3,
        "events_per_hour": 4,
    }
    assert {name: shown[name] for name in expected} == expected
    reorders, transfers = shown["latency"]
    assert (reorders["decision"], reorders["p50_ms"], reorders["p99_ms"]) == ("reorder", 250, 250)
    assert (transfers["decision"], transfers["p50_ms"]) == ("transfer", 100)


def test_what_waits_for_a_person_is_to_approve(engine: ClickHouseSettings) -> None:
    archive = Archive(replace(engine, database="approving"))
    archive.open()
    statuses = ("proposed", "pending", "pending", "pending", "approved", "acknowledged")
    orders: list[Fact] = [reorder(f"order-{n}", 1, status) for n, status in enumerate(statuses)]
    claims = [budget_claim("order-2", needs_person=False), budget_claim("order-3", needs_person=True)]
    write(archive, [*orders, *claims])
    archive.close()
    with TestClient(application(lambda: archive.settings), base_url=LOCAL) as browser:
        assert browser.get("/api/overview").json()["orders_to_approve"] == 2  # order-1 and order-3; 2 waits for money


def test_health_says_how_old_the_newest_fact_is(client: TestClient) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert health["clickhouse"].startswith("http://127.0.0.1:")
    assert 0 <= health["newest_fact_age_seconds"] < 600
    assert health["newest_event_at"] == "2026-03-07T15:00:00Z"


def test_health_before_the_first_fact(new_client: TestClient) -> None:
    answer = new_client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "empty"
    assert answer.json()["newest_fact_age_seconds"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("S1", "JEANS-L"), ("S1", "SHIRT-M"), ("S2", EVIL), ("S2", "SHIRT-M")]),
        ("?location=S1", [("S1", "JEANS-L"), ("S1", "SHIRT-M")]),
        ("?sku=shirt", [("S1", "SHIRT-M"), ("S2", "SHIRT-M")]),
        ("?style=JEAN", [("S1", "JEANS-L")]),
        ("?only=negative", [("S1", "JEANS-L")]),
        ("?only=out", [("S1", "JEANS-L"), ("S2", EVIL)]),
        ("?location=S", []),
        ("?sku=%25", []),
        ("?sku=' OR 1=1 --", []),
        ("?location={sku:String}", []),
    ],
)
def test_stock_is_filtered(client: TestClient, query: str, expected: list[tuple[str, str]]) -> None:
    answer = client.get(f"/api/stock{query}").json()
    assert [(row["location"], row["sku"]) for row in answer["rows"]] == expected
    assert answer["total"] == len(expected)


def test_stock_comes_in_pages(client: TestClient) -> None:
    answer = client.get("/api/stock?limit=1&offset=1").json()
    assert [row["sku"] for row in answer["rows"]] == ["SHIRT-M"]
    assert answer["total"] == 4


def test_a_row_of_stock(client: TestClient) -> None:
    (row,) = rows(client, "/api/stock?location=S1&sku=SHIRT")
    assert row["name"] == "Linen shirt"
    assert row["location_name"] == "Berlin & Mitte"
    assert row["zones"] == {"sales_floor": 3}
    assert row["last_evidence_at"] == "2026-03-07T12:00:00Z"
    assert (row["on_hand"], row["on_order"], row["inventory_position"]) == (3, 24, 27)


def test_orders_carry_what_they_were_computed_from(client: TestClient) -> None:
    by_id = {row["order_id"]: row for row in rows(client, "/api/orders")}
    assert set(by_id) == {"order-1", "order-2", "order-5"}
    order = by_id["order-1"]
    assert (order["status"], order["revision"], order["cost"]) == ("approved", 2, 96.0)
    assert (order["input_reorder_point"], order["input_order_up_to_level"]) == (17, 25)
    assert (order["input_mean_per_day"], order["input_lead_time_days"]) == (1.25, 9.0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("state=all", 5), ("state=cancelled", 1), ("state=open&location=S2", 2), ("state=all&location=S3", 0)],
)
def test_orders_are_filtered(client: TestClient, query: str, expected: int) -> None:
    assert len(rows(client, f"/api/orders?{query}")) == expected


def test_an_order_that_was_never_computed_has_no_inputs(client: TestClient) -> None:
    (order,) = rows(client, "/api/orders?state=cancelled")
    assert order["input_reorder_point"] is None


def test_the_history_of_an_order(client: TestClient) -> None:
    assert [row["status"] for row in rows(client, "/api/orders/order-1")] == ["proposed", "approved"]
    missing = client.get("/api/orders/order-9")
    assert missing.status_code == 404
    assert "order-9" in missing.json()["error"]["problem"]


def test_the_history_of_a_transfer_and_what_came_of_it(client: TestClient) -> None:
    answer = client.get("/api/transfers/move-1").json()
    assert [row["status"] for row in answer["rows"]] == ["proposed", "amended", "received"]
    assert answer["rows"][0]["input_compared"]["move and buy"] == 65.5
    assert (answer["outcome"]["earned"], answer["outcome"]["sold_units"]) == (28.0, 3.5)
    assert client.get("/api/transfers/move-2").json()["outcome"] is None
    missing = client.get("/api/transfers/move-9")
    assert missing.status_code == 404
    assert "move-9" in missing.json()["error"]["problem"]


def test_what_is_held_out_is_told_beside_transfers(client: TestClient) -> None:
    (held,) = client.get("/api/transfers?location=S2").json()["held_out"]
    assert (held["order_id"], held["origin"], held["destination"], held["units"]) == ("held-1", "S1", "S2", 7)
    assert client.get("/api/transfers?location=S9").json()["held_out"] == []


def test_transfers_alerts_and_tasks(client: TestClient) -> None:
    (transfer,) = rows(client, "/api/transfers?location=S2")
    assert (transfer["origin"], transfer["destination"], transfer["quantity"]) == ("S2", "S1", 7)
    assert rows(client, "/api/transfers?location=S9") == []
    assert [alert["severity"] for alert in rows(client, "/api/alerts")] == ["critical", "warning"]
    (task,) = rows(client, "/api/tasks?location=S1")
    assert (task["kind"], task["quantity"]) == ("refill", 3)


def test_budgets_and_what_waits_for_them(client: TestClient) -> None:
    (budget,) = rows(client, "/api/budgets")
    assert (budget["budget"], budget["state"], budget["left"]) == ("spring", "spent", 40.0)
    (waiting,) = client.get("/api/budgets").json()["queue"]
    assert (waiting["order_id"], waiting["budgets"], waiting["gain_per_money"]) == ("order-4", ["spring"], 1.25)


def test_surplus_is_what_was_said_last_and_is_not_over(client: TestClient) -> None:
    assert {(row["location"], row["sku"]) for row in rows(client, "/api/surplus")} == {("S1", "SHIRT-M"), ("S2", EVIL)}
    (row,) = rows(client, "/api/surplus?location=S1")
    assert (row["units"], row["markdown"], row["season_end"]) == (286, 0.5, "2026-03-07")
    assert rows(client, "/api/surplus?sku=JEANS-L") == []


def test_dead_letters_without_their_bytes(client: TestClient) -> None:
    answer = client.get("/api/dead-letters?reason=unknown_item").json()
    assert len(answer["rows"]) == 2
    assert "raw" not in answer["rows"][0]
    assert {row["reason"]: (row["letters"], row["units"]) for row in answer["by_reason"]} == {
        "unknown_item": (2, 3.0),
        "invalid_json": (1, 0.0),
    }


def test_sales_by_hour_have_no_gaps(client: TestClient) -> None:
    sales = client.get("/api/sales").json()
    assert sales["hours"] == [f"2026-03-07T{hour}:00:00Z" for hour in (12, 13, 14, 15)]
    assert sales["units"] == [9, 0, 0, 2]
    assert sales["returns"] == [0, 0, 0, 1]
    assert sales["revenue"] == [5 * 10 + 4 * 50, 0, 0, 2 * 10 - 10]
    assert sales["currency"] == "EUR"


def test_sales_are_filtered(client: TestClient) -> None:
    assert client.get("/api/sales?location=S2").json()["units"] == [4]
    assert client.get("/api/sales?sku=shirt").json()["units"] == [5, 0, 0, 2]
    assert client.get("/api/sales?hours=2").json()["units"] == [0, 2]
    assert client.get("/api/sales?sku=nothing").json()["hours"] == []


@pytest.mark.parametrize(
    "address",
    ["/api/stock?limit=0", "/api/stock?limit=1e9", "/api/stock?only=x", "/api/orders?state=x", "/api/sales?hours=0"],
)
def test_what_cannot_be_asked_is_refused_in_words(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 422
    parameter = address.partition("?")[2].partition("=")[0]
    assert answer.json()["error"]["problem"].startswith(parameter)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ["/", "/stock", "/api/stock", "/api/orders/order-1"])
def test_it_only_reads(client: TestClient, method: str, address: str) -> None:
    assert client.request(method, address).status_code == 405
