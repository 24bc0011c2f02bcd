"""The ERP's side of an order: acknowledge, ship or reject, each revision once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from schemas import topics
from simulators.chain.agenda import DAY, HOUR, MINUTE
from simulators.chain.outbox import rfc3339
from simulators.chain.supply import Supply
from simulators.chain.world import World

TAKEN = frozenset({"proposed", "approved", "amended"})
DROPPED = frozenset({"rejected", "superseded", "cancelled"})

_GATHERED = 3 * HOUR


@dataclass(slots=True)
class Order:
    """An order the ERP knows; ``origin`` is None when a supplier delivers. Open until shipped or dropped."""

    order_id: str
    revision: int
    quantity: int
    site: int
    origin: int | None
    article: int
    open: bool = True


class Orders:
    """Reacts to ``orders.reorders`` and ``orders.transfers``.

    Promises: an order is made at most once, whatever is delivered twice or out of order; a revision not
    newer than the known one is not taken; a drop is final and heeded until the goods are on their way.
    """

    def __init__(self, world: World, supply: Supply) -> None:
        self._world = world
        self._supply = supply
        self._orders: dict[str, Order] = {}
        self._sites = {name: number for number, name in enumerate(world.assortment.sites)}
        self._articles = {article.sku: article.number for article in world.assortment.articles}

    def on_reorder(self, message: Mapping[str, Any], at_ms: int) -> None:
        """A record of ``orders.reorders``, heard at ``at_ms``."""
        self._hear(message, message.get("location"), None, at_ms)

    def on_transfer(self, message: Mapping[str, Any], at_ms: int) -> None:
        """A record of ``orders.transfers``, heard at ``at_ms``."""
        self._hear(message, message.get("destination"), message.get("origin"), at_ms)

    def _hear(self, message: Mapping[str, Any], destination: object, origin: object, at_ms: int) -> None:
        order_id, status = str(message["order_id"]), message["status"]
        known, revision = self._orders.get(order_id), int(message["revision"])
        if status in DROPPED:
            self._drop(order_id, known, revision, str(message.get("sku", "")), at_ms)
        elif status in TAKEN and known is None:
            self._take(message, destination, origin, at_ms)
        elif status in TAKEN and known is not None and revision > known.revision:
            self._amend(known, revision, int(message["quantity"]), at_ms)

    def _take(self, message: Mapping[str, Any], destination: object, origin: object, at_ms: int) -> None:
        order_id, sku = str(message["order_id"]), str(message.get("sku", ""))
        site, article = self._sites.get(str(destination)), self._articles.get(sku)
        source = None if origin is None else self._sites.get(str(origin))
        answer_ms = at_ms + self._world.between(MINUTE, 5 * MINUTE)
        if site is None or article is None or (origin is not None and source is None):
            order = self._orders[order_id] = Order(order_id, int(message["revision"]), 0, -1, None, -1, open=False)
            problem = "unknown item or location"
            self._world.agenda.at(answer_ms, partial(self._say, order, "rejected", sku=sku, message=problem))
            return
        order = Order(order_id, int(message["revision"]), int(message["quantity"]), site, source, article)
        self._orders[order_id] = order
        self._world.agenda.at(answer_ms, partial(self._answer, order))

    def _amend(self, order: Order, revision: int, quantity: int, at_ms: int) -> None:
        if order.open:
            order.revision, order.quantity = revision, quantity
            self._world.agenda.at(at_ms + MINUTE, partial(self._confirm_amended, order, revision))

    def _confirm_amended(self, order: Order, revision: int, at_ms: int) -> None:
        if order.open and order.revision == revision:
            self._say(order, "acknowledged", at_ms, sku=self._sku(order), quantity=order.quantity)

    def _drop(self, order_id: str, known: Order | None, revision: int, sku: str, at_ms: int) -> None:
        if known is None:
            self._orders[order_id] = Order(order_id, revision, 0, -1, None, -1, open=False)
        elif known.open and revision >= known.revision:
            known.open, known.revision = False, revision
            self._world.agenda.at(at_ms + MINUTE, partial(self._say, known, "cancelled", sku=sku))

    def _answer(self, order: Order, at_ms: int) -> None:
        if not order.open:
            return
        if self._world.chance(self._world.settings.supplier_rejects_share):
            order.open = False
            self._say(order, "rejected", at_ms, sku=self._sku(order), message="not available")
            return
        days = 0.0 if order.origin is not None else self._supply.lead_days(order.article)
        expected_at = rfc3339(at_ms + (int(days * DAY) if days else _GATHERED + DAY))
        more: dict[str, str | int] = {
            "quantity": order.quantity,
            "expected_at": expected_at,
            "erp_reference": f"E-{order.order_id[:8]}",
        }
        self._say(order, "acknowledged", at_ms, sku=self._sku(order), **more)
        send = self._send_transfer if order.origin is not None else partial(self._send_order, days)
        wait_ms = _GATHERED if order.origin is not None else self._world.between(HOUR, 3 * HOUR)
        self._world.agenda.at(at_ms + wait_ms, partial(send, order))

    def _send_order(self, days: float, order: Order, at_ms: int) -> None:
        if order.open:
            order.open = False
            told = partial(self._told, order)
            paper = {"document": f"D-{order.order_id}", "order_id": order.order_id}
            self._supply.order(order.site, order.article, order.quantity, days, at_ms, paper, told)

    def _send_transfer(self, order: Order, at_ms: int) -> None:
        if not order.open or order.origin is None:
            return
        order.open = False
        told = partial(self._told, order)
        sent = self._supply.transfer(
            order.origin, order.site, order.article, order.quantity, at_ms, order.order_id, told
        )
        if not sent:
            self._say(order, "cancelled", at_ms, sku=self._sku(order), message="nothing there to send")

    def _told(self, order: Order, status: str, quantity: int, at_ms: int) -> None:
        self._say(order, status, at_ms, sku=self._sku(order), quantity=quantity)

    def _sku(self, order: Order) -> str:
        return self._world.article(order.article).sku

    def _say(self, order: Order, status: str, at_ms: int, **more: str | int) -> None:
        """An answer to the revision as it is known."""
        key = f"{order.order_id}:{order.revision}"
        message = {
            "order_id": order.order_id,
            "idempotency_key": key,
            "status": status,
            "occurred_at": rfc3339(at_ms),
            **more,
        }
        self._world.outbox.say(topics.ORDER_ACKS, order.order_id, message, at_ms, f"ack_{status}")
