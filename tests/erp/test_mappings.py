"""Orders in the words of Odoo and ERPNext: the calls in ``golden/`` were written by hand from their documentation."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.errors import RejectedReading
from schemas.facts import Reorder, Transfer
from sinks.erp import erpnext, odoo
from tests.erp.examples import order, transfer

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
ORDER: Reorder = msgspec.structs.replace(
    order("5f0c", 24), occurred_at=AT, requested_delivery_at=datetime(2026, 12, 4, 10, tzinfo=UTC), unit_cost=8.5
)
TRANSFER: Transfer = msgspec.structs.replace(transfer("7a1d", 3), occurred_at=AT)
IDS = odoo.OdooIds(product=41, picking_type=1, partner=9)
WAY = odoo.OdooIds(product=41, picking_type=5, source_location=8, destination_location=18)
DRAFT = {"id": 77, "name": "P00077", "state": "draft", "origin": "5f0c", "order_line": [91]}
PICKING = {"id": 31, "name": "WH/INT/00031", "state": "assigned", "origin": "7a1d", "move_ids": [32]}
REQUEST = {
    "name": "MAT-MR-2026-00012",
    "docstatus": 0,
    "status": "Draft",
    "restockd_order_id": "5f0c",
    "items": [{"name": "row-1", "qty": 20, "ordered_qty": 0, "received_qty": 0}],
}

CALLS: dict[str, Any] = {
    "odoo_find_purchase": odoo.find(ORDER),
    "odoo_find_product": odoo.find_product("jeans-32"),
    "odoo_find_warehouse": odoo.find_warehouse("S01"),
    "odoo_create_purchase": odoo.create_purchase(ORDER, IDS),
    "odoo_change_purchase": odoo.change_purchase(ORDER, DRAFT),
    "odoo_cancel_purchase": odoo.cancel(ORDER, DRAFT),
    "odoo_create_transfer": odoo.create_transfer(TRANSFER, WAY),
    "odoo_cancel_transfer": odoo.cancel(TRANSFER, PICKING),
    "erpnext_find": erpnext.find(ORDER),
    "erpnext_create_purchase": erpnext.create(ORDER, "Example", abbreviation="EX"),
    "erpnext_create_transfer": erpnext.create(TRANSFER, "Example", abbreviation="EX"),
    "erpnext_change": erpnext.change(ORDER, REQUEST),
    "erpnext_delete": erpnext.withdraw(REQUEST),
    "erpnext_cancel": erpnext.withdraw(REQUEST | {"docstatus": 1, "status": "Pending"}),
}
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_as_the_documentation_has_it(name: str) -> None:
    wanted = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert asdict(CALLS[name]) == wanted


def test_every_golden_call_is_made() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(CALLS)


@pytest.mark.parametrize("state", ["purchase", "done", "cancel"])
def test_odoo_orders_that_were_decided_are_left_alone(state: str) -> None:
    assert odoo.change_purchase(ORDER, DRAFT | {"state": state}) is None
    assert odoo.cancel(ORDER, DRAFT | {"state": state}) is None
    assert odoo.cancel(TRANSFER, PICKING | {"state": "done"}) is None


def test_erpnext_requests_that_were_submitted_are_left_alone() -> None:
    ordered = REQUEST | {"docstatus": 1, "status": "Partially Ordered"}
    assert erpnext.change(ORDER, ordered) is None
    assert erpnext.withdraw(ordered) is None


@pytest.mark.parametrize(
    ("state", "received", "status", "quantity"),
    [
        ("draft", 0, None, None),
        ("sent", 0, None, None),
        ("to approve", 0, None, None),
        ("purchase", 0, "acknowledged", 24),
        ("purchase", 8, "acknowledged", 24),
        ("purchase", 24, "received", 24),
        ("cancel", 0, "cancelled", None),
    ],
)
def test_what_odoo_says(state: str, received: int, status: str | None, quantity: int | None) -> None:
    told = odoo.acknowledgement(DRAFT | {"state": state}, [{"product_qty": 24.0, "qty_received": float(received)}])
    assert (told and told.status, told and told.quantity) == (status, quantity)
    assert told is None or (told.order_id, told.erp_reference) == ("5f0c", "P00077")


@pytest.mark.parametrize(
    ("status", "ours", "quantity"),
    [
        ("Draft", None, None),
        ("Pending", None, None),
        ("Ordered", "acknowledged", 24),
        ("Received", "received", 20),
        ("Stopped", "cancelled", None),
    ],
)
def test_what_erpnext_says(status: str, ours: str | None, quantity: int | None) -> None:
    items = [{"name": "row-1", "qty": 24, "ordered_qty": 24.0, "received_qty": 20.0}]
    told = erpnext.acknowledgement(REQUEST | {"docstatus": 1, "status": status, "items": items})
    assert (told and told.status, told and told.quantity) == (ours, quantity)


@pytest.mark.parametrize("rows", [[], [{"id": 1}, {"id": 2}]])
def test_what_odoo_does_not_know_or_knows_twice_is_named(rows: list[dict[str, int]]) -> None:
    with pytest.raises(RejectedReading) as refused:
        odoo.only(rows, "sku", "hat")
    assert (refused.value.reason, refused.value.field, refused.value.value) == ("unknown_sku", "sku", "hat")
    assert odoo.only([{"id": 3}], "sku", "hat") == {"id": 3}
