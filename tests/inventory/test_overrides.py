"""Who was right, the person or the policy: told as approvals and sales, days later."""

import pytest

from schemas.facts import OverrideScore, Reorder
from schemas.observations import ApprovalGiven, ItemDefined, OrderAcknowledged, RulesChanged, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

OPENING, A_DAY = 40, 4


@pytest.fixture
def log() -> Log:
    """A shop that sells four a day for six weeks, three days from its supplier; what it orders never comes."""
    told = Log()
    told.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill", category="denim"))
    told.tell(SupplierDefined("mill", 0, lead_time_days=3, lead_time_sd_days=0, review_period_days=1))
    told.tell(RulesChanged("r", {"carrying_share_per_year": 0.365}, 0))
    told.tell(told.measured("opening", OPENING, START - HOUR))
    return told


def sell(log: Log, days: range) -> None:
    for day in days:
        for hour in range(A_DAY):
            log.tell(log.sale(1, START + day * DAY + (9 + 2 * hour) * HOUR, unit_price=50.0))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


def suggestion(log: Log) -> Reorder:
    return log.said(Reorder)[-1]


def test_a_rejected_suggestion_is_held_against_the_demand_that_came(log: Log) -> None:
    sell(log, range(6))
    order = suggestion(log)
    assert order.status in {"proposed", "amended"}
    on_hand = log.at().ledger.on_hand
    log.tell(ApprovalGiven(order.order_id, "reject", START + 6 * DAY, by="ann", reason="too much"))
    assert not log.said(OverrideScore)
    sell(log, range(6, 14))
    (score,) = log.said(OverrideScore)
    assert (score.by, score.reason, score.suggested_units, score.chosen_units) == ("ann", "too much", order.quantity, 0)
    assert (score.days, score.position_units) == (4, on_hand)
    assert score.demand_units == pytest.approx(score.days * A_DAY, abs=1.0)
    left = on_hand - score.demand_units
    assert score.chosen_left_units == pytest.approx(max(left, 0.0), abs=1e-3)
    assert score.chosen_short_units == pytest.approx(max(-left, 0.0), abs=1e-3)
    assert score.suggested_left_units == pytest.approx(max(left + order.quantity, 0.0), abs=1e-3)
    # 20 x 0.365 / 365 = 0.02 a unit and day; a missed sale costs 50 - 20.
    assert score.suggested_cost == pytest.approx(score.suggested_left_units * 4 * 0.02, abs=1e-3)
    expected = score.chosen_short_units * 30.0 + score.chosen_left_units * 4 * 0.02
    assert score.chosen_cost == pytest.approx(expected, abs=1e-3)
    assert log.state.core.overrides == []


def test_on_the_first_day_too_an_order_is_scored_over_the_days_it_was_to_cover(log: Log) -> None:
    log.tell(log.sale(38, START + 9 * HOUR))
    log.tell(ApprovalGiven(suggestion(log).order_id, "reject", START + 10 * HOUR, by="ann"))
    sell(log, range(1, 8))
    (score,) = log.said(OverrideScore)
    assert score.days == 4


def test_a_change_of_the_buyer_in_the_erp_counts_and_plain_answers_do_not(log: Log) -> None:
    sell(log, range(6))
    order = suggestion(log)
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 6 * DAY, quantity=order.quantity))
    assert log.state.core.overrides == []
    log.tell(log.moved("receipt", order.quantity, START + 6 * DAY, order_id=order.order_id))
    sell(log, range(6, 16))
    later = suggestion(log)
    assert later.order_id != order.order_id
    log.tell(OrderAcknowledged(later.order_id, "acknowledged", START + 16 * DAY, quantity=later.quantity + 30))
    (one,) = log.state.core.overrides
    assert (one.by, one.suggested, one.chosen) == ("ERP", later.quantity, later.quantity + 30)


def test_changed_twice_is_held_against_what_was_suggested_first(log: Log) -> None:
    sell(log, range(6))
    order = suggestion(log)
    log.tell(ApprovalGiven(order.order_id, "modify", START + 6 * DAY, by="ann", quantity=order.quantity + 5))
    log.tell(OrderAcknowledged(order.order_id, "rejected", START + 6 * DAY))
    (one,) = log.state.core.overrides
    assert (one.by, one.suggested, one.chosen) == ("ERP", order.quantity, 0)


def test_what_waits_to_be_scored_outlives_a_checkpoint(log: Log) -> None:
    sell(log, range(6))
    log.tell(ApprovalGiven(suggestion(log).order_id, "reject", START + 6 * DAY, by="ann"))
    sell(log, range(6, 14))
    kept, stored = fold_all(log.messages), fold_all(log.messages, store_after=frozenset(range(20, 60, 3)))
    assert kept == stored
    assert any(b'"chosen_units"' in fact for fact in stored[1])
