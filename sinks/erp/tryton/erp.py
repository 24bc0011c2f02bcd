"""Tryton as an ERP of ours: purchases by requisition, transfers by internal shipment."""

import asyncio
from collections.abc import Iterable
from datetime import date

from schemas.errors import MustStop
from schemas.facts import Reorder
from sinks.erp.port import Answer, Order
from sinks.erp.tryton.purchases import Purchases
from sinks.erp.tryton.session import TrytonSession, TrytonSettings
from sinks.erp.tryton.shipments import Shipments

_MODELS = ("purchase.requisition", "purchase.request", "purchase.line", "stock.move", "stock.shipment.internal")


class Tryton:
    """One Tryton database."""

    def __init__(self, settings: TrytonSettings) -> None:
        self.component = settings.component
        self._settings = settings
        self._session = TrytonSession(settings)
        self._purchases = Purchases(self._session, settings.database)
        self._shipments = Shipments(self._session, settings.database)
        # What is looked up and then made must not be made twice by two of our own coroutines.
        self._one_by_one = asyncio.Lock()

    async def check(self) -> str:
        """Who we are there; raises ``MustStop`` where our user lacks what an order needs."""
        for model in _MODELS:
            await self._session.search(model, [["id", "=", -1]], ["id"])
        for name in ("company", "employee"):
            if name not in self._session.context:
                raise MustStop(f"{self.component}: user {self._settings.user!r} has no {name}; give it one in Tryton")
        return f"database {self._settings.database!r} as {self._settings.user!r}"

    async def place(self, order: Order) -> None:
        """Make or change the requisition or shipment of the order."""
        async with self._one_by_one:
            if isinstance(order, Reorder):
                await self._purchases.place(order)
            else:
                await self._shipments.place(order)

    async def withdraw(self, order: Order) -> None:
        """Take the request or shipment back."""
        async with self._one_by_one:
            if isinstance(order, Reorder):
                await self._purchases.withdraw(order)
            else:
                await self._shipments.withdraw(order)

    async def orders(self, since: date) -> set[str]:
        """Orders of ours, by what they are tagged with."""
        return await self._purchases.orders(since) | await self._shipments.orders(since)

    async def answers(self, order_ids: Iterable[str]) -> list[Answer]:
        """Purchases and shipments as they stand."""
        wanted = sorted(order_ids)
        return [*await self._purchases.answers(wanted), *await self._shipments.answers(wanted)]

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()
