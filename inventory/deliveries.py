"""Order-to-receipt pairs: what a supplier did with an order, for its record.

An order counts from when the ERP acknowledged it, and from when it was proposed if goods come without a word before.
What nobody took says nothing of the supplier: a suggestion that was rejected or withdrawn.
"""

from inventory.replenishment import suppliers
from inventory.replenishment.lead_time import stated
from inventory.replenishment.orders import OPEN, REFUSED, SUGGESTED, Order
from inventory.replenishment.suppliers import OpenOrder, Receipt
from inventory.replenishment.supply_book import Known
from inventory.state import PartitionState
from inventory.supply import lead_time_of, supplier_named
from inventory.turn import Turn

MILLISECONDS_PER_DAY = 86_400_000
_NEARLY_ALL = 0.95
_TELLING_TIMES = 6.0
"""Beyond so many times the median, waiting longer tells nothing more: the order may be lost."""


def learn(
    turn: Turn,
    location: str,
    order: Order,
    at_ms: int,
    expected_at_ms: int | None = None,
    *,
    acknowledged: bool = False,
) -> None:
    """Learn what is new about an order that something was told of: taken, a part came or went back, over."""
    if not order.supplier or order.learned:
        return
    if order.promised_at_ms < 0 and expected_at_ms is not None:
        order.promised_at_ms = expected_at_ms
    taken_units = order.taken if order.status in SUGGESTED else order.quantity
    if order.placed_at_ms < 0:
        if taken_units <= 0 or order.status in REFUSED:
            return
        placed_at_ms = max(at_ms, order.proposed_at_ms) if acknowledged else order.proposed_at_ms
        _place(turn.state, location, order, taken_units, placed_at_ms)
    supply, days = turn.state.supply, (at_ms - order.placed_at_ms) / MILLISECONDS_PER_DAY
    known = (supply.lane(order.supplier, location), supply.of(order.supplier))
    if order.status in OPEN:
        order.placed_units = max(order.placed_units, taken_units)
    _count(known, order, days, in_time=_day(at_ms) <= _day(promised_at_ms(turn.state, order)))
    if order.status not in OPEN:
        _close(known, order, min(days, telling_days(turn.state, order.supplier, location)))
    for one in known:
        one.news = True
    turn.state.supply_changed = True


def promised_at_ms(state: PartitionState, order: Order) -> int:
    """The first date the ERP told; without one the day by which 95 % should come as reference data states."""
    if order.promised_at_ms >= 0:
        return order.promised_at_ms
    supplier = supplier_named(state, order.supplier)
    days = stated(supplier.lead_time_days, supplier.lead_time_sd_days).quantile(_NEARLY_ALL)
    return order.placed_at_ms + days * MILLISECONDS_PER_DAY


def open_orders(state: PartitionState, at_ms: int) -> dict[str, dict[str, list[OpenOrder]]]:
    """Orders that suppliers took and did not fill yet, by supplier and location, the youngest first."""
    found: dict[str, dict[str, list[OpenOrder]]] = {}
    for order_id, (sku, location) in state.orders.items():
        order = state.skus[sku].locations[location].book.find(order_id)
        if order is None or order.placed_at_ms < 0 or order.learned:
            continue
        units = min(order.outstanding, order.placed_units - order.came_units)
        if units > 0:
            lanes = found.setdefault(order.supplier, {})
            lanes.setdefault(location, []).append(_open(state, order, units, at_ms))
    return {
        supplier: {location: sorted(found[supplier][location], key=_by_age) for location in sorted(found[supplier])}
        for supplier in sorted(found)
    }


def telling_days(state: PartitionState, supplier: str, location: str) -> float:
    """Waiting that says how long a lane takes; an order that is out for longer may never come."""
    return _TELLING_TIMES * max(_within(state, supplier, location, 0.5), 1)


def _within(state: PartitionState, supplier: str, location: str, probability: float) -> int:
    return lead_time_of(state, supplier_named(state, supplier), location).quantile(probability)


def _place(state: PartitionState, location: str, order: Order, units: int, at_ms: int) -> None:
    """Taken late it comes late, where the ERP told no date."""
    order.placed_at_ms, order.placed_units = at_ms, units
    lead_time = lead_time_of(state, supplier_named(state, order.supplier), location)
    order.due_at_ms = at_ms + lead_time.quantile(_NEARLY_ALL) * MILLISECONDS_PER_DAY
    if order.promised_at_ms < 0:
        order.expected_at_ms = max(order.expected_at_ms, at_ms + lead_time.mean_ms)


def _count(known: tuple[Known, ...], order: Order, days: float, *, in_time: bool) -> None:
    """Parts that came since, or went back; more than was ordered is all of it."""
    came = min(order.came, order.placed_units)
    units = came - order.came_units
    for one in known:
        if units > 0:
            suppliers.receive(one.record, Receipt(days, units / order.placed_units))
        elif units < 0:
            suppliers.take_back(one.record, Receipt(days, -units / order.placed_units))
    order.came_units = came
    order.on_time_units = min(order.on_time_units + max(units, 0) * in_time, came)


def _close(known: tuple[Known, ...], order: Order, waited_days: float) -> None:
    for one in known:
        came, on_time = order.came_units / order.placed_units, order.on_time_units / order.placed_units
        suppliers.close(one.record, came, on_time, waited_days)
    order.learned = True


def _open(state: PartitionState, order: Order, units: int, at_ms: int) -> OpenOrder:
    promised_ms = (_day(promised_at_ms(state, order)) + 1) * MILLISECONDS_PER_DAY
    waited = max(at_ms - order.placed_at_ms, 0) / MILLISECONDS_PER_DAY
    return OpenOrder(waited, units / order.placed_units, (promised_ms - order.placed_at_ms) / MILLISECONDS_PER_DAY)


def _by_age(order: OpenOrder) -> tuple[float, float, float]:
    return order.days, order.share, order.promised_days or 0.0


def _day(at_ms: int) -> int:
    return at_ms // MILLISECONDS_PER_DAY
