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


def _second(log: Log, order: Reorder) -> Reorder:
    """Another order of the same SKU, taken once the first is received."""
    log.tell(log.sale(order.quantity, START + 3 * HOUR))
    second = next(said for said in log.said(Reorder) if said.order_id != order.order_id)
    log.tell(OrderAcknowledged(second.order_id, "acknowledged", START + 3 * HOUR, expected_at_ms=START + DAY))
    return second


def test_each_order_has_an_alert_of_its_own_that_starts_with_it(log: Log, order: Reorder) -> None:
    """The first brings 5 too few, the second 4: the second is no news of the first."""
    for one, missing, hours in ((order, 5, 1), (_second(log, order), 4, 4)):
        log.tell(OrderAcknowledged(one.order_id, "received", START + hours * HOUR, quantity=one.quantity - missing))
    told = [alert for alert in log.said(Alert) if alert.kind == SHORT]
    assert [alert.state for alert in told] == ["firing", "firing"]
    assert len({alert.alert_id for alert in told}) == len({alert.fingerprint for alert in told}) == 2
    for alert, missing in zip(told, (5, 4), strict=True):
        assert f": {missing} units less than the " in alert.summary
        assert alert.summary.count("less") == 1
    assert told[0].starts_at < told[1].starts_at
    assert told[0].device in told[0].fingerprint


def test_one_that_is_settled_leaves_the_other(log: Log, order: Reorder) -> None:
    second = _second(log, order)
    for one in (order, second):
        log.tell(OrderAcknowledged(one.order_id, "received", START + 4 * HOUR, quantity=one.quantity - 5))
        _come(log, one, one.quantity - 5, START + 4 * HOUR)
    _come(log, order, 5, START + 5 * HOUR)
    (resolved,) = (alert for alert in log.said(Alert) if alert.kind == SHORT and alert.state == "resolved")
    assert resolved.device == order.order_id
    assert order.order_id[:8] in resolved.summary
    assert [key for key in log.at().alerts if key.startswith(SHORT)] == [f"{SHORT}|{second.order_id}"]


def test_what_it_says_is_not_said_twice_however_much_is_at_risk_meanwhile(log: Log, order: Reorder) -> None:
    _come(log, order, order.quantity - 5)
    log.tell(OrderAcknowledged(order.order_id, "received", START + HOUR, quantity=order.quantity - 5))
    for hour in range(2, 12):
        log.tell(log.sale(max(order.quantity // 12, 1), START + hour * HOUR))
    told = [alert for alert in log.said(Alert) if alert.kind == SHORT]
    assert len(told) == len({alert.summary for alert in told}) == 1


MADE_UP = "6f1c2b1e-7e57-4c1c-9d5e-0a1b2c3d4e5f"


@pytest.mark.parametrize(("name", "shown"), [("PO-4711", "PO-4711"), (MADE_UP, MADE_UP[:8])])
def test_goods_of_an_order_nobody_placed_are_booked_and_told(log: Log, name: str, shown: str) -> None:
    log.tell(log.measured("opening", 10))
    log.tell(log.moved("receipt", 4, START + HOUR, order_id=name))
    assert log.at().ledger.on_hand == 14
    (alert,) = (alert for alert in log.said(Alert) if alert.kind == OVER)
    assert f"4 units came for order {shown}, which restockd does not wait for" in alert.summary
    assert (alert.location, alert.sku) == ("paris", "jeans-32")
    log.tell(log.moved("receipt", 2, START + 2 * HOUR, order_id=name))
    assert "6 units came" in log.said(Alert)[-1].summary
    log.tell(log.moved("receipt", -6, START + 3 * HOUR, order_id=name))
    assert log.said(Alert)[-1].state == "resolved"
    assert log.at().book.off == []


@pytest.mark.parametrize(("name", "told"), [("PO-4711", []), (MADE_UP, ["firing"])])
def test_goods_of_another_name_that_an_order_waits_for(log: Log, order: Reorder, name: str, told: list[str]) -> None:
    """A number of the ERP's own, which it has not told, may be that of the order; an id that is none of ours is not."""
    log.tell(log.moved("receipt", 4, START + HOUR, order_id=name))
    assert log.said(Reorder)[-1].reason == f"4 of {order.quantity} units received"
    assert _states(log, OVER) == told


def test_goods_ordered_past_restockd_are_awaited_under_any_name(log: Log) -> None:
    log.tell(log.measured("opening", 10), log.supplied("ordered", 6, document="PO-4711"))
    log.tell(log.moved("receipt", 6, START + HOUR, order_id="PO-4711"))
    assert _states(log, OVER) == []


def test_a_receipt_that_is_told_before_the_number_it_names_is_settled_by_it(log: Log) -> None:
    """The ERP's receipts and its answers are on two topics, in either order."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0), log.measured("opening", 10), Tick(START))
    log.tell(log.sale(10))
    order = log.said(Reorder)[0]
    log.tell(log.moved("receipt", 4, START + HOUR, order_id="PO-7"))
    assert _states(log, OVER) == ["firing"]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + HOUR, "PO-7", expected_at_ms=START + DAY))
    assert _states(log, OVER) == ["firing", "resolved"]


def test_a_receipt_without_an_order_is_nothing_to_tell(log: Log) -> None:
    log.tell(log.measured("opening", 10), log.moved("receipt", 4, START + HOUR, document="DN-1"))
    assert _states(log, OVER) == []
