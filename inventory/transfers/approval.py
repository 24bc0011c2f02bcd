"""Transfers above the approval limit wait for a person, as orders do."""

from inventory import approvals
from inventory.reports import say_transfer
from inventory.state import OpenTransfer
from inventory.supply import source_of
from inventory.turn import Touched, Turn

_UNTAKEN = frozenset({"proposed", "amended"})


def needs_person(turn: Turn, touched: Touched, transfer: OpenTransfer) -> bool:
    """Whether its units, at what they cost at the destination, and the way are worth more than the limit.

    What a person or the ERP agreed to already is not asked about again.
    """
    if turn.rules.approval_limit <= 0.0 or transfer.quantity <= transfer.agreed:
        return False
    unit_cost = source_of(turn, touched.sku, touched.location).unit_cost or 0.0
    return approvals.is_above_limit(turn.rules, transfer.quantity * unit_cost + transfer.cost)


def follow_limit(turn: Turn, touched: Touched, transfer: OpenTransfer) -> None:
    """A transfer that nobody has taken waits, or is released, with a limit that changed."""
    needed = needs_person(turn, touched, transfer)
    if needed and transfer.status in _UNTAKEN:
        _turn_to(turn, touched, transfer, "pending", approvals.why_it_waits_now(turn.rules))
    elif not needed and transfer.status == "pending":
        _turn_to(turn, touched, transfer, "amended", approvals.why_it_is_released_now(turn.rules))


def _turn_to(turn: Turn, touched: Touched, transfer: OpenTransfer, status: str, reason: str) -> None:
    transfer.status, transfer.changed_at_ms = status, turn.now_at(touched.stock)
    transfer.revision += 1
    say_transfer(turn, touched, transfer, reason)
