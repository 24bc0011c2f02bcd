"""Alerts and tasks: raised once, resolved once, named by what they are about."""

import pytest

from schemas.facts import Alert, DemandForecast, DemandQuality, Reorder, StockLevel, Task
from schemas.observations import DeviceReported, ItemDefined, OrderAcknowledged, RulesChanged, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

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
    log.tell(*(Tick(START + day * DAY) for day in range(1, 5)))
    assert log.said(Reorder)[-1].reason.startswith("less is needed by now: position 1 ")
    said = log.tell(Tick(START + 5 * DAY))
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
