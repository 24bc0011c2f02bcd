"""Orders that the ERP, or a person who has to agree, has not answered for long: one alert for a location and supplier.

Where no ERP listens every order is one of them, so none has an alert of its own: as the clock moves they are counted in
that of their location and supplier, which is said again once a day at most, if their number changed or what they
cost by a class. One that waits for a budget is not among them: the budget says what it waits for. Any answer takes an
order out, the last one ends the alert.

Each log partition counts the orders of its own styles: the supplier and the partition stand where a device would.
"""

from collections.abc import Iterator

from inventory.alerts.conditions import hold_under
from inventory.alerts.open import Condition, OpenAlert
from inventory.alerts.shortages import shortage_of
from inventory.replenishment.orders import Order
from inventory.state import LocationStock, SkuState
from inventory.turn import Touched, Turn
from schemas.facts import utc
from schemas.wording import amount

UNANSWERED_ORDER = "unanswered_order"
_MILLISECONDS_PER_HOUR, _SAID_AGAIN_MS = 3_600_000, 24 * 3_600_000

Missed = tuple[SkuState, LocationStock, Order]


def watch(turn: Turn, touched: Touched) -> None:
    """Note since when the suggestion of one SKU at one location waits for whom, and whether it was answered."""
    stock = touched.stock
    if stock.book.suggestion is not None:
        _note(stock.book.suggestion)
    _take_out(turn, touched.sku, touched.location, stock)


def review(turn: Turn, before_ms: int) -> None:
    """As the clock moves on from ``before_ms``: what became overdue, by SKU and location, and what is to be said of it.

    An order that ended in the same message is not among them any more, though its stock was not decided on yet.
    """
    clock_ms = turn.saying.occurred_at_ms = turn.state.core.clock_ms
    for location, supplier in sorted(turn.state.missed):
        for name in sorted(turn.state.missed[(location, supplier)]):
            sku = turn.state.skus[name]
            _take_out(turn, sku, location, sku.locations[location])
    for name, location in sorted(set(turn.state.orders.values())):
        sku = turn.state.skus[name]
        stock = sku.locations[location]
        order = stock.book.suggestion
        if order is not None and stock.missed_of is None and _is_overdue(turn, stock):
            stock.missed_of = order.supplier
            turn.state.missed.setdefault((location, order.supplier), set()).add(name)
            turn.state.touch(sku.item.style)
    for location, supplier in sorted(turn.state.missed):
        known = turn.state.core.device_alerts.get(_key(location, supplier))
        if known is None or _days(known, clock_ms) > _days(known, before_ms):
            _say(turn, location, supplier, known)


def _days(known: OpenAlert, at_ms: int) -> int:
    """Whole days since an alert began."""
    return (at_ms - known.starts_at_ms) // _SAID_AGAIN_MS


def _note(order: Order) -> None:
    """It waits since it was said as it is; what is told late is said at an earlier time than the clock's."""
    with_person = order.status == "pending"
    if order.waits_since_ms < 0 or order.waits_for_person != with_person:
        order.waits_since_ms, order.waits_for_person = order.said_at_ms, with_person


def _is_overdue(turn: Turn, stock: LocationStock) -> bool:
    order, hours = stock.book.suggestion, turn.rules.unanswered_hours
    if order is None or hours <= 0.0 or order.waits_since_ms < 0 or (order.status == "pending" and order.budgets):
        return False
    return turn.now_at(stock) - order.waits_since_ms >= int(hours * _MILLISECONDS_PER_HOUR)


def _take_out(turn: Turn, sku: SkuState, location: str, stock: LocationStock) -> None:
    """An order that is not overdue any more, or is of another supplier by now; after the last the alert is over."""
    supplier, order = stock.missed_of, stock.book.suggestion
    if supplier is None or (order is not None and order.supplier == supplier and _is_overdue(turn, stock)):
        return
    stock.missed_of = None
    turn.state.touch(sku.item.style)
    missed = turn.state.missed[(location, supplier)]
    missed.discard(sku.item.sku)
    if not missed:
        del turn.state.missed[(location, supplier)]
        over = f"orders of {supplier or 'no named supplier'} for {location} were answered or taken back"
        _hold(turn, location, supplier, over, (0.0, ""), true=False)


def _say(turn: Turn, location: str, supplier: str, known: OpenAlert | None) -> None:
    """How many there are, since when, and what they and their lack cost."""
    missed = list(_missed(turn, location, supplier))
    orders = [order for _, _, order in missed]
    persons = sum(order.waits_for_person for order in orders)
    waits = [
        f"{count} for {whom}" for count, whom in ((len(orders) - persons, "the ERP"), (persons, "a person")) if count
    ]
    oldest = min(orders, key=lambda order: (order.waits_since_ms, order.order_id))
    units = sum(order.quantity for order in orders)
    count = (
        f"{amount(len(orders), 'order')} of {supplier or 'no named supplier'} for {location} wait"
        f"{'' if len(orders) > 1 else 's'} for an answer ({', '.join(waits)}), "
    )
    since = f"the oldest since {utc(oldest.waits_since_ms):%Y-%m-%d %H:%M} UTC"
    again = known is not None and not known.told.summary.startswith(count)
    risk = _risk(turn, location, missed)
    _hold(turn, location, supplier, f"{count}{amount(units)}{_worth(missed)}, {since}", risk, true=True, again=again)


def _risk(turn: Turn, location: str, missed: list[Missed]) -> tuple[float | None, str]:
    """Margin an hour that their lack costs and its currency; nothing is said where there are several."""
    currency = _currency(missed)
    if not currency:
        return None, ""
    lost = (shortage_of(turn, Touched(sku, location, stock), order) for sku, stock, order in missed)
    return round(sum(one.margin_per_hour for one in lost), 4), currency


def _missed(turn: Turn, location: str, supplier: str) -> Iterator[Missed]:
    """In order of the SKU."""
    for name in sorted(turn.state.missed[(location, supplier)]):
        sku = turn.state.skus[name]
        stock = sku.locations[location]
        if stock.book.suggestion is not None:
            yield sku, stock, stock.book.suggestion


def _worth(missed: list[Missed]) -> str:
    """What they cost, where the cost of all is known in one currency."""
    costs = [order.quantity * order.unit_cost for _, _, order in missed if order.unit_cost is not None]
    currency = _currency(missed)
    return f" worth {sum(costs):.2f} {currency}" if currency and len(costs) == len(missed) else ""


def _currency(missed: list[Missed]) -> str:
    """Of all of them; empty where there are several."""
    currencies = {sku.item.currency for sku, _, _ in missed}
    return currencies.pop() if len(currencies) == 1 else ""


def _hold(
    turn: Turn,
    location: str,
    supplier: str,
    summary: str,
    risk: tuple[float | None, str],
    *,
    true: bool,
    again: bool = False,
) -> None:
    who = f"{supplier}/{turn.state.partition}"
    condition = Condition(
        UNANSWERED_ORDER, "warning", summary, location, device=who, money_at_risk_per_hour=risk[0], currency=risk[1]
    )
    hold_under(turn, _key(location, supplier), condition, true=true, at_once=True, again=again)


def _key(location: str, supplier: str) -> str:
    return f"{UNANSWERED_ORDER}|{len(location)}|{location}|{supplier}"
