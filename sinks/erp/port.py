"""What a connector asks of an ERP.

An ERP of ours keeps no memory: what exists there is found by the order's id, so that an order that is delivered twice,
by whomever, is one order there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from schemas.facts import Reorder, Transfer
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement
from sinks.calling import Refused

__all__ = ["Answer", "Erp", "Order", "Refused"]

Order = Reorder | Transfer


@dataclass(frozen=True)
class Answer:
    """What an ERP says of one of our orders now: ``acknowledgement`` None as long as nobody there decided.

    ``movements`` are the goods it has booked for it so far, all of them each time. ``over`` when nothing more can come.
    """

    order_id: str
    acknowledgement: Acknowledgement | None
    movements: tuple[Movement, ...] = field(default=())
    over: bool = False


class Erp(Protocol):
    """An ERP that takes purchase orders and transfers.

    Every method raises ``Unavailable`` while the ERP does not answer.
    """

    component: str

    async def check(self) -> str:
        """What answers, and as whom, in one line; raises ``RestockdError`` naming what is missing."""

    async def place(self, order: Order) -> None:
        """See to it that the order is there exactly once, with its quantity; one that was decided there is left alone.

        Raises ``Refused`` naming field and value if the ERP will not have it.
        """

    async def withdraw(self, order: Order) -> None:
        """See to it that the order is not there; raises ``Refused`` if it is too late for that."""

    async def orders(self, since: date) -> set[str]:
        """The ids of all orders of ours that were made there since that day."""

    async def answers(self, order_ids: Iterable[str]) -> list[Answer]:
        """What it says of these orders; those it does not know are left out."""

    async def close(self) -> None:
        """Close the connections."""
