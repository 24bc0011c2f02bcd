"""Orders that brought less or more than was ordered, as far as anybody knows: an alert for each.

Goods come in parts, so less is told only of an order that is received, or more than a day overdue with a part of it
there. It ends when the rest comes or the order is closed without it; more ends when it goes back. What nobody settles
is told for a week after the order was over. Units of an order that nobody waits for are more as well.
"""

from typing import NamedTuple

import msgspec

from inventory.alerts.conditions import hold
from inventory.alerts.open import Condition, OpenAlert
from inventory.alerts.shortages import MILLISECONDS_PER_DAY, due_at_ms, shortage_of
from inventory.replenishment import orders
from inventory.replenishment.orders import AWAITED, OrderBook
from inventory.turn import Touched, Turn
from schemas.order_ids import is_uuid
from schemas.wording import amount, short

SHORT_RECEIPT, OVER_RECEIPT = "short_receipt", "over_receipt"
_KINDS = (SHORT_RECEIPT, OVER_RECEIPT)
_TOLD_DAYS = 7
_HOURS_PER_YEAR = 365.0 * 24.0


class _Off(NamedTuple):
    """``units`` missing of the ``quantity`` of an order; negative are more. ``known``: there was such an order."""

    order_id: str
    units: int
    quantity: int
    unit_cost: float | None
    known: bool = True

    @property
    def kind(self) -> str:
        return SHORT_RECEIPT if self.units > 0 else OVER_RECEIPT

    @property
    def key(self) -> str:
        """Of its alert among those of the stock."""
        return f"{self.kind}|{self.order_id}"


def watch(turn: Turn, touched: Touched) -> None:
    """Raise, keep or end the alerts of one SKU at one location."""
    stock = touched.stock
    now_ms = turn.now_at(stock)
    for one in stock.book.off:
        one.since_ms = now_ms if one.since_ms < 0 else one.since_ms
    found = {one.key: one for one in (*_over(stock.book), *_late(stock.book, turn.state.core.clock_ms))}
    for key in sorted(key for key, alert in stock.alerts.items() if alert.told.kind in _KINDS and key not in found):
        _end(turn, touched, key)
    for key, off in found.items():
        _hold(turn, stock.alerts, key, _condition(turn, touched, off, stock.alerts.get(key)), true=True)


def forget(turn: Turn, touched: Touched) -> None:
    """A day that ended: what was told for long enough."""
    orders.forget_off(touched.stock.book, turn.state.core.clock_ms - _TOLD_DAYS * MILLISECONDS_PER_DAY)


def _over(book: OrderBook) -> list[_Off]:
    """Orders that are over; one that came before the ERP had told its own number for it is known by now."""
    found = orders.off_receipts(book)
    return [
        _Off(one.order_id, one.missing, one.quantity, one.unit_cost, one.quantity > 0 or book.is_over(one.order_id))
        for one in found
        if one.quantity or book.find(one.order_id) is None
    ]


def _late(book: OrderBook, clock_ms: int) -> list[_Off]:
    """Orders of which a part came, and the rest is more than a day overdue."""
    return [
        _Off(order.order_id, order.outstanding, order.quantity, order.unit_cost)
        for order in book.orders
        if order.status in AWAITED and order.received and 0 <= due_at_ms(order) < clock_ms - MILLISECONDS_PER_DAY
    ]


def _condition(turn: Turn, touched: Touched, one: _Off, known: OpenAlert | None) -> Condition:
    """What is told of an order; as it was told, unless it says something else by now."""
    item = touched.sku.item
    cost = item.cost if one.unit_cost is None else one.unit_cost
    worth = None if cost is None else abs(one.units) * cost
    told = _told(one) + ("" if worth is None else f", worth {worth:.2f} {item.currency}")
    summary = f"{_what(touched)}: {told}"
    if known is not None and known.told.summary == summary:
        return known.told
    return Condition(
        one.kind,
        "warning",
        summary,
        location=touched.location,
        sku=item.sku,
        device=one.order_id,
        money_at_risk_per_hour=_risk(turn, touched, one, worth),
    )


def _told(one: _Off) -> str:
    units, name = amount(abs(one.units)), _named(one.order_id)
    if not one.known:
        return f"{units} came for order {name}, which restockd does not wait for here"
    if not one.quantity:
        return f"{units} more came for order {name}, which was over"
    return f"{units} {'less' if one.units > 0 else 'more'} than the {one.quantity} of {name}"


def _risk(turn: Turn, touched: Touched, one: _Off, worth: float | None) -> float | None:
    """What running out costs without them; what is there and was not wanted costs its capital."""
    if one.units > 0:
        return shortage_of(turn, touched).margin_per_hour
    return None if worth is None else round(worth * turn.rules.carrying_share_per_year / _HOURS_PER_YEAR, 4)


def _end(turn: Turn, touched: Touched, key: str) -> None:
    alerts = touched.stock.alerts
    told = alerts[key].told
    summary = f"{_what(touched)}: what came of {_named(told.device) or 'it'} is settled, or was told for a week"
    _hold(turn, alerts, key, msgspec.structs.replace(told, summary=summary), true=False)


def _hold(turn: Turn, alerts: dict[str, OpenAlert], key: str, condition: Condition, *, true: bool) -> None:
    """``hold`` under the key of the order; a text is said once."""
    one = {condition.kind: alerts.pop(key)} if key in alerts else {}
    again = condition.kind in one and one[condition.kind].told.summary != condition.summary
    hold(turn, one, condition, true=true, at_once=True, again=again)
    alerts.update((key, alert) for alert in one.values())


def _what(touched: Touched) -> str:
    return f"{touched.sku.item.name or touched.sku.item.sku} at {touched.location}"


def _named(order_id: str) -> str:
    """Our ids by their first letters, numbers of somebody's own as they are."""
    return short(order_id) if is_uuid(order_id) else order_id
