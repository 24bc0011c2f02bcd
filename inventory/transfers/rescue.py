"""Rescuing a stock-out with another location's surplus.

When a sale empties a location, the units of the location with the largest
surplus over its own cover are proposed, over an allowed lane, if the margin they
are expected to earn before the supplier could deliver exceeds the lane's costs.
Books whose opening stock was never told are trusted neither to be empty nor to
give. A refused transfer is not proposed again for a day.
One objective for buying, moving and waiting is for the planner that replaces
this file; the events it emits are final in shape.
"""

import math

from inventory.outlook import demand_of
from inventory.reports import on_hand_of, say_transfer
from inventory.state import LocationStock, OpenTransfer, SkuState
from inventory.turn import Touched, Turn
from schemas.observations import LaneDefined

MILLISECONDS_PER_DAY = 86_400_000


def propose(turn: Turn, touched: Touched, lead_time_days: float) -> None:
    """Propose a transfer to a location that has run out, if one pays."""
    stock = touched.stock
    if not touched.sold or on_hand_of(stock) > 0 or not stock.ledger.opening_known:
        return
    if stock.transfers or _was_refused(turn, stock):
        return
    mean = demand_of(turn.state, touched.sku, touched.location, stock).mean_per_day
    wanted = math.ceil(mean * lead_time_days)
    donor = _best_donor(turn, touched.sku, touched.location) if wanted > 0 else None
    if donor is None:
        return
    origin, surplus, lane = donor
    quantity = min(wanted, surplus)
    gain = _margin(touched.sku) * min(float(quantity), mean * max(lead_time_days - lane.lead_time_days, 0.0))
    cost = lane.cost_per_trip + quantity * lane.cost_per_unit
    if gain > cost:
        _open(turn, touched, origin, quantity, gain, cost)


def _was_refused(turn: Turn, stock: LocationStock) -> bool:
    refused_ms = stock.transfer_refused_ms
    return refused_ms >= 0 and turn.now_at(stock) < refused_ms + MILLISECONDS_PER_DAY


def _open(turn: Turn, touched: Touched, origin: str, quantity: int, gain: float, cost: float) -> None:
    order_id = turn.saying.new_id("transfer-order", touched.location, touched.sku.item.sku)
    now_ms = turn.now_at(touched.stock)
    transfer = OpenTransfer(order_id, origin, quantity, "proposed", gain=gain, cost=cost, changed_at_ms=now_ms)
    touched.stock.transfers.append(transfer)
    turn.state.orders[order_id] = (touched.sku.item.sku, touched.location)
    say_transfer(turn, touched, transfer, f"out of stock; {origin} has units beyond its own cover")


def _best_donor(turn: Turn, sku: SkuState, destination: str) -> tuple[str, int, LaneDefined] | None:
    best: tuple[str, int, LaneDefined] | None = None
    for origin in sorted(sku.locations):
        lane = turn.state.core.lanes.get(f"{origin}|{destination}")
        if lane is None:
            continue
        if not sku.locations[origin].ledger.opening_known:
            continue
        surplus = _surplus(turn, sku, origin, sku.locations[origin])
        if surplus > 0 and (best is None or surplus > best[1]):
            best = (origin, surplus, lane)
    return best


def _surplus(turn: Turn, sku: SkuState, origin: str, stock: LocationStock) -> int:
    """Units a location can give: what it has free beyond its cover and what it already promised."""
    promised = sum(
        max(transfer.quantity - transfer.shipped, 0)
        for other in sku.locations.values()
        for transfer in other.transfers
        if transfer.origin == origin
    )
    mean = demand_of(turn.state, sku, origin, stock).mean_per_day
    return on_hand_of(stock) - stock.ledger.reserved - promised - math.ceil(mean * turn.rules.donor_cover_days)


def _margin(sku: SkuState) -> float:
    item = sku.item
    return max((item.price or 0.0) - (item.cost or 0.0), 0.0)
