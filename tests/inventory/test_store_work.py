"""Refills and counts, told by sweeps, zone moves and counts."""

import re

import pytest

from schemas.facts import Alert, Task
from schemas.observations import DeviceReported, ItemDefined, ItemsSeen, OfferDefined, RulesChanged, TagSeen, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all


def tags(count: int, sku: str = "jeans-32") -> tuple[str, ...]:
    return tuple(f"{sku}-tag-{number}" for number in range(count))


def swept(log: Log, heard: tuple[str, ...], at_ms: int, zone: str = "sales_floor", sku: str = "jeans-32") -> None:
    if heard:
        seen = tuple(TagSeen(tag, 1, -50.0, at_ms, at_ms) for tag in heard)
        log.tell(ItemsSeen(log.key(), "paris", sku, "jeans", zone, f"reader-{zone}", at_ms, seen))
    log.tell(DeviceReported("paris", zone, f"reader-{zone}", "reader", "sweep_ended", at_ms, "", len(heard)))


def of(log: Log, kind: str) -> list[Task]:
    return [task for task in log.said(Task) if task.kind == kind]


def test_a_refill_is_seen_done_by_readers_and_asked_for_again_when_the_floor_sold(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=60.0, cost=20.0, shelf_minimum_units=3))
    log.tell(log.measured("opening", 6, START, zone="back_room", epcs=tags(6)))
    (task,) = of(log, "refill")
    assert (task.status, task.quantity, task.money_at_risk_per_hour) == ("open", 3, 0.0)
    for hour in range(1, 4):
        swept(log, tags(6)[:3], START + hour * HOUR)
        swept(log, tags(6)[3:], START + hour * HOUR + 1, "back_room")
    done = of(log, "refill")[-1]
    assert (done.task_id, done.status, done.reason) == (task.task_id, "done", "floor 3 by readers")
    log.tell(log.sale(3, START + 5 * HOUR, epcs=tags(6)[:3]))
    again = of(log, "refill")[-1]
    assert (again.status, again.quantity) == ("open", 3)
    assert again.reason == "floor 0, back room 3 by readers"
    assert again.money_at_risk_per_hour == pytest.approx(3.0 * 40.0 / 24.0), "three a day, none of them on the floor"


def test_money_at_risk_is_counted_with_what_the_cheapest_supplier_asks_as_orders_are(log: Log) -> None:
    """60 less 5, not the item's own 20: three a day of which none is on the floor, and then none in the shop."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=60.0, cost=20.0, shelf_minimum_units=3))
    log.tell(OfferDefined("weaver", "jeans", 5.0, 0), OfferDefined("mill", "jeans", 19.0, 0))
    log.tell(log.measured("opening", 6, START, zone="back_room", epcs=tags(6)))
    for hour in range(1, 4):
        swept(log, tags(6)[:3], START + hour * HOUR)
        swept(log, tags(6)[3:], START + hour * HOUR + 1, "back_room")
    log.tell(log.sale(3, START + 5 * HOUR, epcs=tags(6)[:3]))
    assert of(log, "refill")[-1].money_at_risk_per_hour == pytest.approx(3.0 * 55.0 / 24.0)
    log.tell(log.sale(3, START + 6 * HOUR, epcs=tags(6)[3:]))
    (out,) = [alert for alert in log.said(Alert) if alert.kind == "stockout"]
    assert out.money_at_risk_per_hour == pytest.approx(6.0 * 55.0 / 24.0, abs=1e-4)


def doubtful(log: Log, *skus: str) -> None:
    """Ten are in the book of each; readers hear all of them for a day, then six, day after day."""
    for sku in skus:
        log.tell(ItemDefined(sku, "jeans", 0, price=60.0, cost=20.0))
        log.tell(log.measured("opening", 10, START - 8 * DAY, zone="sales_floor", epcs=tags(10, sku), sku=sku))
    for day in range(8):
        at_ms = START - 8 * DAY + day * DAY + 9 * HOUR
        for sku in skus:
            seen = tuple(TagSeen(tag, 1, -50.0, at_ms, at_ms) for tag in tags(6 if day else 10, sku))
            log.tell(ItemsSeen(log.key(), "paris", sku, "jeans", "sales_floor", "r1", at_ms, seen))
        log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "sweep_ended", at_ms, "", 6 * len(skus)))
    log.tell(Tick(START + DAY + HOUR))


def test_a_record_in_doubt_is_to_be_counted_and_the_count_ends_it(log: Log) -> None:
    doubtful(log, "jeans-32")
    (task,) = of(log, "count")
    assert task.status == "open"
    assert "book 10" in task.reason
    assert re.search(r"\d+\.\d\d EUR at stake$", task.reason)
    log.tell(log.measured("count", 6, START + DAY + 2 * HOUR))
    assert [one.status for one in of(log, "count")] == ["open", "done"]
    assert log.at().ledger.on_hand == 6


def test_its_reason_is_that_of_the_book_as_it_is_by_now(log: Log) -> None:
    """Said again when the book is another, under the same task; nothing is said where only the clock moved."""
    doubtful(log, "jeans-32")
    log.tell(log.sale(1, START + DAY + 2 * HOUR))
    first, again = of(log, "count")
    assert first.reason.startswith("book 10, believed ")
    assert again.reason.startswith("book 9, believed ")
    assert (again.task_id, again.status, first.fact_id != again.fact_id) == (first.task_id, "open", True)
    assert again.occurred_at > first.occurred_at
    log.tell(Tick(START + DAY + 3 * HOUR))
    assert len(of(log, "count")) == 2
    log.tell(log.measured("count", 6, START + DAY + 4 * HOUR))
    assert [one.status for one in of(log, "count")] == ["open", "open", "done"]
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))


def test_a_doubt_that_is_settled_takes_the_task_back(log: Log) -> None:
    doubtful(log, "jeans-32")
    swept(log, tags(10), START + DAY + 9 * HOUR)
    assert [one.status for one in of(log, "count")] == ["open", "cancelled"]


def test_only_so_many_at_a_time(log: Log) -> None:
    log.tell(RulesChanged("r", {"count_tasks": 2}, 0))
    doubtful(log, *(f"jeans-{size}" for size in range(32, 37)))
    assert len(of(log, "count")) == 2
    log.tell(Tick(START + 2 * DAY + HOUR))
    assert len(of(log, "count")) == 2
    log.tell(log.measured("count", 6, START + 2 * DAY + 2 * HOUR, sku=of(log, "count")[0].sku))
    log.tell(Tick(START + 3 * DAY + HOUR))
    assert len([one for one in of(log, "count") if one.status == "open"]) == 3


def test_where_the_book_is_right_nothing_is_counted(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=60.0, cost=20.0))
    log.tell(log.measured("opening", 6, START, zone="sales_floor", epcs=tags(6)))
    for hour in range(6):
        swept(log, tags(6), START + (hour + 1) * HOUR)
    log.tell(Tick(START + DAY + HOUR))
    assert not of(log, "count")
