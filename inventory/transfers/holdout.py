"""A control group: transfers that are planned and judged like all others, and not sent.

Which ones is drawn from their ids, so a log that is folded again draws the same. The SKU is left alone at the
destination until the days are over in which the units would have sold: nothing is proposed to it by any way. The
donor's units stay free for others.
"""

import hashlib
import math

from inventory.state import HeldOut, LocationStock, MovedUnits, OpenTransfer
from inventory.transfers import outcomes
from inventory.transfers.departures import MILLISECONDS_PER_DAY
from inventory.turn import Touched, Turn


def is_drawn(order_id: str, share: float) -> bool:
    """Whether a transfer of this id, itself the hash of what caused it, is held out.

    >>> [is_drawn("7aeb78c7", share) for share in (0.0, 0.1, 0.5)]
    [False, False, True]
    """
    drawn = hashlib.blake2b(order_id.encode(), digest_size=7, person=b"hold-out").digest()
    return int.from_bytes(drawn, "big") < share * 2.0**56


def is_held_out(stock: LocationStock, now_ms: int) -> bool:
    """Whether nothing is to be moved here, for the sake of the comparison."""
    return now_ms < stock.held_until_ms


def hold(turn: Turn, touched: Touched, transfer: OpenTransfer, days: float, reason: str) -> None:
    """Leave the destination ``touched`` without a transfer whose units could be sold after ``days``."""
    stock, stakes = touched.stock, transfer.stakes
    today = turn.now_at(stock) // MILLISECONDS_PER_DAY
    arrives = today + max(math.ceil(days), 1)
    leaves = min(max((transfer.leaves_at_ms - 1) // MILLISECONDS_PER_DAY, today), arrives - 1)
    moved = MovedUnits(
        touched.sku.item.sku, transfer.origin, touched.location, stakes, transfer.gain, transfer.cost,
        until_day=arrives + max(math.ceil(stakes.days), 1), held=HeldOut(transfer.quantity, leaves, arrives),
    )  # fmt: skip
    stock.held_until_ms = outcomes.hold_ends_ms(moved)
    outcomes.keep(turn, transfer.order_id, moved)
    outcomes.say_held(turn, touched, transfer.order_id, moved, reason)
