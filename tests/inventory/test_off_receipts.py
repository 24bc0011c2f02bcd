"""Orders that brought less or more than was ordered: told once it is certain, ended when it is settled."""

import pytest

from schemas.facts import Alert, Reorder
from schemas.observations import ItemDefined, OrderAcknowledged, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

SHORT, OVER = "short_receipt", "over_receipt"


@pytest.fixture
def order(log: Log) -> Reorder:
    """Taken by the ERP, to come tomorrow."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 10))
    log.tell(Tick(START))
    log.tell(log.sale(10))
    order = log.said(Reorder)[0]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START, expected_at_ms=START + DAY))
    return order


def _states(log: Log, kind: str) -> list[str]:
    return [alert.state for alert in log.said(Alert) if alert.kind == kind]


def _come(log: Log, order: Reorder, units: int, at_ms: int = START + HOUR) -> None:
    log.tell(log.moved("receipt", units, at_ms, order_id=order.order_id))


def test_less_is_told_when_the_erp_says_that_this_was_all_with_units_and_money(log: Log, order: Reorder) -> None:
    _come(log, order, order.quantity - 5)
    assert _states(log, SHORT) == [], "goods come in parts"
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=order.quantity - 5))
    (alert,) = (alert for alert in log.said(Alert) if alert.kind == SHORT)
    assert f"5 units less than the {order.quantity} of {order.order_id[:8]}, worth" in alert.summary
    assert "worth 100.00 EUR" in alert.summary
    assert alert.money_at_risk_per_hour is not None


def test_one_is_no_units(log: Log, order: Reorder) -> None:
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=order.quantity - 1))
    (alert,) = (alert for alert in log.said(Alert) if alert.kind == SHORT)
    assert ": 1 unit less than the " in alert.summary


@pytest.mark.parametrize("answered_first", [True, False])
def test_the_rest_ends_it(log: Log, order: Reorder, *, answered_first: bool) -> None:
    answer = OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=order.quantity - 5)
    if answered_first:
        log.tell(answer)
        _come(log, order, order.quantity - 5)
    else:
        _come(log, order, order.quantity - 5)
        log.tell(answer)
    assert _states(log, SHORT)[-1] == "firing"
    _come(log, order, 5, START + 2 * HOUR)
    assert _states(log, SHORT)[-1] == "resolved"
    assert _states(log, OVER) == []
    assert log.at().book.off == []


def test_a_part_that_came_of_a_late_order_is_less_until_it_is_closed(log: Log, order: Reorder) -> None:
    _come(log, order, order.quantity - 5)
    log.tell(Tick(START + 2 * DAY))
    assert _states(log, SHORT) == []
    log.tell(Tick(START + 3 * DAY))
    assert _states(log, SHORT) == ["firing"]
    log.tell(OrderAcknowledged(order.order_id, "cancelled", START + 3 * DAY))
    assert _states(log, SHORT) == ["firing", "resolved"]


@pytest.mark.parametrize("parts", [[3], [0, 3]])
def test_more_is_told_whether_it_comes_at_once_or_afterwards_and_ends_when_it_goes_back(
    log: Log, order: Reorder, parts: list[int]
) -> None:
    _come(log, order, order.quantity + parts[0])
    for more in parts[1:]:
        assert _states(log, OVER) == []
        _come(log, order, more, START + 2 * HOUR)
    (alert,) = (alert for alert in log.said(Alert) if alert.kind == OVER)
    assert "3 units more" in alert.summary
    _come(log, order, -3, START + 3 * HOUR)
    assert _states(log, OVER) == ["firing", "resolved"]


def test_all_that_was_ordered_is_no_alert(log: Log, order: Reorder) -> None:
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR))
    log.tell(*(Tick(START + day * DAY) for day in range(1, 4)))
    _come(log, order, order.quantity, START + 3 * DAY)  # booked late: the very units that were answered
    assert _states(log, SHORT) == _states(log, OVER) == []
    assert log.at().book.off == []


def test_what_nobody_settles_is_told_for_a_week(log: Log, order: Reorder) -> None:
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=order.quantity - 5))
    _come(log, order, order.quantity - 5)
    for day in range(1, 7):
        log.tell(Tick(START + day * DAY + 2 * HOUR))
    assert "resolved" not in _states(log, SHORT)
    log.tell(*(Tick(START + day * DAY + 2 * HOUR) for day in (7, 8)))
    assert _states(log, SHORT)[-1] == "resolved"
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))
