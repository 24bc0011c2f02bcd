"""Orders in ERPNext's words: a Material Request, to purchase or to transfer.

Pure mappings; they have not been run against a live ERPNext. Calls go to ``/api/resource/Material Request`` with the
header ``Authorization: token KEY:SECRET``.

Idempotency: the custom field ``restockd_order_id`` of Material Request (type Data, *unique*, no copy) carries the
order's id. A search on it comes first; should two creates race, the second is refused with ``DuplicateEntryError``,
which says that the order is there.

    proposed, approved, amended   create in draft, or write the quantity while ``docstatus`` is 0
    cancelled, rejected           delete while ``docstatus`` is 0, cancel (``docstatus`` 2) while nothing was ordered
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from schemas.facts import Reorder, Transfer
from schemas.observations import OrderStatus
from schemas.readings.orders import Acknowledgement

Row = dict[str, Any]
DOCTYPE = "Material Request"
ORDER_ID = "restockd_order_id"
STATUS: dict[str, OrderStatus] = {
    "Ordered": "acknowledged",
    "Partially Ordered": "acknowledged",
    "Partially Received": "acknowledged",
    "Received": "received",
    "Transferred": "received",
    "Stopped": "cancelled",
    "Cancelled": "cancelled",
}


@dataclass(frozen=True)
class Call:
    """One call: ``method`` of ``path``, with ``body`` where there is one."""

    method: str
    path: str
    body: Row | None = None


def find(order: Reorder | Transfer) -> Call:
    """What is there of this order already."""
    filters = quote(msgspec.json.encode([[ORDER_ID, "=", order.order_id]]).decode())
    fields = quote(msgspec.json.encode(["name", "docstatus", "status"]).decode())
    return Call("GET", f"{_path()}?filters={filters}&fields={fields}")


def create(order: Reorder | Transfer, company: str, *, abbreviation: str = "") -> Call:
    """A Material Request in draft. ERPNext's warehouses end in the company's ``abbreviation``: ``S01 - EX``."""
    day = _day(order)
    item: Row = {"item_code": order.sku, "qty": order.quantity, "schedule_date": day}
    if isinstance(order, Reorder):
        kind, item["warehouse"], item["uom"] = "Purchase", _warehouse(order.location, abbreviation), "Nos"
    else:
        kind, item["warehouse"] = "Material Transfer", _warehouse(order.destination, abbreviation)
        item["from_warehouse"] = _warehouse(order.origin, abbreviation)
    body: Row = {
        "material_request_type": kind,
        "company": company,
        "transaction_date": f"{order.occurred_at:%Y-%m-%d}",
        "schedule_date": day,
        ORDER_ID: order.order_id,
        "items": [item],
    }
    return Call("POST", _path(), body)


def change(order: Reorder | Transfer, found: Row) -> Call | None:
    """The new quantity of a request in draft (``found`` with its ``items``); None for one that was submitted."""
    if found["docstatus"] != 0:
        return None
    items = [{"name": item["name"], "qty": order.quantity} for item in found["items"]]
    return Call("PUT", _path(found["name"]), {"items": items})


def withdraw(found: Row) -> Call | None:
    """Withdrawn; None where something was ordered already."""
    if found["docstatus"] == 0:
        return Call("DELETE", _path(found["name"]))
    if found["docstatus"] == 1 and found["status"] == "Pending":
        return Call("PUT", _path(found["name"]), {"docstatus": 2})
    return None


def acknowledgement(found: Row) -> Acknowledgement | None:
    """What a Material Request (with its ``items``) says of an order of ours; None while nobody has decided."""
    status = STATUS.get(found["status"])
    if status is None:
        return None
    field = "received_qty" if status == "received" else "ordered_qty"
    quantity = None if status == "cancelled" else sum(int(item[field]) for item in found["items"]) or None
    return Acknowledgement(order_id=found[ORDER_ID], status=status, erp_reference=found["name"], quantity=quantity)


def _path(name: str = "") -> str:
    return f"/api/resource/{quote(DOCTYPE)}" + (f"/{quote(name, safe='')}" if name else "")


def _warehouse(location: str, abbreviation: str) -> str:
    return f"{location} - {abbreviation}" if abbreviation else location


def _day(order: Reorder | Transfer) -> str:
    wanted = order.requested_delivery_at if isinstance(order, Reorder) else None
    return f"{wanted or order.occurred_at:%Y-%m-%d}"
