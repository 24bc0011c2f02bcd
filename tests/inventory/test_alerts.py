"""Alerts and tasks: raised once, resolved once, named by what they are about."""

import pytest

from schemas.facts import Alert, DemandForecast, DemandQuality, Reorder, StockLevel, Task
from schemas.observations import (
    ApprovalGiven,
    DeviceReported,
    ItemDefined,
    OrderAcknowledged,
    OrderStatus,
    RulesChanged,
    Tick,
)
from sinks.channels.slack import LONGEST_LINE
from tests.inventory.logs import DAY, HOUR, RECORDED, START, Log, fold_all

MINUTE = 60_000


def _states(log: Log, kind: str) -> list[str]:
    return [alert.state for alert in log.said(Alert) if alert.kind == kind]


def test_a_stockout_fires_once_and_ends_once(log: Log) -> None:
    log.tell(log.measured("opening", 2))
    log.tell(log.sale(2))
    log.tell(log.sale(1, START + HOUR))
    log.tell(log.moved("receipt", 9, START + 2 * HOUR))
    log.tell(log.moved("receipt", 9, START + 3 * HOUR))
    log.tell(Tick(START + 4 * HOUR))
    assert _states(log, "stockout") == ["firing", "resolved"]
    assert _states(log, "negative_book") == ["firing", "resolved"]
    fired, resolved = (alert for alert in log.said(Alert) if alert.kind == "stockout")
    assert fired.alert_id == resolved.alert_id
    assert fired.starts_at == resolved.starts_at < resolved.ends_at


def test_what_comes_back_within_the_hour_is_the_same_alert(log: Log) -> None:
    log.tell(log.measured("opening", 9))
    log.tell(log.sale(9))
    morning = START + DAY
    log.tell(Tick(morning))
    for minute in range(0, 600, 20):
        log.tell(log.moved("receipt", 5, morning + minute * MINUTE), Tick(morning + minute * MINUTE))
        log.tell(log.sale(5, morning + (minute + 10) * MINUTE))
    assert _states(log, "stockout") == ["firing"]


def test_an_alert_ends_an_hour_after_its_condition_and_says_when_that_was(log: Log) -> None:
    log.tell(log.measured("opening", 2))
    log.tell(log.sale(2))
    log.tell(log.moved("receipt", 9, START + HOUR), Tick(START + HOUR))
    log.tell(Tick(START + 2 * HOUR - MINUTE))
    assert _states(log, "stockout") == ["firing"]
    log.tell(Tick(START + 2 * HOUR))
    assert _states(log, "stockout") == ["firing", "resolved"]
    (ended,) = (alert.ends_at for alert in log.said(Alert) if alert.kind == "stockout" and alert.state == "resolved")
    assert ended.timestamp() * 1000 == START + HOUR
    assert log.state.quiet == set()


def test_the_hour_is_counted_from_the_event_though_the_clock_stands_at_the_last_whole_hour(log: Log) -> None:
    nine = START + 9 * HOUR
    log.tell(log.measured("opening", 4))
    log.tell(Tick(nine))
    log.tell(log.sale(4, nine + 50 * MINUTE))
    log.tell(log.moved("receipt", 1, nine + 59 * MINUTE))
    log.tell(Tick(nine + HOUR))
    log.tell(log.sale(1, nine + 61 * MINUTE))
    assert _states(log, "stockout") == ["firing"]
    log.tell(log.moved("receipt", 1, nine + 70 * MINUTE))
    log.tell(Tick(nine + 2 * HOUR))
    assert _states(log, "stockout") == ["firing"]
    log.tell(Tick(nine + 3 * HOUR))
    assert _states(log, "stockout") == ["firing", "resolved"]


def test_a_device_speaks_for_an_hour_before_its_silence_is_over(log: Log) -> None:
    log.tell(Tick(START))
    log.tell(_device("disconnected"))
    log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "connected", START + 59 * MINUTE))
    log.tell(Tick(START + HOUR))
    log.tell(_device("disconnected", 1))
    assert _states(log, "device_silent") == ["firing"]


def test_an_answer_of_the_erp_by_another_clock_does_not_delay_the_end(log: Log) -> None:
    log.tell(log.measured("opening", 9))
    log.tell(log.sale(9))
    order = log.said(Reorder)[0]
    taken = OrderAcknowledged(order.order_id, "acknowledged", RECORDED)
    log.tell(log.moved("receipt", 5, START + HOUR), taken)
    log.tell(Tick(START + 2 * HOUR))
    assert _states(log, "stockout") == ["firing", "resolved"]


def test_an_alert_that_waits_for_its_end_is_kept_with_the_state(log: Log) -> None:
    log.tell(log.measured("opening", 2))
    log.tell(log.sale(2))
    log.tell(log.moved("receipt", 9, START + HOUR), Tick(START + HOUR))
    log.tell(Tick(START + 3 * HOUR))
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))


@pytest.mark.parametrize("hours", [0.0, 5.0])
def test_the_rules_say_how_long_an_alert_waits_for_its_end(log: Log, hours: float) -> None:
    log.tell(RulesChanged("r1", {"keep_firing_hours": hours}, 0))
    log.tell(log.measured("opening", 2))
    log.tell(log.sale(2))
    log.tell(log.moved("receipt", 9, START + HOUR), Tick(START + HOUR))
    assert _states(log, "stockout") == (["firing", "resolved"] if hours == 0.0 else ["firing"])
    log.tell(Tick(START + 7 * HOUR))
    assert _states(log, "stockout") == ["firing", "resolved"]


def test_a_book_that_was_never_opened_is_silent(log: Log) -> None:
    log.tell(log.sale(3))
    assert log.said(Alert) == []


def _device(event: str, hour: int = 0, *, section: str = "", device: str = "r1") -> DeviceReported:
    return DeviceReported("paris", "sales_floor", device, "reader", event, START + hour * HOUR, section)


def test_a_silent_device_fires_once_and_ends_with_any_sign_of_life(log: Log) -> None:
    for hour, event in enumerate(["disconnected", "disconnected", "sweep_started", "connected"]):
        log.tell(_device(event, hour))
    log.tell(Tick(START + 3 * HOUR), Tick(START + 4 * HOUR))
    assert _states(log, "device_silent") == ["firing", "resolved"]
    assert log.state.core.device_alerts == {}


@pytest.mark.parametrize("section", ["inventory idle", "antenna 3"])
def test_a_part_that_is_off_is_no_silent_device(log: Log, section: str) -> None:
    assert log.tell(_device("disconnected", section=section)) == []


def test_overflow_ends_with_a_whole_sweep(log: Log) -> None:
    for event in ("overflow", "connected", "sweep_ended"):
        log.tell(_device(event))
    log.tell(Tick(START), Tick(START + HOUR))
    assert _states(log, "data_quality") == ["firing", "resolved"]


def test_a_device_that_flaps_is_one_alert(log: Log) -> None:
    log.tell(*(_device(event) for event in ("disconnected", "connected", "disconnected")))
    assert _states(log, "device_silent") == ["firing"]


def test_only_partition_0_speaks_of_devices() -> None:
    assert Log(partition=1).tell(_device("disconnected")) == []


def test_devices_do_not_share_an_alert(log: Log) -> None:
    log.tell(_device("disconnected", device="r1"), _device("disconnected", device="r2"))
    log.tell(_device("connected", device="r1"))
    log.tell(Tick(START), Tick(START + HOUR))
    assert list(log.state.core.device_alerts) == ["device_silent|r2"]


def test_a_late_order_is_told_of_and_ends_with_its_receipt(log: Log) -> None:
    log.tell(log.measured("opening", 5))
    log.tell(log.sale(4))
    order = log.said(Reorder)[0]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START, expected_at_ms=START + DAY))
    for day in range(1, 5):
        log.tell(Tick(START + day * DAY))
    assert _states(log, "late_order") == ["firing"]
    log.tell(log.moved("receipt", order.quantity, START + 4 * DAY, order_id=order.order_id))
    assert _states(log, "late_order") == ["firing", "resolved"]


def test_a_tick_is_no_evidence_of_stock(log: Log) -> None:
    log.tell(log.measured("opening", 5))
    log.tell(log.sale(4))
    log.tell(OrderAcknowledged(log.said(Reorder)[0].order_id, "acknowledged", START))
    log.tell(Tick(START + 5 * DAY))
    level = log.said(StockLevel)[-1]
    assert level.occurred_at.timestamp() * 1000 == START + 5 * DAY
    assert level.last_evidence_at.timestamp() * 1000 == START


def test_a_day_that_ends_says_nothing_where_time_alone_changes_nothing(log: Log) -> None:
    log.tell(log.measured("opening", 5))
    log.tell(log.sale(4))
    assert log.at().book.suggestion is not None
    log.tell(*(Tick(START + day * DAY) for day in range(1, 6)))
    last = log.said(Reorder)[-1]
    assert last.inputs is not None
    assert last.reason == f"less is needed by now: position 1, up to {last.inputs.order_up_to_level}"
    said = log.tell(Tick(START + 6 * DAY))
    assert [fact for fact in said if not isinstance(fact, DemandForecast | DemandQuality)] == []


def test_a_refill_opens_and_closes(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, shelf_minimum_units=3))
    log.tell(log.measured("opening", 9, zone="back_room"))
    log.tell(log.moved("zone_move", 2, START + HOUR))
    log.tell(log.moved("zone_move", 2, START + 2 * HOUR))
    tasks = log.said(Task)
    assert [(task.status, task.quantity) for task in tasks] == [("open", 3), ("done", 0)]
    assert len({task.task_id for task in tasks}) == 1


def test_a_refill_with_nothing_left_to_fetch_is_cancelled(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, shelf_minimum_units=3))
    log.tell(log.measured("opening", 2, zone="back_room"))
    log.tell(log.moved("write_off", -2, START + HOUR, zone="back_room"))
    assert [task.status for task in log.said(Task)] == ["open", "cancelled"]


def test_an_empty_facing_while_the_book_has_some(log: Log) -> None:
    log.tell(log.measured("opening", 5))
    log.tell(log.measured("camera", 0, START + HOUR, gap=True))
    log.tell(log.measured("camera", 3, START + 2 * HOUR))
    log.tell(Tick(START + 4 * HOUR))
    assert _states(log, "shelf_gap") == ["firing", "resolved"]
    assert log.at().ledger.on_hand == 5, "a camera moves no stock"


def _asked(log: Log, **rules: float) -> Reorder:
    log.tell(RulesChanged("r1", dict(rules), 0))
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 40))
    log.tell(Tick(START))
    log.tell(log.sale(38, START))
    return log.said(Reorder)[0]


def test_an_order_that_nobody_answers_is_said_after_the_hours_of_the_rules_and_once(log: Log) -> None:
    _asked(log)
    log.tell(Tick(START + 47 * HOUR))
    assert _states(log, "unanswered_order") == []
    for day in range(2, 30):
        log.tell(*(Tick(START + day * DAY + hour * HOUR) for hour in range(24)))
    assert _states(log, "unanswered_order")[0] == "firing"
    (alert,) = {alert.alert_id for alert in log.said(Alert) if alert.kind == "unanswered_order"}
    first = next(alert for alert in log.said(Alert) if alert.kind == "unanswered_order")
    assert alert == first.alert_id
    assert first.starts_at.timestamp() * 1000 == START + 48 * HOUR
    assert (first.money_at_risk_per_hour or 0.0) > 0.0
    assert "the ERP" in first.summary


@pytest.mark.parametrize("answer", ["acknowledged", "shipped", "rejected", "received"])
def test_any_answer_ends_it(log: Log, answer: str) -> None:
    order = _asked(log)
    log.tell(Tick(START + 48 * HOUR))
    log.tell(OrderAcknowledged(order.order_id, answer, START + 49 * HOUR))
    assert _states(log, "unanswered_order") == ["firing", "resolved"]


def test_an_order_that_was_answered_in_time_is_not_missed(log: Log) -> None:
    order = _asked(log)
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 47 * HOUR))
    log.tell(*(Tick(START + hour * HOUR) for hour in range(1, 100)))
    assert _states(log, "unanswered_order") == []


def test_no_hours_of_the_rules_is_no_such_alert(log: Log) -> None:
    _asked(log, unanswered_hours=0.0)
    log.tell(*(Tick(START + hour * HOUR) for hour in range(1, 100)))
    assert _states(log, "unanswered_order") == []


def test_the_erp_has_its_hours_from_when_a_person_agreed(log: Log) -> None:
    order = _asked(log, approval_limit=1.0)
    log.tell(Tick(START + 48 * HOUR))
    waits = [alert.summary for alert in log.said(Alert) if alert.kind == "unanswered_order"]
    assert "a person" in waits[0]
    log.tell(ApprovalGiven(order.order_id, "accept", START + 49 * HOUR))
    assert _states(log, "unanswered_order") == ["firing", "resolved"]
    log.tell(Tick(START + 95 * HOUR))
    assert _states(log, "unanswered_order") == ["firing", "resolved"]
    log.tell(Tick(START + 98 * HOUR))
    assert _states(log, "unanswered_order") == ["firing", "resolved", "firing"]
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))


SIZES = ("jeans-30", "jeans-32", "jeans-34")


def _all_asked(log: Log, **more: str) -> list[Reorder]:
    for sku in SIZES:
        supplier = more.get(sku.replace("-", "_"), "mill")
        log.tell(ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier=supplier))
        log.tell(log.measured("opening", 40, sku=sku))
    log.tell(Tick(START))
    log.tell(*(log.sale(38, START, sku=sku) for sku in SIZES))
    return log.said(Reorder)


def _unanswered(log: Log) -> list[Alert]:
    return [alert for alert in log.said(Alert) if alert.kind == "unanswered_order"]


def test_orders_that_nobody_answers_are_one_alert_of_their_location_and_supplier(log: Log) -> None:
    orders = _all_asked(log)
    log.tell(*(Tick(START + hour * HOUR) for hour in range(1, 24 * 3)))
    (alert,) = _unanswered(log)
    units = sum(order.quantity for order in orders)
    assert (alert.location, alert.sku, alert.device) == ("paris", "", "mill/0")
    assert alert.summary == (
        f"3 orders of mill for paris wait for an answer (3 for the ERP), {units} units worth {20 * units}.00 EUR, "
        "the oldest since 2023-11-15 00:00 UTC"
    )
    assert len(alert.summary) <= LONGEST_LINE


def test_the_oldest_waits_since_the_time_its_order_says(log: Log) -> None:
    """Suggested for a sale told late, and approved between two hours of the clock."""
    log.tell(RulesChanged("r1", {"approval_limit": 1.0}, 0))
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 40))
    log.tell(log.sale(1, START), Tick(START + 5 * HOUR))
    log.tell(log.sale(38, START + HOUR + HOUR // 2))
    (pending,) = log.said(Reorder)
    log.tell(*(Tick(START + hour * HOUR) for hour in range(6, 51)))
    assert f"a person), {pending.quantity} units" in _unanswered(log)[0].summary
    assert _unanswered(log)[0].summary.endswith(f"since {pending.occurred_at:%Y-%m-%d %H:%M} UTC")
    log.tell(ApprovalGiven(pending.order_id, "accept", START + 51 * HOUR + HOUR // 4))
    approved = log.said(Reorder)[-1]
    log.tell(*(Tick(START + hour * HOUR) for hour in range(52, 101)))
    assert _unanswered(log)[-1].summary.endswith("since 2023-11-17 03:15 UTC")
    assert approved.occurred_at.timestamp() * 1000 == START + 51 * HOUR + HOUR // 4


def test_each_supplier_has_its_own(log: Log) -> None:
    _all_asked(log, jeans_34="weaver")
    log.tell(Tick(START + 48 * HOUR))
    assert sorted((alert.device, alert.summary[:7]) for alert in _unanswered(log)) == [
        ("mill/0", "2 order"),
        ("weaver/0", "1 order"),
    ]


def test_the_margin_of_what_runs_out_without_them_adds_up(log: Log) -> None:
    alone, together = Log(), log
    _asked(alone)
    _all_asked(together)
    for each in (alone, together):
        each.tell(Tick(START + 48 * HOUR))
    one, three = (_unanswered(each)[0].money_at_risk_per_hour or 0.0 for each in (alone, together))
    assert three == pytest.approx(3 * one, rel=0.01)


@pytest.mark.parametrize(("currencies", "told"), [(("USD", "USD", "USD"), "USD"), (("USD", "GBP", "USD"), None)])
def test_money_at_risk_is_in_the_currency_of_its_items(
    log: Log, currencies: tuple[str, str, str], told: str | None
) -> None:
    """Of orders in several currencies it is not added up."""
    for sku, currency in zip(SIZES, currencies, strict=True):
        log.tell(ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier="mill", currency=currency))
        log.tell(log.measured("opening", 40, sku=sku))
    log.tell(*(log.sale(39, START, sku=sku) for sku in SIZES))
    log.tell(Tick(START + 48 * HOUR))
    (alert,) = _unanswered(log)
    assert (alert.currency if alert.money_at_risk_per_hour is not None else None) == told
    log.tell(*(log.sale(3, START + 49 * HOUR, sku=sku) for sku in SIZES))
    below = {alert.sku: alert for alert in log.said(Alert) if alert.kind == "negative_book"}
    assert tuple(below[sku].currency for sku in SIZES) == currencies


def test_more_of_them_are_told_with_the_next_day_and_the_last_answer_ends_it(log: Log) -> None:
    first, second, third = _all_asked(log)
    log.tell(Tick(START + 48 * HOUR))
    log.tell(OrderAcknowledged(first.order_id, "acknowledged", START + 49 * HOUR))
    log.tell(*(Tick(START + hour * HOUR) for hour in range(49, 72)))
    assert [alert.summary[:8] for alert in _unanswered(log)] == ["3 orders"]
    log.tell(*(Tick(START + hour * HOUR) for hour in range(72, 24 * 6)))
    assert [alert.summary[:8] for alert in _unanswered(log)] == ["3 orders", "2 orders"]
    log.tell(OrderAcknowledged(second.order_id, "rejected", START + 144 * HOUR))
    assert [alert.state for alert in _unanswered(log)] == ["firing", "firing"]
    log.tell(OrderAcknowledged(third.order_id, "acknowledged", START + 144 * HOUR))
    assert [alert.state for alert in _unanswered(log)] == ["firing", "firing", "resolved"]
    assert len({alert.alert_id for alert in _unanswered(log)}) == 1
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))


@pytest.mark.parametrize("status", ["rejected", "cancelled", "acknowledged"])
def test_the_last_answer_may_come_in_one_message_with_a_later_hour(log: Log, status: OrderStatus) -> None:
    """A day after the alert was said; what ended in the message has nothing to be told of any more."""
    order = _asked(log)
    log.tell(Tick(START + 48 * HOUR))
    at_ms = START + 73 * HOUR
    log.tell(OrderAcknowledged(order.order_id, status, at_ms), Tick(at_ms))
    assert [alert.state for alert in _unanswered(log)] == ["firing", "resolved"]


def test_the_receipt_of_the_last_may_come_in_one_message_with_a_later_hour(log: Log) -> None:
    order = _asked(log)
    log.tell(Tick(START + 48 * HOUR))
    at_ms = START + 73 * HOUR
    log.tell(log.moved("receipt", order.quantity, at_ms, order_id=order.order_id), Tick(at_ms))
    assert [alert.state for alert in _unanswered(log)] == ["firing", "resolved"]


def test_a_need_that_is_gone_takes_its_order_out(log: Log) -> None:
    _all_asked(log)
    log.tell(Tick(START + 48 * HOUR))
    log.tell(*(log.moved("receipt", 1200, START + 49 * HOUR, sku=sku) for sku in SIZES))
    assert [alert.state for alert in _unanswered(log)] == ["firing", "resolved"]


def _risks(log: Log, kind: str) -> list[float | None]:
    return [alert.money_at_risk_per_hour for alert in log.said(Alert) if alert.kind == kind and alert.state == "firing"]


def test_a_late_order_puts_the_margin_of_what_runs_out_without_it_at_risk(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(10))
    order = log.said(Reorder)[0]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START, expected_at_ms=START + HOUR))
    log.tell(*(Tick(START + day * DAY + HOUR) for day in (1, 2)))
    (risk,) = _risks(log, "late_order")
    mean = [forecast.mean_per_day for forecast in log.said(DemandForecast)][-1]
    # nothing is there: all that is asked for in the lead time is lost, 30 a unit
    assert risk == pytest.approx(mean * 30.0 / 24.0, rel=0.01)


def test_what_cannot_be_ordered_puts_the_margin_of_what_runs_out_at_risk(log: Log) -> None:
    item = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, minimum_order_units=10, maximum_order_units=5)
    log.tell(item)
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(10))
    # 10 a day were sold, so 10 a day are expected
    assert _risks(log, "not_orderable") == [pytest.approx(10 * 30.0 / 24.0, rel=0.01)]


def test_a_book_below_zero_and_an_empty_facing_put_the_margin_of_what_is_not_sold_at_risk(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(8))
    log.tell(log.measured("camera", 0, START + HOUR, gap=True))
    log.tell(log.sale(4, START + 2 * HOUR))
    assert _risks(log, "shelf_gap") == [pytest.approx(8 * 30.0 / 24.0)]
    assert _risks(log, "negative_book") == [pytest.approx(12 * 30.0 / 24.0)]


def _counts(log: Log) -> list[str]:
    return [task.status for task in log.said(Task) if task.kind == "count"]


def _below_zero(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0))
    log.tell(log.measured("opening", 5))
    log.tell(Tick(START))
    log.tell(log.sale(7, START + HOUR))


def test_a_book_below_zero_is_to_be_counted_where_no_reader_sweeps_and_a_count_ends_it(log: Log) -> None:
    _below_zero(log)
    assert _counts(log) == []
    log.tell(Tick(START + DAY))
    (task,) = (task for task in log.said(Task) if task.kind == "count")
    assert (task.status, task.quantity) == ("open", 0)
    assert "book -2, which cannot be" in task.reason
    log.tell(log.measured("count", 3, START + DAY + HOUR))
    assert _counts(log) == ["open", "done"]


def test_goods_that_come_later_do_not_settle_why_the_book_was_below_zero(log: Log) -> None:
    """The task stays open, and says the book as it is now."""
    _below_zero(log)
    log.tell(Tick(START + DAY))
    log.tell(log.moved("receipt", 9, START + DAY + HOUR))
    assert _counts(log) == ["open", "open"]
    asked, again = (task for task in log.said(Task) if task.kind == "count")
    assert (asked.task_id, asked.reason[:8]) == (again.task_id, "book -2,")
    assert again.reason.startswith("book 7,")
    log.tell(log.measured("count", 11, START + DAY + 2 * HOUR))
    assert _counts(log) == ["open", "open", "done"]


@pytest.mark.parametrize("rules", [{"count_tasks": 0.0}, {"count_cost": 1e6}])
def test_the_rules_of_counts_hold_for_books_below_zero(log: Log, rules: dict[str, float | str | bool]) -> None:
    log.tell(RulesChanged("r1", rules, 0))
    _below_zero(log)
    log.tell(Tick(START + DAY))
    assert _counts(log) == []


def test_sales_that_left_their_forecast_are_told_by_each_log_partition() -> None:
    """A category may have styles in several partitions: their alerts are not one."""
    fingerprints = []
    for partition in (0, 1):
        one = Log(partition)
        one.tell(ItemDefined("jeans-32", "jeans", 0, category="denim"), one.measured("opening", 1_000_000))
        for day in range(60):
            one.tell(one.sale(200 if day < 45 else 800, START + day * DAY))
            one.tell(Tick(START + (day + 1) * DAY))
        (alert,) = (alert for alert in one.said(Alert) if alert.kind == "demand_drift")
        assert (alert.location, alert.device) == ("paris", f"denim/{partition}")
        fingerprints.append(alert.fingerprint)
    assert len(set(fingerprints)) == 2
