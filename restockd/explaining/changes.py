"""What would cancel or change an order from here on, in plain words."""

from typing import Any

import msgspec

from inventory.replenishment.orders import AWAITED, SUGGESTED
from inventory.transfers.journeys import OPEN, PATIENCE_DAYS
from schemas.facts import Reorder, Transfer

_BY_OTHERS = "a person or the ERP may change or reject it at any time"
_OVER = "nothing: it is over"


def what_would_change(order: Reorder | Transfer) -> list[str]:
    """One sentence each."""
    return _of_reorder(order) if isinstance(order, Reorder) else _of_transfer(order)


def _of_reorder(order: Reorder) -> list[str]:
    if order.status in AWAITED:
        return ["nothing we do: the ERP has it; it ends with the goods, or when the ERP cancels it"]
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
    if order.status in {"proposed", "pending"}:
        return [f"cancelled when nobody answers for {PATIENCE_DAYS} days", _BY_OTHERS]
    if order.status in OPEN:
        return ["nothing we do: the ERP has it; it ends with the goods, or when the ERP cancels it"]
    return [_OVER]
