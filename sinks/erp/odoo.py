"""Orders in Odoo's words (JSON-2 API, Odoo 19 and later): a draft purchase order, or an internal transfer.

Pure mappings; they have not been run against a live Odoo. Each call is ``POST /json/2/MODEL/METHOD`` with the header
``Authorization: bearer KEY`` and, on a server of several databases, ``X-Odoo-Database``.

Idempotency: ``origin`` carries the order's id, and ``search_read`` on it comes first; a create follows only where
nothing was found. Odoo has no unique constraint on ``origin``: one connector at a time.

    proposed, approved, amended   create, or write the quantity while the order is in ``draft`` or ``sent``
    cancelled, rejected           ``button_cancel`` (purchase) or ``action_cancel`` (transfer) while that is allowed
"""

from dataclasses import dataclass
from typing import Any

from schemas.errors import RejectedReading
from schemas.facts import Reorder, Transfer
from schemas.observations import OrderStatus
from schemas.readings.orders import Acknowledgement
from schemas.wording import amount

Row = dict[str, Any]
PURCHASE_STATUS: dict[str, OrderStatus] = {"purchase": "acknowledged", "done": "acknowledged", "cancel": "cancelled"}


@dataclass(frozen=True)
class Call:
    """One call: ``POST`` of ``body`` to ``path``."""

    path: str
    body: Row


@dataclass(frozen=True)
class OdooIds:
    """Odoo's ids of what an order names, as looked up by code: product (``default_code``), warehouse, supplier."""

    product: int
    picking_type: int
    partner: int = 0
    source_location: int = 0
    destination_location: int = 0


def find(order: Reorder | Transfer) -> Call:
    """What is there of this order already."""
    model = "purchase.order" if isinstance(order, Reorder) else "stock.picking"
    fields = ["id", "name", "state", "origin"] + (["order_line"] if isinstance(order, Reorder) else ["move_ids"])
    return Call(f"/json/2/{model}/search_read", {"domain": [["origin", "=", order.order_id]], "fields": fields})


def find_product(sku: str) -> Call:
    """The product of a SKU."""
    return Call(
        "/json/2/product.product/search_read", {"domain": [["default_code", "=", sku]], "fields": ["id"], "limit": 2}
    )


def find_warehouse(location: str) -> Call:
    """The warehouse of a location, with where its receipts and internal transfers are handled."""
    fields = ["id", "in_type_id", "int_type_id", "lot_stock_id"]
    return Call(
        "/json/2/stock.warehouse/search_read", {"domain": [["code", "=", location]], "fields": fields, "limit": 2}
    )


def only(rows: list[Row], field: str, value: str) -> Row:
    """The one record that was found; raises ``RejectedReading`` naming field and value otherwise."""
    if len(rows) != 1:
        found = "nothing" if not rows else amount(len(rows), "record")
        raise RejectedReading(f"unknown_{field}", f"{field}: Odoo has {found} for {value!r}", field=field, value=value)
    return rows[0]


def create_purchase(order: Reorder, ids: OdooIds) -> Call:
    """A draft purchase order (a request for quotation) of one line."""
    line: Row = {"product_id": ids.product, "product_qty": order.quantity}
    if order.unit_cost is not None:
        line["price_unit"] = order.unit_cost
    values: Row = {"partner_id": ids.partner, "origin": order.order_id, "picking_type_id": ids.picking_type}
    if order.requested_delivery_at is not None:
        line["date_planned"] = values["date_planned"] = f"{order.requested_delivery_at:%Y-%m-%d %H:%M:%S}"
    values["order_line"] = [[0, 0, line]]
    return Call("/json/2/purchase.order/create", {"vals_list": [values]})


def change_purchase(order: Reorder, found: Row) -> Call | None:
    """The new quantity of a purchase order that nobody has confirmed; None for one that was."""
    if found["state"] not in {"draft", "sent"}:
        return None
    lines = [[1, line, {"product_qty": order.quantity}] for line in found["order_line"]]
    return Call("/json/2/purchase.order/write", {"ids": [found["id"]], "vals": {"order_line": lines}})


def cancel(order: Reorder | Transfer, found: Row) -> Call | None:
    """Withdrawn; None where it is too late, or done already."""
    if isinstance(order, Reorder):
        open_still = found["state"] in {"draft", "sent", "to approve"}
        return Call("/json/2/purchase.order/button_cancel", {"ids": [found["id"]]}) if open_still else None
    open_still = found["state"] in {"draft", "waiting", "confirmed", "assigned"}
    return Call("/json/2/stock.picking/action_cancel", {"ids": [found["id"]]}) if open_still else None


def create_transfer(order: Transfer, ids: OdooIds) -> Call:
    """An internal transfer of one move between the stock of two warehouses."""
    way = {"location_id": ids.source_location, "location_dest_id": ids.destination_location}
    move = {"product_id": ids.product, "product_uom_qty": order.quantity, **way}
    values = {"picking_type_id": ids.picking_type, "origin": order.order_id, **way, "move_ids": [[0, 0, move]]}
    return Call("/json/2/stock.picking/create", {"vals_list": [values]})


def acknowledgement(found: Row, lines: list[Row]) -> Acknowledgement | None:
    """What a purchase order says of ours; None while nobody has decided. ``lines`` are its ``purchase.order.line``."""
    status = PURCHASE_STATUS.get(found["state"])
    if status is None:
        return None
    ordered = sum(int(line["product_qty"]) for line in lines)
    came = sum(int(line["qty_received"]) for line in lines)
    if status == "acknowledged" and ordered and came >= ordered:
        status, ordered = "received", came
    quantity = None if status == "cancelled" else ordered
    return Acknowledgement(order_id=found["origin"], status=status, erp_reference=found["name"], quantity=quantity)
