"""Whatever is told late, an alert, a task or an order never goes back in time."""

import itertools

from schemas.facts import Alert, Reorder, Transfer
from schemas.observations import ItemDefined, LaneDefined, OrderAcknowledged, RulesChanged, SupplierDefined
from tests.inventory.logs import DAY, HOUR, START, Log


def test_an_alert_ended_by_what_came_late_ends_no_earlier_than_it_was_raised(log: Log) -> None:
    """Nine o'clock's sale empties the shop; then a delivery of six o'clock is booked."""
    log.tell(RulesChanged("r", {"keep_firing_hours": 0.0}, 0), log.measured("opening", 4))
    log.tell(log.sale(4, START + 9 * HOUR))
    log.tell(log.moved("receipt", 50, START + 6 * HOUR))
    told = [alert for alert in log.said(Alert) if alert.kind == "stockout"]
    assert [alert.state for alert in told] == ["firing", "resolved"]
    assert told[0].occurred_at <= told[1].occurred_at


def test_one_that_comes_again_by_what_came_late_is_said_no_earlier_than_the_last_one_ended(log: Log) -> None:
    log.tell(RulesChanged("r", {"keep_firing_hours": 0.0}, 0), log.measured("opening", 4))
    for hour in (9, 6, 5):
        log.tell(log.sale(4, START + hour * HOUR))
        log.tell(log.moved("receipt", 4, START + (hour - 1) * HOUR))
    told = [alert for alert in log.said(Alert) if alert.kind == "stockout"]
    assert [alert.state for alert in told] == ["firing", "resolved"] * 3
    assert all(a.occurred_at <= b.occurred_at for a, b in itertools.pairwise(told))


def test_an_answer_that_is_older_than_the_amendment_it_comes_after_is_said_at_the_amendments_time(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))
    log.tell(log.sale(5, START + HOUR))
    first, amended = log.said(Reorder)[0], log.said(Reorder)[-1]
    assert amended.status == "amended"
    log.tell(OrderAcknowledged(first.order_id, "acknowledged", START, revision=1, quantity=first.quantity))
    late = log.said(Reorder)[-1]
    assert late.reason.startswith("acknowledged")
    assert late.occurred_at == amended.occurred_at


def test_a_transfer_too(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1))
    log.tell(LaneDefined("rome", "paris", 0, lead_time_days=1, cost_per_unit=0.1, cost_per_trip=0.0))
    log.tell(log.measured("opening", 200, location="rome"))
    log.tell(log.measured("opening", 10))
    for day in range(1, 6):
        log.tell(log.sale(2, START + day * DAY))
    transfer = log.said(Transfer)[-1]
    log.tell(OrderAcknowledged(transfer.order_id, "acknowledged", START))
    answered = log.said(Transfer)[-1]
    assert answered.status == "acknowledged"
    assert answered.occurred_at >= transfer.occurred_at
