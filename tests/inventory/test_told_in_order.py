"""Whatever is told late, an alert, a task or an order never goes back in time, nor runs ahead of the stores' clock."""

import itertools
from typing import Any

import pytest
from hypothesis import given, strategies

from schemas.facts import Alert, Reorder, StockLevel, Transfer, utc
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    LaneDefined,
    LocationDefined,
    OfferDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, RECORDED, START, Log


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


@pytest.mark.parametrize("dated", [True, False])
def test_a_verdict_that_nobody_dated_is_given_by_the_stores_clock(dated: bool) -> None:
    """The broker's clock is years ahead of what a demo lives through, or a replay."""
    log = _asking({"approval_limit": 10.0})
    order = log.said(Reorder)[-1]
    log.tell(Tick(START + 2 * DAY))
    log.tell(ApprovalGiven(order.order_id, "accept", START + DAY if dated else 0, "ann"))
    approved = log.said(Reorder)[-1]
    assert (order.status, approved.status, approved.reason) == ("pending", "approved", "accepted by ann")
    assert approved.occurred_at == utc(START + (1 if dated else 2) * DAY)
    assert max(fact.occurred_at for fact in log.facts if hasattr(fact, "occurred_at")) < utc(RECORDED)


def test_so_is_what_the_erp_did_and_what_follows_from_it() -> None:
    log = _asking({})
    order = log.said(Reorder)[-1]
    log.tell(Tick(START + 2 * DAY))
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", 0))
    log.tell(OrderAcknowledged(order.order_id, "received", 0, quantity=1))
    assert [one.occurred_at for one in log.said(Reorder)[-2:]] == [utc(START + 2 * DAY)] * 2
    assert log.said(StockLevel)[-1].occurred_at == utc(START + 2 * DAY)


def test_and_what_reference_data_ends() -> None:
    log = _asking({})
    log.tell(Tick(START + 2 * DAY))
    log.tell(LocationDefined("paris", "store", 0, replenished=False))
    assert log.said(Reorder)[-1].status == "cancelled"
    assert log.said(Reorder)[-1].occurred_at == utc(START + 2 * DAY)


def test_a_sale_after_the_clocks_hour_is_before_the_verdict_that_follows_it() -> None:
    """The clock ticks by the hour, and the stock knows better."""
    log = _asking({"approval_limit": 10.0})
    log.tell(Tick(START + 2 * DAY))
    log.tell(log.sale(1, START + 2 * DAY + HOUR // 2))
    log.tell(ApprovalGiven(log.said(Reorder)[-1].order_id, "accept", 0, "ann"))
    assert log.said(Reorder)[-1].occurred_at == utc(START + 2 * DAY + HOUR // 2)


def _asking(rules: dict[str, float]) -> Log:
    """A shop that has just suggested an order."""
    log = Log()
    log.tell(RulesChanged("r", rules, 0))
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))
    return log


hours = strategies.one_of(strategies.none(), strategies.integers(-72, 24))
steps = strategies.tuples(
    strategies.sampled_from(("sale", "receipt", "verdict", "answer", "answer", "answer", "offer", "rules")),
    hours,
    strategies.integers(0, 3),
    strategies.sampled_from((None, 0, 3, 40)),
    strategies.sampled_from(("acknowledged", "acknowledged", "shipped", "received", "rejected", "cancelled")),
    strategies.sampled_from(("accept", "reject", "modify")),
)


@given(strategies.lists(steps, min_size=1, max_size=25))
def test_no_state_of_an_order_is_older_than_the_one_before(lived: list[tuple[Any, ...]]) -> None:
    """Whoever answers, dated or not, late or early, the last revision or an older one, once or twice."""
    log = _asking({})
    for step, (kind, hour, which, quantity, status, verdict) in enumerate(lived):
        clock_ms = START + (step + 1) * 8 * HOUR
        at_ms = 0 if hour is None else max(clock_ms + hour * HOUR, START)
        named = log.said(Reorder)[-1 - which % len(log.said(Reorder))]
        log.tell(
            {
                "sale": log.sale((quantity or 0) + 1, at_ms or clock_ms),
                "receipt": log.moved("receipt", (quantity or 0) + 1, at_ms or clock_ms, order_id=named.order_id),
                "verdict": ApprovalGiven(named.order_id, verdict, at_ms, "ann", quantity or 1),
                "answer": OrderAcknowledged(
                    named.order_id, status, at_ms, quantity=quantity, revision=named.revision if which % 2 else None
                ),
                "offer": OfferDefined("weaver", "jeans", 5.0 + which, 0),
                "rules": RulesChanged("r", {"approval_limit": 50.0 * which}, at_ms),
            }[kind],
            Tick(clock_ms),
        )
    told: dict[str, list[Reorder]] = {}
    for fact in log.said(Reorder):
        told.setdefault(fact.order_id, []).append(fact)
    for facts in told.values():
        for before, after in itertools.pairwise(facts):
            assert before.occurred_at <= after.occurred_at
            assert before.revision <= after.revision
    assert all(fact.occurred_at < utc(RECORDED) for fact in log.said(Reorder))


@given(
    strategies.lists(
        strategies.tuples(
            strategies.sampled_from(("verdict", "answer", "answer", "sale", "receipt")),
            hours,
            strategies.sampled_from((None, 0, 3)),
            strategies.sampled_from(("acknowledged", "shipped", "received", "cancelled")),
            strategies.sampled_from(("accept", "reject", "modify")),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_nor_of_a_transfer(lived: list[tuple[Any, ...]]) -> None:
    log = Log()
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1))
    log.tell(LaneDefined("rome", "paris", 0, lead_time_days=1, cost_per_unit=0.1, cost_per_trip=0.0))
    log.tell(log.measured("opening", 200, location="rome"), log.measured("opening", 10))
    for day in range(1, 6):
        log.tell(log.sale(2, START + day * DAY))
    for step, (kind, hour, quantity, status, verdict) in enumerate(lived):
        clock_ms = START + 5 * DAY + (step + 1) * 8 * HOUR
        at_ms = 0 if hour is None else clock_ms + hour * HOUR
        named = log.said(Transfer)[-1]
        told = {
            "verdict": ApprovalGiven(named.order_id, verdict, at_ms, "ann", quantity or 1),
            "answer": OrderAcknowledged(named.order_id, status, at_ms, quantity=quantity),
            "sale": log.sale((quantity or 0) + 1, at_ms or clock_ms),
            "receipt": log.moved("transfer_in", quantity or 1, at_ms or clock_ms, order_id=named.order_id),
        }
        log.tell(told[kind], Tick(clock_ms))
    by_id: dict[str, list[Transfer]] = {}
    for fact in log.said(Transfer):
        by_id.setdefault(fact.order_id, []).append(fact)
    for facts in by_id.values():
        assert all(before.occurred_at <= after.occurred_at for before, after in itertools.pairwise(facts))
    assert all(fact.occurred_at < utc(RECORDED) for fact in log.said(Transfer))
