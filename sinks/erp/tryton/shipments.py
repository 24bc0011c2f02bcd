"""Transfers as Tryton's internal shipments between the storage of two warehouses."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from schemas.facts import Transfer
from schemas.observations import OrderStatus
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement
from sinks.calling import Refused
from sinks.erp.port import Answer
from sinks.erp.tryton.session import TrytonSession
from sinks.erp.tryton.tags import PREFIX, Row, chunks, moved_at, order_of, tag

SHIPMENT = "stock.shipment.internal"
STATUS: dict[str, OrderStatus] = {
    "waiting": "acknowledged",
    "assigned": "acknowledged",
    "packed": "acknowledged",
    "shipped": "shipped",
    "done": "received",
    "cancelled": "cancelled",
}
OVER = frozenset({"done", "cancelled"})
_FIELDS = [
    "reference",
    "number",
    "state",
    "write_date",
    "create_date",
    "from_location",
    "to_location",
    "warehouse.code",
    "to_warehouse.code",
    "moves",
    "moves.state",
    "moves.internal_quantity",
    "moves.from_location",
    "moves.to_location",
    "moves.product.code",
    "moves.effective_date",
    "moves.write_date",
    "moves.create_date",
]


class Shipments:
    """Internal shipments, each with one move."""

    def __init__(self, session: TrytonSession, database: str) -> None:
        self._session = session
        self._database = database

    async def place(self, order: Transfer) -> None:
        """One shipment of the order's quantity; one that left draft is left alone."""
        found = await self._tagged([["reference", "=", tag(order.order_id)]])
        if not found:
            await self._create(order)
            found = await self._tagged([["reference", "=", tag(order.order_id)]])
        kept, *doubles = found
        for double in doubles:
            if double["state"] == "draft":
                await self._session.press(SHIPMENT, "cancel", double["id"])
        if kept["state"] != "draft":
            return
        for move in await self._session.search("stock.move", [["id", "in", kept["moves"]]], ["quantity"]):
            if move["quantity"] != order.quantity:
                changed = {"quantity": float(order.quantity)}
                await self._session.call("model.stock.move.write", [move["id"]], changed)

    async def withdraw(self, order: Transfer) -> None:
        """No shipment that could still leave."""
        for shipment in await self._tagged([["reference", "=", tag(order.order_id)]]):
            if shipment["state"] in {"request", "draft", "waiting"}:
                await self._session.press(SHIPMENT, "cancel", shipment["id"])
            elif shipment["state"] != "cancelled":
                text = f"order_id: {order.order_id} is too late to withdraw: shipment {shipment['number']} is under way"
                raise Refused("too_late", text, field="order_id", value=order.order_id)

    async def orders(self, since: date) -> set[str]:
        """Orders with a shipment made since that day."""
        start = datetime(since.year, since.month, since.day, tzinfo=UTC)
        found = await self._tagged([["reference", "like", f"{PREFIX}%"], ["create_date", ">=", start]])
        return {order_of(row["reference"]) for row in found}

    async def answers(self, order_ids: Sequence[str]) -> list[Answer]:
        """What has become of these orders' shipments; of one made twice the oldest counts."""
        answers: dict[str, Answer] = {}
        for chunk in chunks(order_ids):
            for row in await self._tagged([["reference", "in", [tag(order_id) for order_id in chunk]]]):
                order_id = order_of(row["reference"])
                answers.setdefault(order_id, self._answer(order_id, row))
        return list(answers.values())

    def _answer(self, order_id: str, shipment: Row) -> Answer:
        status = STATUS.get(shipment["state"])
        if status is None:
            return Answer(order_id, None)
        moves = sorted(shipment["moves."] or (), key=lambda move: move["id"])
        over = shipment["state"] in OVER
        told = Acknowledgement(
            order_id=order_id,
            status=status,
            erp_reference=shipment["number"] or "",
            sku=moves[0]["product."]["code"] if moves else "",
            occurred_at=(shipment["write_date"] or shipment["create_date"]) if over else None,
        )
        booked = [move for move in moves if move["state"] == "done"]
        movements = tuple(movement for move in booked for movement in self._movements(order_id, shipment, move))
        return Answer(order_id, told, movements, over)

    def _movements(self, order_id: str, shipment: Row, move: Row) -> Iterator[Movement]:
        """What a move that is done means at either end; goods may rest in a transit location between two moves."""
        origin, destination = shipment["warehouse."]["code"], shipment["to_warehouse."]["code"]
        said = {
            "movement_id": f"tryton:{self._database}:move:{move['id']}",
            "item_id": move["product."]["code"],
            "quantity": int(move["internal_quantity"]),
            "occurred_at": moved_at(move),
            "document": shipment["number"] or "",
            "order_id": order_id,
        }
        if move["from_location"] == shipment["from_location"]:
            yield Movement(type="transfer_shipped", location=origin, counterpart=destination, **said)
        if move["to_location"] == shipment["to_location"]:
            yield Movement(type="transfer_received", location=destination, counterpart=origin, **said)

    async def _tagged(self, domain: list[Any]) -> list[Row]:
        return await self._session.search(SHIPMENT, domain, _FIELDS)

    async def _create(self, order: Transfer) -> None:
        product = await self._session.one("product.product", order.sku, "sku", ["default_uom"])
        origin = await self._storage(order.origin, "origin")
        destination = await self._storage(order.destination, "destination")
        company = self._session.context["company"]
        way = {"from_location": origin, "to_location": destination, "company": company}
        move = {"product": product["id"], "quantity": float(order.quantity), "unit": product["default_uom"], **way}
        shipment = {"reference": tag(order.order_id), "moves": [["create", [move]]], **way}
        await self._session.call(f"model.{SHIPMENT}.create", [shipment])

    async def _storage(self, code: str, named: str) -> int:
        kind = ["type", "=", "warehouse"]
        warehouse = await self._session.one("stock.location", code, named, ["storage_location"], kind)
        return int(warehouse["storage_location"])
