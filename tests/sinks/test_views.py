"""What each view answers, with numbers worked out by hand."""

import itertools
import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec
import numpy as np
import pytest

from inventory.shadow.trial import Brought, Trial
from schemas.facts import Alert, PolicyPromotion, Reorder, ShadowLedger, SupplierScorecard, Task, Transfer
from schemas.reference import Item, Location
from sinks.clickhouse import queries
from sinks.clickhouse.archive import Archive
from tests.docs.blocks import ROOT, blocks
from tests.sinks.conftest import NOON, T0_MS, batch, fact_id, level, movement, record, records
from tests.sinks.examples import INPUTS

EPOCH = date(1970, 1, 1).toordinal()
APPENDED = datetime.fromtimestamp(T0_MS / 1000, tz=UTC)


def reorder(number: int, order_id: str, revision: int, status: str, **changed: object) -> Reorder:
    plain: dict[str, object] = {
        "fact_id": fact_id(number),
        "occurred_at": NOON,
        "order_id": order_id,
        "revision": revision,
        "idempotency_key": f"{order_id}/{revision}",
        "status": status,
        "location": "S1",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "supplier": "Acme",
        "quantity": 12,
        "unit_cost": 4.0,
        "input_appended_at": APPENDED,
    }
    return Reorder(**(plain | changed))  # type: ignore[arg-type]


def transfer(number: int, order_id: str, revision: int, status: str, **changed: object) -> Transfer:
    plain: dict[str, object] = {
        "fact_id": fact_id(number),
        "occurred_at": NOON,
        "order_id": order_id,
        "revision": revision,
        "idempotency_key": f"{order_id}/{revision}",
        "status": status,
        "origin": "S1",
        "destination": "S2",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "quantity": 2,
        "expected_gain": 9.0,
        "expected_cost": 1.0,
        "input_appended_at": APPENDED,
    }
    return Transfer(**(plain | changed))  # type: ignore[arg-type]


def alert(number: int, fingerprint: str, state: str) -> Alert:
    return Alert(
        fact_id=fact_id(number), occurred_at=NOON, alert_id=fingerprint, fingerprint=fingerprint, kind="stockout",
        severity="critical", state=state, starts_at=NOON, input_appended_at=APPENDED,  # type: ignore[arg-type]
    )  # fmt: skip


def task(number: int, task_id: str, status: str) -> Task:
    return Task(
        fact_id=fact_id(number), occurred_at=NOON, task_id=task_id, kind="refill", status=status,  # type: ignore[arg-type]
        location="S1", sku="SHIRT-M", style="SHIRT", input_appended_at=APPENDED,
    )  # fmt: skip


def test_stock_is_the_latest_level_of_the_log_with_names(archive: Archive) -> None:
    item = Item(sku="SHIRT-M", style="SHIRT", name="Shirt", size="M", price=20.0)
    shop = Location(location="S1", name="Main Street")
    archive.write("reference.items", 0, [record(0, item.model_dump_json().encode(), key=b"SHIRT-M")])
    archive.write("reference.locations", 0, [record(0, shop.model_dump_json().encode(), key=b"S1")])
    # Levels of log offsets 9 then 7: the later one in the log counts, not the later written.
    archive.write_many([batch([level(1, 5, 9), level(2, 8, 7), level(3, 4, 1, sku="unnamed", location="S2")])])
    first, second = queries.stock(archive.database)
    assert (first["location"], first["sku"], first["on_hand"], first["log_offset"]) == ("S1", "SHIRT-M", 5, 9)
    assert (first["location_name"], first["name"], first["size"], first["price"]) == ("Main Street", "Shirt", "M", 20)
    assert (second["sku"], second["on_hand"], second["name"], second["price"]) == ("unnamed", 4, "", None)
    assert queries.stock(archive.database, location="S2") == [second]
    assert queries.stock(archive.database, sku="nothing") == []


def test_negative_book_holds_only_what_is_below_zero(archive: Archive) -> None:
    archive.write_many([batch([level(1, -2, 1), level(2, 0, 1, sku="zero"), level(3, 1, 1, sku="one")])])
    assert [(row["sku"], row["on_hand"]) for row in queries.negative_book(archive.database)] == [("SHIRT-M", -2)]


def test_sales_by_day_and_hour(archive: Archive) -> None:
    eve = NOON.replace(hour=23, minute=59, second=59, microsecond=999_000)
    archive.write_many(
        [
            batch(
                [
                    movement(1, quantity=-3, units=3),  # 30.00
                    movement(2, kind="return", quantity=1, units=1),  # -10.00
                    movement(3, kind="void", quantity=1, units=1),  # -10.00
                    movement(4, kind="damaged_return", quantity=0, units=1, unit_price=4.0),  # -4.00
                    movement(5, occurred_at=eve, quantity=-2, units=2, unit_price=None),  # no price known
                    movement(6, occurred_at=eve + timedelta(milliseconds=1), unit_price=8.0),  # the next day
                    movement(7, kind="receipt", quantity=50, units=50),  # no sale
                ]
            )
        ]
    )
    later, day = queries.sales_by_day(archive.database)
    assert (day["day"].isoformat(), day["units"], day["returns"], day["net_units"], day["revenue"]) == (
        "2011-03-07", 5, 3, 2, pytest.approx(6.0)
    )  # fmt: skip
    assert (later["day"].isoformat(), later["units"], later["revenue"]) == ("2011-03-08", 1, pytest.approx(8.0))
    hours = [(row["hour"].hour, row["net_units"]) for row in queries.sales_by_hour(archive.database)]
    assert hours == [(0, 1), (23, 2), (12, 0)]
    assert queries.net_units_total(archive.database) == 3


def test_open_orders_are_the_latest_revision_of_what_is_not_closed(archive: Archive) -> None:
    archive.write_many(
        [
            batch(
                [
                    reorder(1, "O-1", 0, "proposed"),
                    reorder(2, "O-1", 1, "approved", quantity=10),
                    reorder(3, "O-2", 0, "proposed"),
                    reorder(4, "O-2", 1, "received"),
                    reorder(5, "O-3", 0, "proposed", location="S2"),
                ]
            )
        ]
    )
    (open_order,) = queries.orders(archive.database, location="S1")
    assert (open_order["order_id"], open_order["revision"], open_order["status"]) == ("O-1", 1, "approved")
    assert open_order["cost"] == 40.0  # 10 units at 4
    assert open_order["age_seconds"] > 0
    assert {row["order_id"] for row in queries.orders(archive.database)} == {"O-1", "O-3"}
    assert {row["order_id"] for row in queries.orders(archive.database, state="all")} == {"O-1", "O-2", "O-3"}
    assert [row["order_id"] for row in queries.orders(archive.database, state="received")] == ["O-2"]
    assert [row["revision"] for row in queries.order_history(archive.database, "O-2")] == [0, 1]


def test_what_came_of_an_order_is_seen_and_costs(archive: Archive) -> None:
    told = [
        reorder(1, "O-1", 0, "acknowledged", received_units=3),
        reorder(2, "O-2", 0, "received", received_units=5),
        reorder(3, "O-3", 0, "received", received_units=0),
    ]
    archive.write_many([batch(told)])
    found = {row["order_id"]: row for row in queries.orders(archive.database, state="all")}
    assert {name: (row["quantity"], row["received_units"], row["cost"]) for name, row in found.items()} == {
        "O-1": (12, 3, 48.0),
        "O-2": (12, 5, 20.0),
        "O-3": (12, 0, 0.0),
    }


def test_orders_that_wait_for_somebody_come_first_and_keep_their_reason(archive: Archive) -> None:
    because: dict[str, object] = {"inputs": INPUTS, "reason": "position 3 at or below reorder point 8"}
    archive.write_many(
        [
            batch(
                [
                    reorder(1, "asked", 1, "pending", **because),
                    reorder(2, "early", 1, "proposed", **because),
                    reorder(3, "later", 1, "proposed", **because),
                    reorder(4, "taken", 1, "proposed", **because),
                    reorder(5, "taken", 2, "acknowledged", reason="acknowledged by the ERP"),
                    reorder(6, "old", 1, "shipped", reason="before there were receipts"),
                    reorder(7, "over", 1, "received", reason="received"),
                ]
            )
        ]
    )
    rows = queries.orders(archive.database, state="all")
    assert [row["order_id"] for row in rows] == ["asked", "later", "early", "old", "taken", "over"]
    told = {row["order_id"]: (row["reason"], row["decided_because"]) for row in rows}
    assert told["taken"] == ("acknowledged by the ERP", "position 3 at or below reorder point 8")
    assert told["old"] == ("before there were receipts", "before there were receipts")
    newest = queries.newest_orders(archive.database, 3)
    assert [row["order_id"] for row in newest] == ["old", "taken", "later"]
    assert newest[1]["decided_because"] == "position 3 at or below reorder point 8"


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("proposed", True), ("pending", True), ("approved", True), ("acknowledged", True), ("shipped", True),
        ("amended", True), ("rejected", False), ("received", False), ("superseded", False), ("cancelled", False),
    ],
)  # fmt: skip
def test_which_states_are_open(archive: Archive, status: str, is_open: bool) -> None:
    archive.write_many([batch([reorder(1, "O-1", 0, status)]), batch([transfer(2, "T-1", 0, status)])])
    for rows in (queries.orders(archive.database), queries.transfers(archive.database)):
        assert bool(rows) is is_open
    assert bool(archive.database.rows("SELECT * FROM open_orders")) is is_open
    assert bool(archive.database.rows("SELECT * FROM open_transfers")) is is_open


def test_transfers_are_found_from_either_end(archive: Archive) -> None:
    archive.write_many([batch([transfer(1, "T-1", 0, "proposed")])])
    found = [len(queries.transfers(archive.database, location=end)) for end in ("S1", "S2", "S3")]
    assert found == [1, 1, 0]


def test_open_alerts_and_tasks_are_those_not_ended_since(archive: Archive) -> None:
    archive.write_many(
        [
            batch([alert(1, "a", "firing"), alert(2, "b", "firing"), alert(3, "a", "resolved")]),
            batch([task(4, "x", "open"), task(5, "y", "open"), task(6, "y", "done")]),
        ]
    )
    assert [row["fingerprint"] for row in queries.alerts(archive.database)] == ["b"]
    assert [row["task_id"] for row in queries.tasks(archive.database)] == ["x"]
    archive.write_many([batch([alert(7, "a", "firing")], first=9)])  # it came back
    assert [row["fingerprint"] for row in queries.alerts(archive.database)] == ["a", "b"]


def test_a_task_told_again_is_as_old_as_when_it_was_asked_first(archive: Archive) -> None:
    later = msgspec.structs.replace(task(2, "x", "open"), reason="book 9", occurred_at=NOON + timedelta(hours=1))
    first, again = records([task(1, "x", "open"), later])
    archive.write("tasks", 0, [first])
    (before,) = archive.database.rows("SELECT asked_at, age_seconds FROM open_tasks")
    archive.write("tasks", 0, [again._replace(appended_at_ms=again.appended_at_ms + 3_600_000)])
    (row,) = queries.tasks(archive.database)
    assert (row["reason"], row["occurred_at"] - row["asked_at"]) == ("book 9", timedelta(hours=1))
    assert row["asked_at"] == before["asked_at"]
    assert before["age_seconds"] <= row["age_seconds"] < before["age_seconds"] + 3_600


def test_the_age_of_an_alert_is_by_one_clock_whatever_time_it_speaks_of(archive: Archive) -> None:
    """``NOON`` is of 2011; it was first said when 2026 began, and again an hour later."""
    first, again = records([alert(1, "a", "firing"), alert(2, "a", "firing")])
    archive.write("alerts", 0, [first])
    archive.write("alerts", 0, [again._replace(appended_at_ms=again.appended_at_ms + 3_600_000)])
    (row,) = archive.database.rows(
        "SELECT age_seconds - dateDiff('second', {first:DateTime64(3)}, now64(3)) AS off FROM open_alerts",
        {"first": APPENDED},
    )
    assert abs(row["off"]) <= 1


def test_latency_is_from_the_reading_to_the_first_proposal(archive: Archive) -> None:
    # Offset n is appended n ms after APPENDED; the reading of order n - 1 was appended with it. So the first
    # hundred orders took 0, 1, ... 99 ms; a later revision of the first, at offset 100, must not count.
    proposed = [reorder(n, f"O-{n}", 0, "proposed") for n in range(1, 101)]
    archive.write_many([batch([*proposed, reorder(101, "O-1", 1, "proposed")])])
    (row,) = queries.latency(archive.database)
    assert (row["decision"], row["decisions"], row["max_ms"]) == ("reorder", 100, 99)
    assert row["p50_ms"] in (49, 50)  # either neighbour of the middle is a median
    assert row["p99_ms"] in (98, 99)


def test_an_order_that_waited_first_was_decided_when_it_was_said_to_wait(archive: Archive) -> None:
    """At offsets 1 and 3, so after 1 and 3 ms; that it still waits, and is approved, are no decisions."""
    waits = [
        reorder(1, "O-0", 1, "proposed"),
        reorder(2, "O-1", 1, "pending"),
        reorder(3, "O-1", 1, "pending", reason="no money yet"),
        reorder(4, "O-2", 1, "pending"),
        reorder(5, "O-2", 2, "approved"),
    ]
    archive.write_many([batch(waits)])
    (row,) = queries.latency(archive.database)
    assert (row["decisions"], row["p50_ms"], row["max_ms"]) == (3, 1, 3)


def test_orders_that_wait_longest_come_first_however_often_they_were_changed(archive: Archive) -> None:
    """O-1 was said again today and waits since noon; O-2 waits an hour less; O-3 since it was pending once more."""
    (sql,) = [sql for sql in blocks(ROOT / "docs/queries.md", "sql") if "waits_since" in sql]
    hour = timedelta(hours=1)
    states = [
        reorder(1, "O-1", 1, "pending", log_offset=1),
        reorder(2, "O-3", 1, "pending", log_offset=2, occurred_at=NOON - hour),
        reorder(3, "O-3", 2, "approved", log_offset=3, occurred_at=NOON),
        reorder(4, "O-2", 1, "pending", log_offset=4, occurred_at=NOON + hour),
        reorder(5, "O-3", 3, "pending", log_offset=5, occurred_at=NOON + 2 * hour),
        reorder(6, "O-1", 2, "pending", log_offset=6, occurred_at=NOON + 9 * hour, quantity=20),
        reorder(7, "O-4", 1, "pending", log_offset=7),
        reorder(8, "O-4", 2, "approved", log_offset=8),
    ]
    archive.write_many([batch(states)])
    found = [(row["order_id"], row["quantity"], row["waits_since"] - NOON) for row in archive.database.rows(sql)]
    assert found == [("O-1", 20, 0 * hour), ("O-2", 12, hour), ("O-3", 12, 2 * hour)]


def test_that_it_waited_is_not_why_something_was_decided(archive: Archive) -> None:
    because = "position 3 at or below reorder point 8; waits for budget spring"
    archive.write_many(
        [
            batch(
                [
                    reorder(1, "O-1", 1, "pending", inputs=INPUTS, reason=because),
                    reorder(2, "O-2", 1, "pending", inputs=INPUTS, reason=because),
                    reorder(3, "O-2", 2, "approved", reason="accepted by ana"),
                ]
            )
        ]
    )
    found = {row["order_id"]: row["decided_because"] for row in queries.orders(archive.database)}
    assert found == {"O-1": because, "O-2": "position 3 at or below reorder point 8"}
    assert {row["decided_because"] for row in queries.newest_orders(archive.database)} == set(found.values())


def test_days_from_proposal_to_receipt_count_from_where_an_order_that_waited_began(archive: Archive) -> None:
    (sql,) = [sql for sql in blocks(ROOT / "docs/queries.md", "sql") if "sd_days" in sql]
    states = [
        reorder(1, "O-1", 1, "pending"),
        reorder(2, "O-1", 2, "approved", occurred_at=NOON + timedelta(days=1)),
        reorder(3, "O-1", 2, "received", occurred_at=NOON + timedelta(days=5)),
        reorder(4, "O-2", 1, "proposed"),
        reorder(5, "O-2", 1, "received", occurred_at=NOON + timedelta(days=3)),
        reorder(6, "O-3", 1, "proposed"),
    ]
    archive.write_many([batch(states)])
    (row,) = archive.database.rows(sql)
    assert (row["supplier"], row["orders"], row["mean_days"], row["sd_days"]) == ("Acme", 2, 4.0, 1.0)


def _corrections(archive: Archive, states: list[Reorder]) -> list[dict[str, object]]:
    archive.write_many([batch([msgspec.structs.replace(one, log_offset=at) for at, one in enumerate(states)])])
    return archive.database.rows("SELECT * FROM order_corrections ORDER BY week, location")


def test_orders_that_were_corrected_in_time_are_counted_by_week_and_place(archive: Archive) -> None:
    """NOON is a Monday: one order is amended and taken as such, one taken back, one left, and one is of next week."""
    first, second = _corrections(
        archive,
        [
            reorder(1, "O-1", 1, "proposed"),
            reorder(2, "O-1", 2, "amended", quantity=8),
            reorder(3, "O-1", 2, "acknowledged", quantity=8),
            reorder(4, "O-2", 1, "pending", quantity=5),
            reorder(5, "O-2", 2, "cancelled", quantity=5, occurred_at=NOON + timedelta(days=9)),
            reorder(6, "O-3", 1, "proposed"),
            reorder(7, "O-3", 1, "received"),
            reorder(8, "O-4", 1, "proposed", occurred_at=NOON + timedelta(days=8), location="S2"),
        ],
    )
    assert (first["week"], first["location"], first["orders"]) == (NOON.date(), "S1", 3)
    counted = [first[name] for name in ("amended_orders", "cancelled_orders", "in_time", "too_late", "share_in_time")]
    assert counted == [1, 1, 2, 0, 1.0]
    assert first["cancelled_units_in_time"] == 5
    assert (second["location"], second["orders"], second["share_in_time"]) == ("S2", 1, None)


@pytest.mark.parametrize(
    "after",
    [
        [("cancelled", 2, 12, "the need is gone"), ("acknowledged", 2, 12, "taken; it was withdrawn too late")],
        [("superseded", 2, 12, "a cheaper supplier"), ("shipped", 2, 12, "12 of 12 units received")],
        [("amended", 2, 8, "less"), ("shipped", 2, 12, "shipped as in revision 1; revision 2 came too late")],
        [("amended", 2, 4, "the need is gone; the ERP has taken 4")],
    ],
)
def test_what_the_erp_had_taken_by_then_came_too_late(archive: Archive, after: list[tuple[str, int, int, str]]) -> None:
    states = [
        reorder(2 + at, "O-1", revision, status, quantity=units, reason=reason)
        for at, (status, revision, units, reason) in enumerate(after)
    ]
    (row,) = _corrections(archive, [reorder(1, "O-1", 1, "proposed"), *states])
    assert (row["in_time"], row["too_late"], row["share_in_time"]) == (0, 1, 0.0)


@pytest.mark.parametrize(
    ("status", "revision", "units"),
    [
        ("cancelled", 1, 12),  # by the ERP
        ("rejected", 2, 12),  # by a person
        ("approved", 2, 7),  # cut down by a person
        ("acknowledged", 1, 7),  # cut down by the ERP
    ],
)
def test_what_others_decided_is_no_correction_of_ours(archive: Archive, status: str, revision: int, units: int) -> None:
    (row,) = _corrections(
        archive, [reorder(1, "O-1", 1, "proposed"), reorder(2, "O-1", revision, status, quantity=units)]
    )
    assert (row["amended_orders"], row["cancelled_orders"], row["share_in_time"]) == (0, 0, None)


def test_the_history_of_an_order_is_in_the_order_the_fold_said_it(archive: Archive) -> None:
    """An amendment that ends with what was before it goes on with the same revision."""
    states = [
        reorder(1, "O-1", 1, "proposed", log_offset=5),
        reorder(2, "O-1", 3, "amended", log_offset=9),
        reorder(3, "O-1", 2, "amended", log_offset=7),
        reorder(4, "O-1", 3, "shipped", log_offset=11),
    ]
    archive.write_many([batch(states)])
    assert [(row["log_offset"], row["status"]) for row in queries.order_history(archive.database, "O-1")] == [
        (5, "proposed"),
        (7, "amended"),
        (9, "amended"),
        (11, "shipped"),
    ]


def card(number: int, partition: int, orders: float, days: int, *, day: int = 1, overdue: int = 0) -> SupplierScorecard:
    return SupplierScorecard(
        fact_id=fact_id(number), occurred_at=NOON + timedelta(days=day), day=date(2026, 3, day), supplier="Acme",
        location="", orders=orders, mean_days=days, median_days=days, days_95=2 * days, delivered_share=days / 20,
        on_time_share=days / 40, overdue_open=overdue, log_partition=partition, log_offset=0,
    )  # fmt: skip


def test_scorecards_of_log_partitions_are_averaged_by_their_orders(archive: Archive) -> None:
    """The newest of each: 30 orders of 8 days and 10 of 16 are 40 of 10; no orders hardly count."""
    said = [
        card(1, 0, 20.0, 20),
        card(2, 0, 30.0, 8, day=2),
        card(3, 1, 10.0, 16, overdue=1),
        card(4, 2, 0.0, 90, overdue=2),
    ]
    archive.write_many([batch(said)])
    (row,) = archive.database.rows("SELECT * FROM supplier_scorecards")
    assert (row["supplier"], row["location"], row["orders"], row["overdue_open"]) == ("Acme", "", 40.0, 3)
    figures = [row[name] for name in ("mean_days", "median_days", "days_95", "delivered_share", "on_time_share")]
    assert figures == pytest.approx([10.0, 10.0, 20.0, 0.5, 0.25], rel=1e-3)
    assert str(row["day"]) == "2026-03-02"


def test_conservation_compares_what_moved_with_what_is_there(archive: Archive) -> None:
    archive.write_many(
        [
            batch(
                [
                    movement(1, kind="opening", quantity=10, units=10),
                    movement(2, quantity=-3, units=3),
                    movement(3, kind="return", quantity=1, units=1),
                    movement(4, kind="receipt", quantity=6, units=6),
                    movement(5, kind="transfer_out", quantity=-2, units=2),
                    movement(6, kind="count_correction", quantity=-1, units=1),
                    movement(7, kind="write_off", quantity=-4, units=4),
                    movement(8, kind="zone_move", quantity=0, units=5),
                    movement(9, sku="lost", quantity=-1),
                ]
            ),
            batch([level(10, 7, 8), level(11, 2, 8, sku="found")]),
        ]
    )
    rows = {row["sku"]: row for row in archive.database.rows("SELECT * FROM conservation")}
    # 10 - 3 + 1 + 6 - 2 - 1 - 4 = 7
    expected = {
        "movements": 7, "on_hand": 7, "difference": 0, "opening": 10, "sales": -3, "returns": 1, "receipts": 6,
        "transfers": -2, "count_corrections": -1, "other": -4,
    }  # fmt: skip
    assert {name: rows["SHIRT-M"][name] for name in expected} == expected
    gaps = [(row["sku"], row["difference"]) for row in queries.conservation_gaps(archive.database)]
    assert gaps == [("found", -2), ("lost", -1)]


def ledger(number: int, role: str, day: int, location: str, profit: float, **changed: object) -> ShadowLedger:
    plain: dict[str, object] = {
        "fact_id": fact_id(number), "occurred_at": NOON, "day": date(2026, 3, day), "since": date(2026, 3, 1),
        "location": location, "currency": "EUR", "comparison": "A / B", "role": role, "policy": role, "series": 2,
        "demand_units": 10, "served_units": 8, "lost_units": 2, "margin": profit + 1.0, "lost_margin": 2.0,
        "holding_cost": 0.25, "ordering_cost": 0.75, "profit": profit, "orders": 1, "purchased_units": 6,
        "purchases": 24.0, "average_stock_units": 30.0, "log_partition": 0, "log_offset": number,
    }  # fmt: skip
    return ShadowLedger(**(plain | changed))  # type: ignore[arg-type]


def test_the_shadow_ledger_adds_up_days_and_says_what_a_day_differs(archive: Archive) -> None:
    """Two days at one place, one of them at another too: 3 + 5 + 4 against 4 + 7 + 4."""
    archive.write_many(
        [
            batch(
                [
                    *(ledger(*row) for row in [(1, "in_force", 1, "S1", 3.0), (2, "shadow", 1, "S1", 4.0)]),
                    *(ledger(*row) for row in [(3, "in_force", 2, "S1", 5.0), (4, "shadow", 2, "S1", 7.0)]),
                    *(ledger(*row) for row in [(5, "in_force", 2, "S2", 4.0), (6, "shadow", 2, "S2", 4.0)]),
                    ledger(7, "in_force", 1, "S3", 1.0, currency="SEK"),
                ]
            )
        ]
    )
    rows = archive.database.rows("SELECT * FROM shadow_ledger ORDER BY currency, role")
    assert [(row["currency"], row["role"], row["days"], row["profit"], row["more_profit_a_day"]) for row in rows] == [
        ("EUR", "in_force", 2, 12.0, 0.0), ("EUR", "shadow", 2, 15.0, 1.5), ("SEK", "in_force", 1, 1.0, 0.0)
    ]  # fmt: skip
    shadow = rows[1]
    assert (shadow["demand_units"], shadow["served_units"], shadow["fill_rate"]) == (30, 24, 0.8)
    assert (shadow["margin"], shadow["holding_cost"], shadow["ordering_cost"]) == (18.0, 0.75, 2.25)
    assert (shadow["average_stock_units"], shadow["purchases"]) == (45.0, 72.0)  # 30 on one day, 60 on the other
    assert shadow["since"] == date(2026, 3, 1)


def _verdicts(archive: Archive, by_comparison: dict[str, list[float]]) -> dict[str, tuple[str, int]]:
    """Verdict and weeks of comparisons whose shadow earned so much more each day."""
    first, facts = date(2026, 3, 2).toordinal(), []
    for name, more in by_comparison.items():
        for at, extra in enumerate(more):
            for role, profit in (("in_force", 100.0), ("shadow", 100.0 + extra)):
                told = ledger(len(facts) + 1, role, 1, "S1", profit)
                day = date.fromordinal(first + at)
                facts.append(msgspec.structs.replace(told, day=day, since=date.fromordinal(first), comparison=name))
    archive.write_many([batch(facts)])
    rows = archive.database.rows("SELECT comparison, verdict, weeks, low, high, more_profit_a_day FROM shadow_verdict")
    for row in rows:
        assert row["low"] is None or row["low"] <= row["more_profit_a_day"] <= row["high"]
    return {row["comparison"]: (row["verdict"], row["weeks"]) for row in rows}


def test_a_better_shadow_is_told_from_luck(archive: Archive) -> None:
    """Half a year of days of deviation 1: none of 40 equal ones is called better or worse, all that earn 0.6 more are.

    Days of a week that is not over do not count.
    """
    random = np.random.default_rng(5)
    equal = {f"equal {at}": random.normal(0.0, 1.0, 183).tolist() for at in range(40)}
    better = {f"better {at}": random.normal(0.6, 1.0, 183).tolist() for at in range(5)}
    worse = {f"worse {at}": random.normal(-0.6, 1.0, 183).tolist() for at in range(5)}
    found = _verdicts(archive, {**equal, **better, **worse, "young": random.normal(3.0, 1.0, 48).tolist()})
    assert found["young"] == ("too_early", 6)
    assert {found[name] for name in better} == {("shadow_earns_more", 26)}
    assert {found[name] for name in worse} == {("in_force_earns_more", 26)}
    assert [found[name] for name in equal].count(("undecided", 26)) >= 39


def _told(partition: int, since: int, days: Iterable[int], seed: int, **changed: object) -> list[ShadowLedger]:
    """What two places say of so many days (since the epoch) of a comparison that began then."""
    random, facts = np.random.default_rng(seed), []
    for day in days:
        for at, place in enumerate(("S1", "S2")):
            for role in ("in_force", "shadow"):
                demand = 0 if day in range(since + 21, since + 28) else 10  # a week in which nothing was asked for
                number = seed * 10_000 + day * 4 + at * 2 + (role == "shadow")
                told = ledger(
                    number, role, 1, place, round(random.normal(9, 5), 4), demand_units=demand,
                    served_units=min(demand, int(random.integers(7, 11))), log_partition=partition,
                )  # fmt: skip
                kept = {"day": date.fromordinal(EPOCH + day), "since": date.fromordinal(EPOCH + since), **changed}
                facts.append(msgspec.structs.replace(told, **kept))
    return facts


def _tried(facts: list[ShadowLedger], since: int) -> Trial:
    """The same by the fold's own arithmetic."""
    trial = Trial(since)
    for day, of_day in itertools.groupby(facts, key=lambda fact: fact.day):
        brought = Brought()
        for fact in of_day:
            shadow = fact.role == "shadow"
            brought = brought.plus(
                Brought(fact.profit, 0, 0, fact.served_units)
                if shadow
                else Brought(-fact.profit, fact.demand_units, fact.served_units)
            )
        trial.pass_day(day.toordinal() - EPOCH, brought)
    return trial


def test_the_verdicts_are_those_of_the_fold(archive: Archive) -> None:
    """Of each log partition: one with a hole, one whose comparison began anew, one of which too little is known."""
    first = [day for day in range(20_000, 20_103) if day != 20_011]
    told = {
        0: (20_000, _told(0, 20_000, first, 1)),
        1: (20_070, _told(1, 20_070, range(20_070, 20_143), 2)),
        2: (20_000, _told(2, 20_000, range(20_000, 20_009), 3)),
    }
    before = _told(1, 20_000, range(20_000, 20_070), 4)
    archive.write_many([batch([*before, *(fact for _, facts in told.values() for fact in facts)])])
    rows = archive.database.rows("SELECT * FROM shadow_verdicts WHERE isNotNull(log_partition) ORDER BY log_partition")
    assert [row["log_partition"] for row in rows] == [0, 1, 2]
    for row in rows:
        since, facts = told[row["log_partition"]]
        trial = _tried(facts, since)
        assert row["weeks"] == trial.weeks == {0: 12, 1: 9, 2: 1}[row["log_partition"]]
        assert row["since"] == date.fromordinal(EPOCH + since)
        assert row["more_profit_a_day"] == pytest.approx(trial.more_profit_a_day, rel=1e-9)
        assert row["more_fill"] == pytest.approx(trial.more_fill, rel=1e-9)
        assert (row["verdict"] == "shadow_earns_more") == trial.shadow_earns_more
        if trial.weeks > 1:
            assert row["high"] - row["more_profit_a_day"] == pytest.approx(trial.doubt, rel=1e-9)
            assert row["more_profit_a_day"] - row["low"] == pytest.approx(trial.doubt, rel=1e-9)
        else:
            assert (row["low"], row["high"], trial.doubt) == (None, None, math.inf)
    (whole,) = archive.database.rows("SELECT * FROM shadow_verdict")
    assert whole["weeks"] == 18  # 20 in 143 days, but for the hole and what nobody asked anything in


def test_who_is_in_force_where_and_since_when(archive: Archive) -> None:
    """Partition 1 was promoted after ten weeks, and the archive has both comparisons."""
    asked = [
        *_told(0, 20_000, range(20_000, 20_090), 1),
        *_told(1, 20_000, range(20_000, 20_070), 2),
        *_told(1, 20_070, range(20_070, 20_090), 3, comparison="B / A"),
    ]
    promotion = PolicyPromotion(
        fact_id=fact_id(9), occurred_at=NOON, action="promoted", currency="EUR", in_force="B", comparison="A / B",
        since=date(2024, 10, 4), weeks=10, more_profit_a_day=1.0, more_fill=0.0, reason="the shadow earns more",
        log_partition=1, log_offset=9,
    )  # fmt: skip
    archive.write_many([batch(asked), batch([promotion])])
    rows = queries.shadows(archive.database)
    names = ("log_partition", "currency", "in_force", "shadow", "action", "reason")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (0, "EUR", "A", "B", None, None), (1, "EUR", "B", "A", "promoted", "the shadow earns more")
    ]  # fmt: skip
    assert rows[1]["turned_at"] == NOON


def test_decisions_are_found_by_every_name_of_an_order(archive: Archive) -> None:
    """Two orders whose ids begin alike; the log made the second state of the first after that of the other."""
    archive.write_many(
        [
            batch(
                [
                    reorder(1, "abcd-1", 1, "proposed", log_offset=4),
                    reorder(2, "abcd-2", 1, "proposed", log_offset=5, erp_reference="77"),
                    reorder(3, "abcd-1", 2, "amended", log_offset=9),
                ]
            ),
            batch([transfer(4, "t-12345", 1, "proposed", log_offset=6)]),
        ]
    )

    def found(name: str) -> list[tuple[str, int]]:
        rows = [*queries.reorder_decisions(archive.database, name), *queries.transfer_decisions(archive.database, name)]
        return [(row["order_id"], row["revision"]) for row in rows]

    first = [("abcd-1", 1), ("abcd-1", 2)]
    for name in ("abcd-1", "abcd-1/2", fact_id(1), fact_id(3)):
        assert found(name) == first
    assert found("abcd") == [*first, ("abcd-2", 1)]
    assert found("77") == found("abcd-2") == [("abcd-2", 1)]
    assert found("t-12") == found(fact_id(4)) == [("t-12345", 1)]
    assert found("abc") == found("nobody") == []
