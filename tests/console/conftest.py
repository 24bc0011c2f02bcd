"""One embedded engine, one archive of known facts, and a client as a browser on this machine."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import pytest

from console.app import application
from schemas.facts import (
    TOPIC_OF,
    Alert,
    BudgetEntry,
    BudgetStatus,
    DeadLetter,
    Fact,
    Reorder,
    ReorderInputs,
    StockLevel,
    StockMovement,
    StockSurplus,
    Task,
    Transfer,
    TransferInputs,
    TransferOutcome,
)
from schemas.reference import Item, Location
from schemas.topics import ITEMS, LOCATIONS
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.embedded import EmbeddedClickHouse
from sinks.clickhouse.rows import Record
from sinks.clickhouse.settings import ClickHouseSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2; httpx is what we lock
    from starlette.testclient import TestClient

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
APPENDED = datetime.now(UTC).replace(microsecond=0)
EVIL = "<script>alert(1)</script>"
LOCAL = "http://127.0.0.1:8088"
_IDS = (str(UUID(int=number)) for number in count(1))
_OFFSETS = count()


def movement(**changed: Any) -> StockMovement:
    """The sale of one shirt for 10 at noon."""
    plain = {"location": "S1", "sku": "SHIRT-M", "style": "SHIRT", "kind": "sale", "quantity": -1, "units": 1}
    times = {"occurred_at": NOON, "recorded_at": NOON, "unit_price": 10.0}
    return StockMovement(**{"fact_id": next(_IDS), **plain, **times, **changed})


def level(location: str, sku: str, on_hand: int, **changed: Any) -> StockLevel:
    plain = {"occurred_at": NOON, "style": sku.partition("-")[0], "zones": {"sales_floor": on_hand}, "on_order": 0}
    counts = {"in_transit": 0, "reserved": 0, "backorders": 0, "available": on_hand, "inventory_position": on_hand}
    log = {"log_partition": 0, "log_offset": next(_OFFSETS), "input_appended_at": NOON, "last_evidence_at": NOON}
    mine = {"fact_id": next(_IDS), "location": location, "sku": sku, "on_hand": on_hand, "opening_known": True}
    return StockLevel(**{**plain, **counts, **log, **mine, **changed})


INPUTS = ReorderInputs(
    policy="reorder_point",
    rules_version="default",
    cycle_service_level=0.95,
    quantile_level=0.97,
    mean_per_day=1.25,
    variance_per_day=2.0,
    days_observed=30,
    lead_time_days=9.0,
    lead_time_sd_days=2.0,
    review_period_days=1.0,
    reorder_point=17,
    order_up_to_level=25,
    safety_stock=5.5,
    on_hand=3,
    on_order=0,
    backorders=0,
    reserved=0,
    inventory_position=3,
    need_units=22,
    minimum_order_units=6,
    pack_units=6,
    rounding_units=2,
    opening_known=True,
    demand_quantiles={"0.5": 12.0, "0.95": 17.0},
    lead_time_quantiles={"0.95": 12.0},
    policy_terms={"probability_enough": 0.961934},
    expected_costs={"ordered": 3.254, "nothing": 41.0},
    cancelled_at_position=25,
    warning="price not known",
)


def reorder(order_id: str, revision: int, status: str, **changed: Any) -> Reorder:
    """24 shirts at 4 euros; the reading that caused it was appended 250 ms before it."""
    plain = {"occurred_at": NOON, "location": "S1", "sku": "SHIRT-M", "style": "SHIRT", "supplier": "ACME"}
    order = {"quantity": 24, "unit_cost": 4.0, "reason": f"revision {revision}", "inputs": INPUTS}
    cause = {"idempotency_key": f"{order_id}-{revision}", "input_appended_at": APPENDED - timedelta(milliseconds=250)}
    mine = {"fact_id": next(_IDS), "order_id": order_id, "revision": revision, "status": status}
    return Reorder(**{**plain, **order, **cause, **mine, **changed})


MOVED = TransferInputs(
    trigger="day_end",
    rules_version="default",
    horizon_days=7.0,
    days_to_arrive=1.0,
    leaves_before=NOON + timedelta(hours=3),
    destination_mean_per_day=1.0,
    destination_variance_per_day=1.5,
    destination_units=0,
    destination_coming=2,
    probability_runs_out=0.97,
    probability_runs_out_after=0.04,
    origin_mean_per_day=0.25,
    origin_variance_per_day=0.25,
    origin_on_hand=40,
    origin_free=38,
    origin_keeps=12,
    margin_per_unit=15.0,
    leftover_value=5.0,
    size_run_worth=1.5,
    destination_gain=73.25,
    donor_loss=0.25,
    unit_costs=2.5,
    trip_cost_share=5.0,
    skus_on_trip=2,
    compared={"wait": 0.0, "buy": 9.5, "move": 56.0, "move and buy": 65.5},
    rejected_donors={"S3": 21.25},
    cancelled_at_destination_units=8,
    cancelled_at_origin_units=3,
    days_observed=1.0,
    transfers_judged=0.0,
)


def transfer(order_id: str, revision: int, status: str, **changed: Any) -> Transfer:
    """7 shirts from S2 to S1; the reading that caused it was appended 100 ms before it."""
    plain = {
        "occurred_at": NOON,
        "origin": "S2",
        "destination": "S1",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "quantity": 7,
    }
    money = {"expected_gain": 70.0, "expected_cost": 4.5, "reason": "S1 runs out", "log_offset": next(_OFFSETS)}
    cause = {"idempotency_key": f"{order_id}-{revision}", "input_appended_at": APPENDED - timedelta(milliseconds=100)}
    mine = {"fact_id": next(_IDS), "order_id": order_id, "revision": revision, "status": status}
    return Transfer(**{**plain, **money, **cause, **mine, **changed})


def budget_claim(order_id: str, **changed: Any) -> BudgetEntry:
    """24 shirts at 4 euros wait for the budget of spring, and would earn 120."""
    plain = {"fact_id": next(_IDS), "occurred_at": NOON, "kind": "claim", "revision": 1, "status": "pending"}
    what = {"budgets": ("spring",), "location": "S1", "sku": "SHIRT-M", "style": "SHIRT", "quantity": 24}
    money = {"unit_cost": 4.0, "first_lot_units": 24, "lot_gains": (120.0,)}
    return BudgetEntry(**{**plain, **what, **money, "order_id": order_id, **changed})


def surplus(state: str, **changed: Any) -> StockSurplus:
    """180 of 286 shirts to be left; half price earns 1,910.79 more and clears at 60 %."""
    plain = {"occurred_at": NOON, "location": "S1", "sku": "SHIRT-M", "style": "SHIRT", "kind": "season_end"}
    stock = {"season_end": NOON.date(), "horizon_days": 53.0, "units": 286, "on_hand": 286, "mean_per_day": 2.0}
    now = {"expected_unsold_units": 180.08, "probability_all_sold": 0.01, "price": 60.0, "currency": "EUR"}
    off = {"elasticity": -1.5, "markdown": 0.5, "clearing_markdown": 0.6, "expected_revenue": 6355.01}
    then = {"marked_down_unsold_units": 10.47, "marked_down_probability_all_sold": 0.79}
    money = {"marked_down_revenue": 8265.8, "tied_up": 3601.6, "log_partition": 0, "log_offset": next(_OFFSETS)}
    mine = {"fact_id": next(_IDS), "state": state}
    return StockSurplus(**{**plain, **stock, **now, **off, **then, **money, **mine, **changed})


FACTS: list[Fact] = [
    surplus("open", units=300),
    surplus("open"),
    surplus("open", location="S2", sku=EVIL, kind="slow", season_end=None, markdown=0.0, clearing_markdown=None),
    surplus("open", sku="JEANS-L"),
    surplus("cleared", sku="JEANS-L"),
    budget_claim("order-4"),
    BudgetStatus(
        fact_id=next(_IDS),
        occurred_at=NOON,
        budget="spring",
        name="Spring & summer",
        state="spent",
        amount=1000.0,
        committed=960.0,
        left=40.0,
        currency="EUR",
        starts_at=NOON,
        ends_at=NOON + timedelta(days=90),
        committed_orders=10,
        waiting_orders=1,
        for_person_orders=0,
        waiting_cost=96.0,
        waiting_gain=120.0,
        released_at=NOON,
    ),
    movement(units=5, quantity=-5),
    movement(occurred_at=NOON + timedelta(hours=3), units=2, quantity=-2),
    movement(occurred_at=NOON + timedelta(hours=3), kind="return", quantity=1),
    movement(location="S2", sku="JEANS-L", style="JEANS", units=4, quantity=-4, unit_price=50.0),
    level("S1", "SHIRT-M", 3, on_order=24, inventory_position=27),
    level("S2", "SHIRT-M", 40),
    level("S1", "JEANS-L", -2, zones={"sales_floor": -3, "back_room": 1}),
    level("S2", EVIL, 0, zones={}),
    reorder("order-1", 1, "proposed"),
    reorder("order-1", 2, "approved", inputs=None, reason="by the buyer", occurred_at=NOON + timedelta(hours=2)),
    reorder("order-2", 1, "proposed", location="S2", sku=EVIL, quantity=6, occurred_at=NOON + timedelta(hours=1)),
    reorder("order-3", 1, "cancelled", inputs=None, reason="not needed any more"),
    reorder(
        "order-6",
        1,
        "proposed",
        inputs=msgspec.structs.replace(INPUTS, expected_costs={"ordered": 2.68, "a pack more": 2.58}),
    ),
    reorder(
        "order-6", 1, "received", inputs=None, reason="received by the ERP: 20 of 24 units came", received_units=20
    ),
    reorder("order-5", 1, "proposed", location="S2"),
    reorder("order-5", 2, "pending", location="S2", reason="position 3 at or below reorder point 17"),
    transfer("move-1", 1, "proposed", inputs=MOVED),
    transfer("move-1", 2, "amended", quantity=5, expected_gain=60.0, reason="5 units are best by now", inputs=MOVED),
    transfer("move-1", 2, "received", quantity=5, expected_gain=60.0, reason="5 of 5 units received"),
    transfer("move-2", 1, "proposed", sku=EVIL, reason=EVIL),
    transfer(
        "move-3", 1, "pending", quantity=10, reason="S2 runs out; waits for a person: worth more than 100", inputs=MOVED
    ),
    transfer("move-3", 2, "approved", quantity=5, reason="changed by ana"),
    transfer("move-3", 2, "received", quantity=5, reason="5 of 5 units received"),
    TransferOutcome(
        fact_id=next(_IDS),
        occurred_at=NOON,
        order_id="move-1",
        origin="S2",
        destination="S1",
        sku="SHIRT-M",
        style="SHIRT",
        arrived_at=NOON,
        days=6,
        proposed_units=5,
        shipped_units=5,
        received_units=4,
        destination_demand_units=6.0,
        origin_demand_units=2.0,
        sold_units=3.5,
        lost_units=0.5,
        expected_gain=60.0,
        expected_cost=4.5,
        earned=28.0,
        log_partition=0,
        log_offset=next(_OFFSETS),
    ),
    TransferOutcome(
        fact_id=next(_IDS),
        occurred_at=NOON,
        order_id="held-1",
        origin="S1",
        destination="S2",
        sku=EVIL,
        style="SHIRT",
        arrived_at=NOON,
        days=6,
        proposed_units=7,
        shipped_units=0,
        received_units=0,
        destination_demand_units=0.0,
        origin_demand_units=0.0,
        sold_units=0.0,
        lost_units=0.0,
        expected_gain=61.5,
        expected_cost=4.5,
        earned=0.0,
        holdout_share=0.1,
        held_out=True,
        judged=False,
        held_until=NOON + timedelta(days=7),
        reason=EVIL,
        log_partition=0,
        log_offset=next(_OFFSETS),
    ),
    *(
        Alert(
            fact_id=next(_IDS),
            occurred_at=NOON,
            alert_id=kind,
            fingerprint=kind,
            kind=kind,
            severity=severity,  # type: ignore[arg-type]
            state="firing",
            starts_at=NOON,
            location="S1",
            sku="JEANS-L",
            summary=f"{kind} & more",
            input_appended_at=NOON,
        )
        for kind, severity in (("shelf_gap", "warning"), ("negative_book", "critical"))
    ),
    Task(
        fact_id=next(_IDS),
        occurred_at=NOON,
        task_id="task-1",
        kind="refill",
        status="open",
        location="S1",
        sku="SHIRT-M",
        style="SHIRT",
        zone="sales_floor",
        quantity=3,
        reason="floor 0, back room 9",
        input_appended_at=NOON,
    ),
    *(
        DeadLetter(
            fact_id=next(_IDS),
            occurred_at=NOON,
            reason=reason,
            message="not understood",
            topic="readings.pos",
            partition=1,
            offset=offset,
            field="lines[2].item_id",
            value=EVIL,
            units=units,
            raw="e30=",
            recorded_at=NOON,
        )
        for reason, offset, units in (("unknown_item", 7, 2.0), ("unknown_item", 8, 1.0), ("invalid_json", 9, None))
    ),
]
ITEM = Item(sku="SHIRT-M", style="SHIRT", name="Linen shirt", price=10.0, currency="EUR")
STORE = Location(location="S1", name="Berlin & Mitte")


def write(archive: Archive, facts: list[Fact]) -> None:
    """Each fact as the record the archive reads."""
    for offset, fact in enumerate(facts):
        value = msgspec.json.encode([fact] if isinstance(fact, StockMovement) else fact)
        record = Record(offset, round(APPENDED.timestamp() * 1000), b"k", value)
        archive.write(TOPIC_OF[type(fact)].name, 0, [record])


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseSettings]:
    with EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")) as embedded:
        yield embedded.settings


@pytest.fixture(scope="session")
def filled(engine: ClickHouseSettings) -> ClickHouseSettings:
    """An archive of ``FACTS``."""
    archive = Archive(replace(engine, database="filled"))
    archive.open()
    write(archive, FACTS)
    now_ms = round(APPENDED.timestamp() * 1000)
    archive.write(ITEMS.name, 0, [Record(0, now_ms, b"SHIRT-M", ITEM.model_dump_json().encode())])
    archive.write(LOCATIONS.name, 0, [Record(0, now_ms, b"S1", STORE.model_dump_json().encode())])
    archive.close()
    return archive.settings


@pytest.fixture(scope="session")
def empty(engine: ClickHouseSettings) -> ClickHouseSettings:
    """An archive with tables and nothing in them."""
    archive = Archive(replace(engine, database="empty"))
    archive.open()
    archive.close()
    return archive.settings


@pytest.fixture
def client(filled: ClickHouseSettings) -> Iterator[TestClient]:
    with TestClient(application(lambda: filled), base_url=LOCAL) as browser:
        yield browser


@pytest.fixture
def new_client(empty: ClickHouseSettings) -> Iterator[TestClient]:
    """Before the first fact."""
    with TestClient(application(lambda: empty), base_url=LOCAL) as browser:
        yield browser
