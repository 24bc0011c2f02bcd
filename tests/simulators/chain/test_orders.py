"""The ERP and the suppliers react to orders once, whatever is delivered twice or late."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from simulators.chain import Chain, Radio, preset
from simulators.records import Record

START_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SKU = "ST001-BLA-S"
QUIET = replace(
    preset("demo"),
    stores=4,
    styles=2,
    own_order_share=0.0,
    warehouse_units_per_sku=20,
    supplier_rejects_share=0.0,
    short_delivery_share=0.0,
    over_delivery_share=0.0,
    receipt_error_share=0.0,
    theft_per_unit_day=0.0,
    camera_minutes=None,
    radio=Radio(overhead_minutes=None, handheld_days=None, exit_reader=False),
    dirt=replace(preset("demo").dirt, duplicate=0.0, malformed=0.0),
)


def reorder(order_id: str = "o1", revision: int = 1, status: str = "proposed", quantity: int = 12, **more: Any) -> dict:
    order = {"order_id": order_id, "revision": revision, "status": status, "quantity": quantity}
    return {**order, "location": "S01", "sku": SKU, **more}


def transfer(order_id: str = "t1", **more: Any) -> dict:
    order = {"order_id": order_id, "revision": 1, "status": "proposed", "quantity": 3, "sku": SKU}
    return {**order, "origin": "W1", "destination": "S01", **more}


@pytest.fixture
def chain() -> Chain:
    started = Chain(QUIET)
    list(started.start(START_MS))
    return started


def of_order(records: list[Record], order_id: str) -> list[tuple[str, int | None]]:
    """What was said about an order, as (status or movement, quantity)."""
    messages = [json.loads(r.value) for r in records if r.topic.name in ("orders.acks", "readings.erp")]
    return [
        (message.get("status") or message["type"], message.get("quantity"))
        for message in messages
        if message.get("order_id") == order_id
    ]


def days(chain: Chain, count: float) -> list[Record]:
    return chain.advance(chain.now_ms + int(count * DAY_MS))


def test_an_order_is_acknowledged_within_minutes_then_shipped_and_received(chain: Chain) -> None:
    chain.on_reorder(reorder())
    assert of_order(chain.advance(START_MS + 5 * 60_000), "o1") == [("acknowledged", 12)]
    assert Counter(of_order(days(chain, 21), "o1")) == {
        ("shipment", 12): 1,
        ("shipped", 12): 1,
        ("receipt", 12): 1,
        ("received", 12): 1,
    }
    assert chain.truth().accounts["S01", SKU].receipts == 12


def test_the_same_revision_twice_is_one_order(chain: Chain) -> None:
    for _ in range(3):
        chain.on_reorder(reorder())
    records = days(chain, 1)
    chain.on_reorder(reorder())
    records += days(chain, 20)
    chain.on_reorder(reorder(status="approved"))
    records += days(chain, 20)
    assert Counter(of_order(records, "o1"))["receipt", 12] == 1
    assert Counter(of_order(records, "o1"))["acknowledged", 12] == 1


def test_an_amended_quantity_is_delivered_once(chain: Chain) -> None:
    chain.on_reorder(reorder())
    chain.on_reorder(reorder(revision=2, status="amended", quantity=20))
    chain.on_reorder(reorder())
    said = Counter(of_order(days(chain, 21), "o1"))
    assert said["receipt", 20] == 1
    assert said["receipt", 12] == 0


def test_every_answer_names_the_revision_as_which_the_order_is_known(chain: Chain) -> None:
    chain.on_reorder(reorder())
    records = chain.advance(START_MS + 10 * 60_000)
    chain.on_reorder(reorder(revision=2, status="amended", quantity=20))
    records += days(chain, 3.5)
    chain.on_reorder(reorder(revision=3, status="amended", quantity=30))
    records += days(chain, 20)
    answers = [json.loads(record.value) for record in records if record.topic.name == "orders.acks"]
    assert [(one["idempotency_key"], one["status"], one["quantity"]) for one in answers] == [
        ("o1:1", "acknowledged", 12),
        ("o1:2", "acknowledged", 20),
        ("o1:2", "shipped", 20),
        ("o1:2", "received", 20),
    ]


@pytest.mark.parametrize("status", ["superseded", "cancelled"])
def test_a_dropped_order_does_not_come(chain: Chain, status: str) -> None:
    chain.on_reorder(reorder())
    chain.advance(START_MS + 10 * 60_000)
    chain.on_reorder(reorder(revision=2, status=status))
    chain.on_reorder(reorder(revision=2, status=status))
    assert of_order(days(chain, 21), "o1") == [("cancelled", None)]


def test_a_drop_that_overtakes_its_order_holds(chain: Chain) -> None:
    chain.on_reorder(reorder(revision=2, status="cancelled"))
    chain.on_reorder(reorder(revision=1))
    assert of_order(days(chain, 21), "o1") == []


def test_a_drop_after_shipping_is_too_late(chain: Chain) -> None:
    chain.on_reorder(reorder())
    shipped = days(chain, 3.5)
    assert ("shipped", 12) in of_order(shipped, "o1")
    chain.on_reorder(reorder(revision=2, status="cancelled"))
    statuses = [status for status, _ in of_order(days(chain, 21), "o1")]
    assert statuses in (["receipt", "received"], [])


@pytest.mark.parametrize("status", ["pending", "acknowledged", "shipped", "received"])
def test_states_that_ask_for_nothing_get_nothing(chain: Chain, status: str) -> None:
    chain.on_reorder(reorder(status=status))
    assert of_order(days(chain, 10), "o1") == []


def test_an_order_for_nobody_is_rejected(chain: Chain) -> None:
    chain.on_reorder(reorder(sku="no such thing"))
    assert of_order(days(chain, 10), "o1") == [("rejected", None)]


def test_a_transfer_moves_the_same_units_from_place_to_place(chain: Chain) -> None:
    before = chain.truth()
    chain.on_transfer(transfer())
    chain.on_transfer(transfer())
    on_the_way = days(chain, 0.9)
    assert of_order(on_the_way, "t1") == [("acknowledged", 3), ("transfer_shipped", 3), ("shipped", 3)]
    assert chain.truth().in_transit[SKU] == 3
    arrived = days(chain, 0.25)
    assert of_order(arrived, "t1") == [("transfer_received", 3), ("received", 3)]
    after = chain.truth()
    assert after.in_transit[SKU] == 0
    assert after.true_on_hand["W1", SKU] == before.true_on_hand["W1", SKU] - 3
    moved = {epc for epc, tag in before.tags.items() if tag.location == "W1"} & {
        epc for epc, tag in after.tags.items() if tag.location == "S01"
    }
    assert len(moved) > 0
    assert {after.tags[epc].sku for epc in moved} == {SKU}


def test_a_transfer_sends_no_more_than_there_is(chain: Chain) -> None:
    there = chain.truth().true_on_hand["W1", SKU]
    chain.on_transfer(transfer(quantity=there + 5))
    chain.on_transfer(transfer("t2"))
    records = days(chain, 3)
    assert ("transfer_shipped", there) in of_order(records, "t1")
    assert [status for status, _ in of_order(records, "t2")] == ["acknowledged", "cancelled"]
