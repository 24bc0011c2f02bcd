"""The life of a suggestion after a verdict: it stands, and what ends, ends with a reason the ERP sees."""

from random import Random

import pytest

from inventory.outlook import Demand
from inventory.replenishment.lead_time import stated
from inventory.replenishment.reorder import Terms, case_of
from schemas.facts import Alert, BudgetEntry, Reorder, StockLevel, Task
from schemas.observations import (
    ApprovalGiven,
    BudgetDefined,
    ItemDefined,
    LocationDefined,
    Observation,
    OfferDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

ITEM = {"price": 50.0, "cost": 20.0, "pack": 1, "supplier": "mill"}


def _asked(log: Log, **item: object) -> Reorder:
    """A shop that has sold 4 of 10 on its first day and so is proposed its first order."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, **{**ITEM, **item}))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))
    return _last(log)


def _last(log: Log) -> Reorder:
    return log.said(Reorder)[-1]


def _answer(order: Reorder, status: str, quantity: int | None = None) -> OrderAcknowledged:
    return OrderAcknowledged(order.order_id, status, START, quantity=quantity)


def test_what_a_person_made_of_it_stands_until_far_more_is_needed(log: Log) -> None:
    order = _asked(log)
    log.tell(ApprovalGiven(order.order_id, "modify", 0, "ann", order.quantity // 3))
    log.tell(log.sale(1, START + HOUR))
    assert (_last(log).status, _last(log).quantity, _last(log).revision) == ("approved", order.quantity // 3, 2)
    log.tell(log.sale(order.quantity, START + 2 * HOUR))
    assert (_last(log).order_id, _last(log).status) == (order.order_id, "amended")
    assert _last(log).quantity * 2 >= order.quantity * 3


def test_what_a_person_approved_above_the_limit_is_not_asked_again(log: Log) -> None:
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0))
    order = _asked(log)
    assert order.status == "pending"
    log.tell(ApprovalGiven(order.order_id, "accept", 0, "ann"))
    log.tell(log.sale(1, START + HOUR))
    assert (_last(log).status, _last(log).quantity) == ("approved", order.quantity)


def test_a_lower_limit_takes_back_to_a_person_what_nobody_has_taken(log: Log) -> None:
    order = _asked(log)
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0))
    assert (_last(log).order_id, _last(log).status, _last(log).revision) == (order.order_id, "pending", 2)
    assert "approval limit" in _last(log).reason


@pytest.mark.parametrize("limit", [0.0, 100_000.0])
def test_a_higher_limit_releases_what_waits(log: Log, limit: float) -> None:
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0))
    order = _asked(log)
    log.tell(RulesChanged("r2", {"approval_limit": 200.0}, 0))
    assert _last(log) == order, "still above it"
    log.tell(RulesChanged("r3", {"approval_limit": limit}, 0))
    assert (_last(log).order_id, _last(log).status, _last(log).revision) == (order.order_id, "amended", 2)
    assert "approval limit" in _last(log).reason
    assert _last(log).quantity == order.quantity


def test_a_higher_limit_leaves_what_waits_for_money(log: Log) -> None:
    """Its budget is told at once that no person is needed any more."""
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0))
    log.tell(BudgetDefined("all", 1e6, "EUR", START - DAY, START + 100 * DAY, 0))
    order = _asked(log)
    log.tell(RulesChanged("r2", {"approval_limit": 0.0}, 0))
    assert _last(log) == order
    assert [(claim.status, claim.needs_person) for claim in log.said(BudgetEntry)] == [
        ("pending", True),
        ("pending", False),
    ]


def test_a_lower_limit_leaves_what_the_erp_took(log: Log) -> None:
    order = _asked(log)
    log.tell(_answer(order, "acknowledged"))
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0), log.sale(1, START + HOUR))
    assert log.at().book.orders[0].status == "acknowledged"


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (ItemDefined("jeans-32", "jeans", 0, retired=True), "the item is retired"),
        (LocationDefined("paris", "store", 0, retired=True), "paris is retired"),
        (LocationDefined("paris", "store", 0, replenished=False), "paris is no longer replenished"),
    ],
)
def test_reference_data_alone_ends_a_suggestion(log: Log, stop: Observation, reason: str) -> None:
    order = _asked(log)
    log.tell(stop)
    assert (_last(log).order_id, _last(log).status, _last(log).reason) == (order.order_id, "cancelled", reason)
    assert log.at().book.on_order == 0


def test_a_season_that_ends_ends_what_is_suggested_at_the_days_end(log: Log) -> None:
    order = _asked(log, season_end_ms=START + 40 * DAY)
    log.tell(Tick(START + DAY))
    assert _last(log).order_id == order.order_id
    log.tell(ItemDefined("jeans-32", "jeans", 0, season_end_ms=START + 2 * DAY, **ITEM))
    log.tell(Tick(START + 3 * DAY))
    assert _last(log).status == "cancelled"
    assert log.at().book.on_order == 0


def test_a_retired_item_has_no_tasks_and_alerts(log: Log) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, shelf_minimum_units=3))
    log.tell(log.measured("opening", 9, zone="back_room"))
    log.tell(log.sale(1, START, zone="back_room"))
    log.tell(log.measured("camera", 0, START + HOUR, gap=True))
    assert [task.status for task in log.said(Task)] == ["open"]
    assert [alert.state for alert in log.said(Alert)] == ["firing"]
    log.tell(ItemDefined("jeans-32", "jeans", 0, retired=True))
    assert [task.status for task in log.said(Task)] == ["open", "cancelled"]
    assert [alert.state for alert in log.said(Alert)] == ["firing", "resolved"]


def _withdrawn(log: Log) -> Reorder:
    _asked(log)
    log.tell(log.moved("receipt", 500))
    assert _last(log).status == "cancelled"
    return _last(log)


def test_an_erp_that_had_bought_what_was_withdrawn_is_believed(log: Log) -> None:
    order = _withdrawn(log)
    log.tell(_answer(order, "acknowledged", 40))
    assert (_last(log).order_id, _last(log).status) == (order.order_id, "acknowledged")
    assert _last(log).reason.endswith("it was withdrawn too late")
    assert log.at().book.on_order == 40
    log.tell(log.moved("receipt", 40, START + DAY, order_id=order.order_id))
    assert (log.at().book.on_order, log.at().book.foreign_on_order) == (0, 0)
    assert _last(log).status == "received"


def test_an_erp_that_confirms_the_end_cannot_buy_after_it(log: Log) -> None:
    order = _withdrawn(log)
    log.tell(_answer(order, "cancelled"))
    assert log.tell(_answer(order, "acknowledged")) == []
    assert log.at().book.on_order == 0


@pytest.mark.parametrize("received", [0, 3])
def test_none_acknowledged_is_a_refusal_or_the_end_of_the_rest(log: Log, received: int) -> None:
    order = _asked(log)
    if received:
        log.tell(log.moved("receipt", received, order_id=order.order_id))
    log.tell(_answer(order, "acknowledged", 0))
    assert log.at().book.on_order == 0
    assert next(fact.status for fact in reversed(log.said(Reorder)) if fact.order_id == order.order_id) == (
        "received" if received else "rejected"
    )


@pytest.mark.parametrize("policy", ["order_up_to", "newsvendor"])
def test_who_orders_at_every_review_does_not_ask_for_more_within_it(log: Log, policy: str) -> None:
    log.tell(RulesChanged("r1", {"policy": policy} if policy == "newsvendor" else {}, 0))
    log.tell(ItemDefined("jeans-32", "jeans", 0, **ITEM))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=7))
    log.tell(log.measured("opening", 10), log.sale(4))
    for hour in range(1, 24):
        log.tell(log.sale(1, START + hour * HOUR))
    revisions = [order.revision for order in log.said(Reorder)]
    assert (revisions == [1]) == (policy == "newsvendor")


def test_a_cheaper_supplier_supersedes_the_order_of_the_other(log: Log) -> None:
    order = _asked(log)
    log.tell(SupplierDefined("weaver", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(OfferDefined("weaver", "jeans", 5.0, 0), log.sale(1, START + HOUR))
    before, now = log.said(Reorder)[-2:]
    assert (before.order_id, before.status, before.supplier) == (order.order_id, "superseded", "mill")
    assert (now.status, now.supplier, now.revision) == ("proposed", "weaver", 1)
    assert now.order_id != order.order_id
    assert len(log.at().book.orders) == 1


def test_an_approved_order_is_not_taken_to_another_supplier(log: Log) -> None:
    order = _asked(log)
    log.tell(ApprovalGiven(order.order_id, "accept", 0, "ann"))
    log.tell(SupplierDefined("weaver", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(OfferDefined("weaver", "jeans", 5.0, 0), log.sale(1, START + HOUR))
    assert (_last(log).order_id, _last(log).status, _last(log).supplier) == (order.order_id, "approved", "mill")


def test_all_that_comes_is_an_arrival_but_the_suggestion(log: Log) -> None:
    _asked(log)
    log.tell(log.supplied("ordered", 9, document="PO-7"))
    log.tell(log.reserved(8))
    item, demand = ItemDefined("jeans-32", "jeans", 0, **ITEM), Demand(2.0, 2.0, 9, 1, "plain")
    case = case_of(log.at(), item, demand, stated(7, 2), 1.0, START, Terms())
    assert case.arrivals == ((7, 9),)
    assert (case.on_hand, case.backorders, case.position) == (0, 2, 7)
    assert case.free_arrivals() == ([(7, 7)], 0)


def _history(chance: Random, log: Log) -> list[Observation]:
    """Sales and receipts, verdicts and answers on what is open, reference data that turns."""
    order = _last(log)
    told: list[Observation] = [
        log.sale(chance.choice((1, 2, 9))),
        log.moved("receipt", chance.choice((1, 30)), order_id=chance.choice(("", order.order_id))),
        ApprovalGiven(order.order_id, chance.choice(("accept", "reject", "modify")), 0, "ann", chance.choice((3, 40))),
        _answer(order, chance.choice(("acknowledged", "rejected", "cancelled")), chance.choice((None, 0, 5))),
        ItemDefined("jeans-32", "jeans", 0, **{**ITEM, "retired": chance.random() < 0.2}),
        LocationDefined("paris", "store", 0, replenished=chance.random() < 0.8),
        RulesChanged("r", {"approval_limit": chance.choice((0.0, 200.0))}, 0),
        OfferDefined("weaver", "jeans", chance.choice((5.0, 60.0)), 0),
    ]
    return chance.sample(told, chance.randint(1, 3))


@pytest.mark.parametrize("seed", range(30))
def test_laws_of_random_lives(seed: int) -> None:
    """One open suggestion at most, no id twice, a verdict stands in its message, and the log folds again the same."""
    chance, log = Random(seed), Log()
    _asked(log)
    for step in range(60):
        told = [*_history(chance, log), Tick(START + step * DAY // 3)]
        facts = log.tell(*told)
        judged = {one.order_id for one in told if isinstance(one, ApprovalGiven)}
        said = [fact for fact in facts if isinstance(fact, Reorder) and fact.order_id in judged]
        approved = [fact.status for fact in said].index("approved") if "approved" in [f.status for f in said] else None
        if approved is not None:
            assert not [fact for fact in said[approved + 1 :] if fact.status in {"amended", "pending"}]
        open_ones = [
            one for one in log.at().book.orders if one.status in {"proposed", "pending", "amended", "approved"}
        ]
        assert len(open_ones) <= 1
        for level in (fact for fact in facts if isinstance(fact, StockLevel)):
            assert level.on_order >= 0
    ids = [fact.fact_id for fact in log.facts]
    assert len(ids) == len(set(ids))
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(0, len(log.messages), 3)))
