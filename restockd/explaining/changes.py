"""What would cancel or change an order from here on, in plain words."""

from typing import Any

import msgspec

from inventory.replenishment.orders import AWAITED, SUGGESTED
from inventory.transfers.journeys import OPEN, PATIENCE_DAYS
from inventory.transfers.journeys import SUGGESTED as JUDGED
from schemas.facts import Reorder, Transfer

_BY_OTHERS = "a person or the ERP may change or reject it at any time"
_BY_ERP = "nothing we do: the ERP has it; it ends with the goods, or when the ERP cancels it"
_CLOSED = "cancelled when either end, the way or the item is retired, or nothing is replenished there any more"
_OVER = "nothing: it is over"


def what_would_change(order: Reorder | Transfer) -> list[str]:
    """One sentence each."""
    return _of_reorder(order) if isinstance(order, Reorder) else _of_transfer(order)


def _of_reorder(order: Reorder) -> list[str]:
    if order.status in AWAITED:
        return [_BY_ERP]
    if order.status not in SUGGESTED:
        return [_OVER]
    return [*_by_need(order), "cancelled when nothing is replenished there any more", _BY_OTHERS]


def _by_need(order: Reorder) -> list[str]:
    if order.inputs is None:
        return []
    inputs: dict[str, Any] = msgspec.to_builtins(order.inputs)
    enough = inputs.get("cancelled_at_position") or inputs["order_up_to_level"]
    more = enough - inputs["inventory_position"]
    return [
        f"cancelled while nobody has answered, when the position without it reaches {enough} ({more} more)",
        f"amended while nobody has answered, when more than {order.quantity} are needed, or no more than half of it",
    ]


def _of_transfer(order: Transfer) -> list[str]:
    if order.status in JUDGED:
        silence = f"cancelled when nobody answers for {PATIENCE_DAYS} days"
        return [*_by_evidence(order), *_by_person(order), _CLOSED, silence, _BY_OTHERS]
    if order.status == "acknowledged":
        kept = "nothing after its cut-off: then the ERP has it, and it ends with the goods"
        return [*_by_evidence(order), _CLOSED, kept]
    if order.status == "approved":
        return [f"{_CLOSED}, as long as nothing has left", "else it ends with the goods, or when the ERP cancels it"]
    if order.status in OPEN:
        return [_BY_ERP]
    return [_OVER]


def _by_person(order: Transfer) -> list[str]:
    return ["released when a person approves it, or the approval limit is raised"] if order.status == "pending" else []


def _by_evidence(order: Transfer) -> list[str]:
    if order.inputs is None:
        return []
    most, least = order.inputs.cancelled_at_destination_units, order.inputs.cancelled_at_origin_units
    return [
        f"cancelled when {order.destination} has {most} free, or {order.origin} no more than {least}",
        f"made smaller when {order.origin} has fewer than {order.quantity} to spare, or half of them is enough",
    ]
