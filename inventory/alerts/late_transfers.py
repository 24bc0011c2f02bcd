"""Transfers that were taken or shipped and should be there by now."""

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition
from inventory.outlook import demand_of, lost_per_hour, margin_of
from inventory.reports import on_hand_of
from inventory.state import OpenTransfer
from inventory.supply import source_of
from inventory.turn import Touched, Turn
from schemas.wording import amount, short

MILLISECONDS_PER_DAY = 86_400_000
LATE_TRANSFER = "late_transfer"


def hold_late_transfers(turn: Turn, touched: Touched) -> None:
    """What is overdue to one location, with what it cost; margin is at risk while the location has none to sell."""
    late = [transfer for transfer in touched.stock.transfers if transfer.overdue]
    if not late and LATE_TRANSFER not in touched.stock.alerts:
        return
    cost = source_of(turn, touched.sku, touched.location).unit_cost
    told = "; ".join(_told(turn, touched, transfer, cost) for transfer in late)
    sku = touched.sku.item.sku
    condition = Condition(
        LATE_TRANSFER,
        "warning",
        f"late transfers of {sku}: {told}" if late else f"no transfer of {sku} to {touched.location} is late any more",
        location=touched.location,
        sku=sku,
        money_at_risk_per_hour=_at_risk_per_hour(turn, touched, cost) if late else 0.0,
    )
    hold(turn, touched.stock.alerts, condition, true=bool(late), at_once=True)


def _told(turn: Turn, touched: Touched, transfer: OpenTransfer, cost: float | None) -> str:
    units = transfer.quantity - transfer.received
    days = (turn.now_at(touched.stock) - transfer.due_at_ms) // MILLISECONDS_PER_DAY
    worth = "" if cost is None else f", worth {units * cost:.2f} {touched.sku.item.currency}"
    way = f"{amount(units)} from {transfer.origin} to {touched.location}"
    return f"{short(transfer.order_id)} ({transfer.status}), {way}, {amount(days, 'day')} late{worth}"


def _at_risk_per_hour(turn: Turn, touched: Touched, cost: float | None) -> float:
    """Margin that is lost while there is nothing to sell."""
    if on_hand_of(touched.stock) > 0:
        return 0.0
    mean = demand_of(turn.state, touched.sku, touched.location, touched.stock).mean_per_day
    return lost_per_hour(margin_of(touched.sku.item, cost), mean)
