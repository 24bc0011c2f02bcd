"""Orders as Tryton's purchase requests.

Tryton lets nobody make a purchase request from outside: a requisition of ours, tagged with the order's id, is approved
and Tryton makes its request. A requisition in draft orders nothing, so one made twice (an answer that never came) is
found and cancelled before the oldest is approved. One approved by two callers at the same moment may get two requests
(on SQLite): whoever comes last deletes the younger. One order is one request.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from schemas.facts import Reorder
from schemas.observations import OrderStatus
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement
from sinks.calling import Refused
from sinks.erp.port import Answer
from sinks.erp.tryton.session import TrytonSession
from sinks.erp.tryton.tags import PREFIX, Row, chunks, moved_at, noon, order_of, tag, units

REQUISITION, REQUEST = "purchase.requisition", "purchase.request"
CONFIRMED = frozenset({"confirmed", "processing", "done"})
_LINE = "purchase.requisition.line"
_REQUISITION_FIELDS = ["description", "state", "lines", "write_date", "create_date"]
_REQUEST_FIELDS = [
    "state",
    "quantity",
    "origin",
    "write_date",
    "create_date",
    "unit.factor",
    "product.code",
    "product.default_uom.factor",
    "warehouse.code",
    "party.code",
    "purchase_line.quantity",
    "purchase_line.unit.factor",
    "purchase_line.delivery_date",
    "purchase_line.moves",
    "purchase_line.purchase.number",
    "purchase_line.purchase.state",
    "purchase_line.purchase.shipment_state",
]


class Purchases:
    """Requisitions, their requests, and the purchases and goods that follow from them."""

    def __init__(self, session: TrytonSession, database: str) -> None:
        self._session = session
        self._database = database

    async def place(self, order: Reorder) -> None:
        """One approved requisition with one request of the order's quantity; one that was bought is left alone."""
        found = await self._requisitions(order.order_id)
        if not found:
            await self._create(order)
            found = await self._requisitions(order.order_id)
        kept = next((one for one in found if one["state"] != "cancelled"), None)
        if kept is None:
            return  # withdrawn or cancelled there; an order id is never used again
        for double in found:
            if double["id"] > kept["id"] and double["state"] == "draft":
                await self._session.press(REQUISITION, "cancel", double["id"])
        await self._approve(kept)
        await self._adjust(kept, order)

    async def withdraw(self, order: Reorder) -> None:
        """No requisition that could still become a request, and no request that could still be bought."""
        for one in await self._requisitions(order.order_id):
            if one["state"] in {"waiting", "approved"}:
                await self._session.press(REQUISITION, "draft", one["id"])
            if one["state"] in {"draft", "waiting", "approved"}:
                await self._session.press(REQUISITION, "cancel", one["id"])
                continue
            for request in await self._requests(one, ["state", "purchase.number"]):
                await self._delete(order, request)

    async def orders(self, since: date) -> set[str]:
        """Orders with a requisition made since that day."""
        made = [["description", "like", f"{PREFIX}%"], ["create_date", ">=", _start(since)]]
        return {order_of(row["description"]) for row in await self._session.search(REQUISITION, made, ["description"])}

    async def answers(self, order_ids: Sequence[str]) -> list[Answer]:
        """What has become of these orders' requests."""
        answers = []
        for chunk in chunks(order_ids):
            tagged = [["description", "in", [tag(order_id) for order_id in chunk]], ["state", "!=", "cancelled"]]
            requisitions = await self._session.search(REQUISITION, tagged, _REQUISITION_FIELDS)
            answers += await self._answers(requisitions)
        return answers

    async def _answers(self, requisitions: list[Row]) -> list[Answer]:
        origins = {f"{_LINE},{line}": one for one in requisitions for line in one["lines"]}
        found = await self._session.search(REQUEST, [["origin", "in", list(origins)]], _REQUEST_FIELDS)
        moves = await self._moves(found)
        told = [self._answer(order_of(origins[row["origin"]]["description"]), row, moves) for row in found]
        asked = {row["origin"] for row in found}
        gone = [
            one for origin, one in origins.items() if origin not in asked and one["state"] in {"processing", "done"}
        ]
        return [*told, *(_deleted(order_of(one["description"]), one) for one in gone)]

    def _answer(self, order_id: str, request: Row, moves: dict[int, Row]) -> Answer:
        line = request["purchase_line."]
        if request["state"] == "cancelled":
            return _ended(order_id, "cancelled", "the purchase was cancelled in Tryton", request)
        if line is None or line["purchase."]["state"] not in CONFIRMED:
            return Answer(order_id, None)
        booked = [moves[move] for move in sorted(line["moves"]) if moves[move]["state"] == "done"]
        receipts = tuple(self._receipt(order_id, request, move) for move in booked)
        over = line["purchase."]["shipment_state"] == "received" or _all_in(line, request, receipts)
        return Answer(order_id, _acknowledgement(order_id, request, receipts, over=over), receipts, over)

    def _receipt(self, order_id: str, request: Row, move: Row) -> Movement:
        return Movement(
            movement_id=f"tryton:{self._database}:move:{move['id']}",
            type="receipt",
            location=request["warehouse."]["code"],
            item_id=request["product."]["code"],
            quantity=int(move["internal_quantity"]),
            occurred_at=moved_at(move),
            document=request["purchase_line."]["purchase."]["number"] or "",
            order_id=order_id,
            counterpart=(request["party."] or {}).get("code") or "",
        )

    async def _moves(self, requests: list[Row]) -> dict[int, Row]:
        ids = [move for row in requests if row["purchase_line."] for move in row["purchase_line."]["moves"]]
        if not ids:
            return {}
        fields = ["state", "internal_quantity", "effective_date", "write_date", "create_date"]
        return {row["id"]: row for row in await self._session.search("stock.move", [["id", "in", ids]], fields)}

    async def _requisitions(self, order_id: str) -> list[Row]:
        """Oldest first; there is more than one only if an answer to a create never came."""
        return await self._session.search(REQUISITION, [["description", "=", tag(order_id)]], ["state", "lines"])

    async def _requests(self, requisition: Row, fields: list[str]) -> list[Row]:
        origins = [f"{_LINE},{line}" for line in requisition["lines"]]
        return await self._session.search(REQUEST, [["origin", "in", origins]], fields)

    async def _create(self, order: Reorder) -> None:
        product = await self._session.one("product.product", order.sku, "sku", ["default_uom", "purchasable"])
        if not product["purchasable"]:
            raise Refused(
                "not_purchasable", f"sku: {order.sku!r} is not purchasable there", field="sku", value=order.sku
            )
        warehouse = await self._session.one(
            "stock.location", order.location, "location", ["id"], ["type", "=", "warehouse"]
        )
        line = {
            "product": product["id"],
            "quantity": float(order.quantity),
            "unit": product["default_uom"],
            "supplier": await self._supplier(order.supplier),
            "description": tag(order.order_id),
        }
        requisition = {
            "description": tag(order.order_id),
            "supply_date": (order.requested_delivery_at or order.occurred_at).date(),
            "warehouse": warehouse["id"],
            "lines": [["create", [line]]],
            **self._session.context,
        }
        await self._session.call(f"model.{REQUISITION}.create", [requisition])

    async def _supplier(self, code: str) -> int | None:
        """The party of this code; None lets the buyer choose, as Tryton does for its own requests."""
        rows = await self._session.search("party.party", [["code", "=", code]], ["id"]) if code else []
        return rows[0]["id"] if len(rows) == 1 else None

    async def _approve(self, requisition: Row) -> None:
        if requisition["state"] == "draft":
            await self._session.press(REQUISITION, "wait", requisition["id"])
        if requisition["state"] in {"draft", "waiting"}:
            await self._session.press(REQUISITION, "approve", requisition["id"])

    async def _adjust(self, requisition: Row, order: Reorder) -> None:
        """One request, of the order's quantity as long as nobody bought it."""
        fields = ["state", "quantity", "unit.factor", "product.default_uom", "product.default_uom.factor"]
        for at, request in enumerate(await self._requests(requisition, fields)):
            if request["state"] != "draft":
                continue
            if at > 0:
                await self._session.call(f"model.{REQUEST}.delete", [request["id"]])
            elif _units(request) != order.quantity:
                base = request["product."]["default_uom"]
                changed = {"quantity": float(order.quantity), "unit": base}
                await self._session.call(f"model.{REQUEST}.write", [request["id"]], changed)

    async def _delete(self, order: Reorder, request: Row) -> None:
        if request["state"] == "cancelled":
            return
        if request["state"] != "draft":
            number = (request["purchase."] or {}).get("number") or "a draft"
            text = f"order_id: {order.order_id} cannot be withdrawn: it is in purchase {number} there"
            raise Refused("too_late", text, field="order_id", value=order.order_id)
        await self._session.call(f"model.{REQUEST}.delete", [request["id"]])


def _acknowledgement(order_id: str, request: Row, receipts: Sequence[Movement], *, over: bool) -> Acknowledgement:
    line = request["purchase_line."]
    came = sum(receipt.quantity for receipt in receipts)
    due = line["delivery_date"]
    facts: dict[str, Any] = {
        "order_id": order_id,
        "erp_reference": line["purchase."]["number"] or "",
        "sku": request["product."]["code"],
    }
    if over:
        last = max((receipt.occurred_at for receipt in receipts), default=None)
        return Acknowledgement(status="received", quantity=came, occurred_at=last, **facts)
    expected = noon(due) if due else None
    return Acknowledgement(status="acknowledged", quantity=_units(request, line), expected_at=expected, **facts)


def _all_in(line: Row, request: Row, receipts: Sequence[Movement]) -> bool:
    return bool(receipts) and sum(receipt.quantity for receipt in receipts) >= _units(request, line)


def _units(request: Row, line: Row | None = None) -> int:
    said = line or request
    return units(said["quantity"], said["unit."], request["product."]["default_uom."])


def _deleted(order_id: str, requisition: Row) -> Answer:
    return _ended(order_id, "rejected", "the purchase request was deleted in Tryton", requisition)


def _ended(order_id: str, status: OrderStatus, message: str, row: Row) -> Answer:
    at = row["write_date"] or row["create_date"]
    return Answer(
        order_id, Acknowledgement(order_id=order_id, status=status, message=message, occurred_at=at), over=True
    )


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
