"""Transfers that do not come: said, not counted on, and over after some time; and told in parts, in any order."""

import itertools

import pytest

from inventory.reports import position_of
from schemas.facts import Alert, StockLevel, Transfer
from schemas.observations import ApprovalGiven, OrderAcknowledged, RulesChanged, Tick
from tests.inventory.logs import DAY, HOUR, START, Log
from tests.inventory.transfers import Shop, settle


def _proposed(log: Log, spare: int = 50, lead_days: float = 7.0) -> Transfer:
    """Paris sold out; the lane takes a day and leaves at midnight, so what leaves on day 0 is due a day after that."""
    settle(log, [Shop("paris", 4), Shop("lyon", spare + 1)], lead_days=lead_days)
    log.tell(log.sale(4))
    return next(fact for fact in log.said(Transfer))


def _pass(log: Log, first: int, last: int) -> None:
    for day in range(first, last + 1):
        log.tell(Tick(START + day * DAY))


def _ship(log: Log, transfer: Transfer, units: int = 0) -> None:
    named = {"order_id": transfer.order_id, "counterpart": "paris"}
    log.tell(log.moved("transfer_out", -(units or transfer.quantity), START + HOUR, "lyon", **named))


def _arrive(log: Log, transfer: Transfer, units: int, at_ms: int) -> None:
    log.tell(log.moved("transfer_in", units, at_ms, order_id=transfer.order_id, counterpart="lyon"))


def _late(log: Log) -> list[Alert]:
    return [alert for alert in log.said(Alert) if alert.kind == "late_transfer"]


def test_what_was_shipped_and_does_not_come_is_late(log: Log) -> None:
    transfer = _proposed(log)
    _ship(log, transfer)
    due_at_ms = log.at().transfers[0].due_at_ms
    days = (due_at_ms - START) // DAY
    _pass(log, 1, days + 1)
    assert _late(log) == [], "a day is waited"
    assert position_of(log.at()).on_order - log.at().book.on_order == transfer.quantity
    _pass(log, days + 2, days + 2)
    (alert,) = _late(log)
    worth = 20.0 * transfer.quantity
    told = f"{transfer.quantity} units from lyon to paris, {days + 2 - (due_at_ms - START) // DAY} days late"
    assert (alert.state, alert.location, alert.sku) == ("firing", "paris", "jeans-32")
    assert alert.summary.startswith(f"late transfers of jeans-32: {transfer.order_id[:8]} (")
    assert told in alert.summary
    assert f"worth {worth:.2f} EUR" in alert.summary
    assert alert.money_at_risk_per_hour is not None
    assert alert.money_at_risk_per_hour > 0.0, "paris has none to sell"
    others = [one.quantity for one in log.at().transfers if one.order_id != transfer.order_id]
    assert position_of(log.at()).on_order == log.at().book.on_order + sum(others)
    assert [level.in_transit for level in log.said(StockLevel) if level.location == "paris"][-1] == 0


def test_a_late_transfer_does_not_keep_another_from_being_proposed(log: Log) -> None:
    transfer = _proposed(log, spare=200)
    _ship(log, transfer)
    _pass(log, 1, 4)
    ids = [fact.order_id for fact in log.said(Transfer) if fact.status == "proposed"]
    assert ids[0] == transfer.order_id
    assert len(ids) == len(set(ids)) == 2


def test_what_never_comes_is_lost_and_taken_if_it_comes_all_the_same(log: Log) -> None:
    log.tell(RulesChanged("quick", {"transfer_late_days": 2.0, "transfer_lost_days": 3.0}, 0))
    transfer = _proposed(log)
    _ship(log, transfer)
    _pass(log, 1, 10)
    (over,) = [fact for fact in log.said(Transfer) if fact.order_id == transfer.order_id and fact.status == "cancelled"]
    assert over.reason.startswith("lost: shipped")
    assert over.revision == transfer.revision + 1
    assert [alert.state for alert in _late(log)] == ["firing", "resolved"]
    assert log.at("lyon").ledger.on_hand == 50 - transfer.quantity
    assert log.at().ledger.on_hand == 0
    _arrive(log, transfer, transfer.quantity, START + 10 * DAY + HOUR)
    assert log.at().ledger.on_hand == transfer.quantity


def test_what_was_approved_and_never_left_ends_too(log: Log) -> None:
    transfer = _proposed(log)
    log.tell(ApprovalGiven(transfer.order_id, "accept", 0, "ann"))
    _pass(log, 1, 5)
    assert [alert.state for alert in _late(log)] == ["firing"]
    _pass(log, 6, 25)
    mine = [fact for fact in log.said(Transfer) if fact.order_id == transfer.order_id]
    assert (mine[-1].status, mine[-1].reason.split(":")[0]) == ("cancelled", "never shipped")
    assert _late(log)[-1].state == "resolved"
    assert log.at("lyon").ledger.on_hand == 50


def test_a_late_one_that_gets_further_is_counted_on_again(log: Log) -> None:
    transfer = _proposed(log, spare=transfer_units())
    log.tell(OrderAcknowledged(transfer.order_id, "acknowledged", START + HOUR))
    _pass(log, 1, 5)
    assert _late(log)[-1].state == "firing"
    log.tell(OrderAcknowledged(transfer.order_id, "shipped", START + 5 * DAY + HOUR))
    assert _late(log)[-1].state == "resolved"
    mine = next(one for one in log.at().transfers if one.order_id == transfer.order_id)
    assert mine.coming == transfer.quantity


def transfer_units() -> int:
    """So few that the first transfer takes all that can be spared."""
    return 20


@pytest.mark.parametrize("parts", [(1, 32), (10, 23), (32, 1)])
def test_told_of_its_arrival_in_parts_before_it_left_it_stays_open(log: Log, parts: tuple[int, int]) -> None:
    transfer = _proposed(log)
    first, rest = parts[0], transfer.quantity - parts[0]
    _arrive(log, transfer, first, START + HOUR)
    (mine,) = log.at().transfers
    assert (mine.status, mine.received, mine.coming) == ("shipped", first, rest)
    _ship(log, transfer)
    assert position_of(log.at()).on_order - log.at().book.on_order == rest
    _arrive(log, transfer, rest, START + 2 * HOUR)
    assert log.at().transfers == []
    assert (log.at().ledger.on_hand, log.at("lyon").ledger.on_hand) == (transfer.quantity, 50 - transfer.quantity)
    assert log.said(Transfer)[-1].status == "received"


def test_in_any_order_of_parts_it_ends_received_and_never_counts_twice() -> None:
    for order in itertools.permutations(range(3)):
        log = Log()
        transfer = _proposed(log)
        news = [
            lambda log=log, one=transfer: _ship(log, one),
            lambda log=log, one=transfer: _arrive(log, one, 10, START + HOUR),
            lambda log=log, one=transfer: _arrive(log, one, one.quantity - 10, START + HOUR),
        ]
        for number in order:
            news[number]()
            coming = position_of(log.at()).on_order - log.at().book.on_order
            assert log.at().ledger.on_hand + coming == transfer.quantity, order
        assert log.at().transfers == []
        statuses = [fact.status for fact in log.said(Transfer)]
        assert statuses[-1] == "received" or statuses.count("received") == 1
