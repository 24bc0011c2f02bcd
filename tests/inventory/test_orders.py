"""The life of a reorder, told as an ERP and people tell it: twice, late, short, or not at all."""

import itertools
from datetime import timedelta

import pytest

from inventory.replenishment.lead_time import stated
from inventory.replenishment.policies import Case, PeriodicMinMax
from inventory.replenishment.rounding import round_up
from inventory.rules import Rules, rules_from
from schemas.facts import Reorder, utc
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    LocationDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log


def _selling(log: Log, *, opening: int = 10, sold: int = 4) -> Reorder:
    """A shop that has sold ``sold`` on its first day and so is proposed its first order."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, pack=1, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2, review_period_days=1))
    log.tell(log.measured("opening", opening))
    log.tell(log.sale(sold))
    return log.said(Reorder)[-1]


def _answer(order: Reorder, status: str, quantity: int | None = None, **more: object) -> OrderAcknowledged:
    return OrderAcknowledged(order.order_id, status, START, quantity=quantity, **more)


def _open_orders(log: Log) -> list[str]:
    return [order.status for order in log.at().book.orders]


def test_the_inputs_of_every_order_recompute_it(log: Log) -> None:
    _selling(log)
    for hour in range(1, 15):
        log.tell(log.sale(1 + hour % 4, START + hour * HOUR), log.reserved(1))
    decided = [order for order in log.said(Reorder) if order.inputs is not None]
    assert len(decided) > 2
    assert any(order.status == "amended" for order in decided)
    for order in decided:
        told = order.inputs
        position = told.inventory_position
        lead_time = stated(7, 2)
        case = Case(told.mean_per_day, told.variance_per_day, lead_time, told.review_period_days, position)
        again = PeriodicMinMax(told.quantile_level, Rules().order_cover_days).decide(case)
        assert (told.reorder_point, told.order_up_to_level) == (again.reorder_point, again.order_up_to_level)
        assert told.safety_stock == again.safety_stock
        assert told.policy_terms == pytest.approx(again.made_of, abs=1e-6)
        assert told.inventory_position == max(told.on_hand, 0) + told.on_order - told.reserved <= told.reorder_point
        assert told.need_units == told.order_up_to_level - told.inventory_position
        assert order.quantity == round_up(told.need_units, told.minimum_order_units, told.pack_units)
        assert told.rounding_units == order.quantity - told.need_units


def test_amended_upwards_only_and_one_at_a_time(log: Log) -> None:
    _selling(log)
    for hour in range(1, 20):
        log.tell(log.sale(1, START + hour * HOUR))
    orders = log.said(Reorder)
    assert len({order.order_id for order in orders}) == 1
    assert [order.revision for order in orders] == list(range(1, len(orders) + 1))
    assert all(a.quantity < b.quantity for a, b in itertools.pairwise(orders))


def test_withdrawn_when_the_need_is_gone(log: Log) -> None:
    order = _selling(log)
    log.tell(log.moved("receipt", 500))
    gone = log.said(Reorder)[-1]
    assert (gone.order_id, gone.status, gone.revision) == (order.order_id, "cancelled", 2)
    assert log.at().book.on_order == 0
    log.tell(Tick(START + 40 * DAY))
    assert (log.state.orders, log.at().book.withdrawn) == ({}, [])


@pytest.mark.parametrize(
    "stop", [ItemDefined("jeans-32", "jeans", 0, retired=True), LocationDefined("paris", "store", 0, retired=True)]
)
def test_withdrawn_when_no_longer_replenished(log: Log, stop: ItemDefined | LocationDefined) -> None:
    _selling(log)
    log.tell(stop, log.sale())
    assert log.said(Reorder)[-1].status == "cancelled"


def test_the_erp_tells_everything_twice_in_any_order(log: Log) -> None:
    """Answer and movement of shipping and of receiving: 24 orders of telling, one truth."""
    for order_of_telling in itertools.permutations(range(4)):
        told = Log()
        order = _selling(told)
        told.tell(_answer(order, "acknowledged"))
        news = [
            _answer(order, "shipped", order.quantity),
            told.supplied("shipped", order.quantity, order_id=order.order_id),
            told.moved("receipt", order.quantity, order_id=order.order_id),
            _answer(order, "received", order.quantity),
        ]
        for number in order_of_telling:
            told.tell(news[number])
            book, on_hand = told.at().book, told.at().ledger.on_hand
            assert on_hand + book.on_order == 6 + order.quantity, order_of_telling
            assert book.in_transit <= book.on_order
        assert (book.orders, book.foreign_on_order, book.foreign_in_transit) == ([], 0, 0)
        assert len({fact.order_id for fact in told.said(Reorder)}) == 1, "nothing was ordered on top"
        assert told.said(Reorder)[-1].status == "received"


def test_units_answered_as_received_wait_for_their_receipt_a_day_at_most(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "received"))
    assert log.at().book.on_order == order.quantity
    log.tell(Tick(START + 3 * DAY))
    assert all(o.order_id != order.order_id for o in log.at().book.orders)


def test_a_receipt_of_an_order_that_is_over_is_not_taken_for_another(log: Log) -> None:
    first = _selling(log)
    log.tell(_answer(first, "acknowledged", erp_reference="E-1"))
    log.tell(log.moved("receipt", first.quantity, document="E-1"))
    log.tell(log.sale(400, START + 2 * DAY))
    second = log.said(Reorder)[-1]
    assert second.order_id != first.order_id
    log.tell(_answer(second, "acknowledged"))
    log.tell(log.supplied("ordered", 9, document="PO-foreign"))
    before = log.at().book.on_order
    for document in ({"document": "E-1"}, {"order_id": first.order_id}):
        log.tell(log.moved("receipt", 1, START + 2 * DAY, **document), log.supplied("shipped", 1, **document))
    assert log.at().book.on_order == before
    assert log.at().book.foreign_in_transit == 0


def test_a_short_delivery_ends_with_the_erps_word(log: Log) -> None:
    order = _selling(log)
    short = order.quantity - 3
    log.tell(_answer(order, "acknowledged"), log.supplied("shipped", short, order_id=order.order_id))
    log.tell(log.moved("receipt", short, order_id=order.order_id))
    assert (log.at().book.on_order, log.at().book.in_transit) == (3, 0)
    log.tell(_answer(order, "received", short))
    assert all(o.order_id != order.order_id for o in log.at().book.orders)


def test_an_over_delivery_closes_the_order_and_all_units_are_stock(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "acknowledged"))
    log.tell(log.moved("receipt", order.quantity + 5, order_id=order.order_id))
    assert log.at().book.on_order == 0
    assert log.at().ledger.on_hand == 6 + order.quantity + 5


def test_two_delivery_notes_add_up(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "acknowledged"))
    for part in (2, 3):
        log.tell(log.supplied("shipped", part, order_id=order.order_id))
    assert log.at().book.in_transit == 5


def test_a_receipt_without_an_answer_counts_as_one(log: Log) -> None:
    """Part of a suggestion came: the ERP has taken it, it is no suggestion any more."""
    order = _selling(log)
    log.tell(log.moved("receipt", 2, order_id=order.order_id))
    assert _open_orders(log)[0] == "acknowledged"


def test_a_retracted_receipt_is_awaited_again(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "acknowledged"))
    log.tell(log.moved("receipt", 2, order_id=order.order_id, key=9))
    log.tell(log.moved("receipt", 2, order_id=order.order_id, key=9, retracts=True))
    assert (log.at().book.on_order, log.at().ledger.on_hand) == (order.quantity, 6)


def test_cancelled_units_come_off_and_the_rest_stays(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "acknowledged"))
    log.tell(log.supplied("cancelled", 3, order_id=order.order_id))
    assert log.at().book.orders[0].quantity == order.quantity - 3


def test_the_erps_own_note_of_our_order_is_not_another_order(log: Log) -> None:
    order = _selling(log)
    log.tell(log.supplied("ordered", order.quantity, order_id=order.order_id, document="PO-7"))
    assert log.at().book.on_order == order.quantity
    log.tell(log.moved("receipt", order.quantity, document="PO-7"))
    assert log.at().book.on_order == 0


def test_foreign_orders_count_once(log: Log) -> None:
    log.tell(log.supplied("ordered", 10, document="PO-1"))
    log.tell(log.supplied("shipped", 7, document="PO-1"), log.supplied("cancelled", 3, document="PO-1"))
    assert (log.at().book.on_order, log.at().book.in_transit) == (7, 7)
    log.tell(log.moved("receipt", 7, document="PO-1"))
    assert (log.at().book.on_order, log.at().book.in_transit, log.at().ledger.on_hand) == (0, 0, 7)


def test_answers_out_of_order_and_twice(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "shipped"))
    assert not [fact for fact in log.tell(_answer(order, "acknowledged")) if isinstance(fact, Reorder)]
    assert _open_orders(log) == ["shipped"]
    assert not [fact for fact in log.tell(_answer(order, "shipped")) if isinstance(fact, Reorder)]
    assert log.tell(OrderAcknowledged("an order of another partition", "shipped", START)) == []


def test_the_idempotency_key_names_the_order_too(log: Log) -> None:
    order = _selling(log)
    log.tell(OrderAcknowledged(order.idempotency_key, "acknowledged", START, "E-3"))
    assert log.said(Reorder)[-1].erp_reference == "E-3"


def _rejected(log: Log, *, by_person: bool) -> Reorder:
    order = _selling(log)
    verdict = ApprovalGiven(order.order_id, "reject", 0, "ann") if by_person else _answer(order, "rejected")
    log.tell(verdict)
    assert log.said(Reorder)[-1].status == "rejected"
    return order


@pytest.mark.parametrize("by_person", [False, True])
def test_a_rejected_order_is_not_asked_for_again_at_once(log: Log, *, by_person: bool) -> None:
    order = _rejected(log, by_person=by_person)
    said = len(log.said(Reorder))
    for minute in range(1, 5):
        log.tell(log.reserved(0, START + minute * 60_000))
    log.tell(log.sale(1, START + HOUR))
    assert len(log.said(Reorder)) == said
    log.tell(log.sale(1, START + DAY + HOUR))
    again = log.said(Reorder)[-1]
    assert (again.status, again.order_id != order.order_id) == ("proposed", True)


def test_a_rejected_order_is_asked_for_again_when_half_as_much_more_is_needed(log: Log) -> None:
    order = _rejected(log, by_person=False)
    log.tell(log.sale(order.quantity, START + HOUR))
    assert log.said(Reorder)[-1].status == "proposed"


def test_every_refusal_in_a_row_doubles_the_wait(log: Log) -> None:
    _rejected(log, by_person=True)
    asked_on = []
    for day in range(1, 20):
        log.tell(log.reserved(0, START + day * DAY + HOUR))
        last = log.said(Reorder)[-1]
        if last.status == "proposed":
            asked_on.append(day)
            log.tell(ApprovalGiven(last.order_id, "reject", 0))
    assert asked_on == [1, 3, 7, 15], "waits of 1, 2, 4 and 8 days"


def test_what_a_person_approved_is_not_enlarged_back(log: Log) -> None:
    order = _selling(log)
    log.tell(ApprovalGiven(order.order_id, "modify", 0, "ann", quantity=2))
    approved = log.said(Reorder)[-1]
    assert (approved.status, approved.quantity, approved.revision) == ("approved", 2, 2)
    log.tell(log.reserved(0, START + HOUR))
    assert log.said(Reorder)[-1] == approved
    assert log.tell(ApprovalGiven(order.order_id, "modify", 0, "ann", quantity=2))[0].on_order == 2
    assert log.said(Reorder)[-1] == approved, "the same verdict again is no new revision"


def test_what_the_erp_reduced_is_not_asked_for_again_at_once(log: Log) -> None:
    order = _selling(log)
    log.tell(_answer(order, "acknowledged", order.quantity // 2))
    log.tell(log.reserved(0, START + HOUR))
    assert _open_orders(log) == ["acknowledged"]


def test_orders_over_the_limit_wait_for_a_person(log: Log) -> None:
    log.tell(RulesChanged("r1", {"approval_limit": 100.0}, 0))
    order = _selling(log)
    assert (order.status, order.inputs.rules_version) == ("pending", "r1")
    log.tell(ApprovalGiven(order.order_id, "accept", 0, "ann"))
    assert (log.said(Reorder)[-1].status, log.said(Reorder)[-1].quantity) == ("approved", order.quantity)


def test_a_rejection_is_a_new_revision_and_final(log: Log) -> None:
    order = _rejected(log, by_person=True)
    assert log.said(Reorder)[-1].idempotency_key == f"{order.order_id}:2"
    assert not log.tell(ApprovalGiven(order.order_id, "accept", 0))


def test_reservations_without_demand_are_ordered(log: Log) -> None:
    """5 promised, 1 there, nothing ever sold: 4 are needed and no more."""
    log.tell(log.measured("opening", 1))
    log.tell(log.reserved(5))
    order = log.said(Reorder)[-1]
    assert (order.quantity, order.inputs.backorders, order.inputs.inventory_position) == (4, 4, -4)


def test_orders_that_are_over_leave_nothing_behind(log: Log) -> None:
    order = _selling(log)
    for day in range(60):
        log.tell(_answer(order, "acknowledged"))
        log.tell(log.moved("receipt", order.quantity, START + day * DAY, order_id=order.order_id))
        log.tell(log.sale(max(log.at().ledger.on_hand, 1), START + day * DAY + HOUR))
        order = log.said(Reorder)[-1]
    assert len(log.at().book.orders) <= 1
    assert len(log.state.orders) <= 1
    assert len(log.at().book.closed) <= 16


def test_rules_that_cannot_be_used_are_left_out() -> None:
    bad = {"demand_half_life_days": 0, "cycle_service_level": 1.5, "review_period_days": "soon", "no_such": 1}
    assert rules_from("r9", bad) == Rules("r9")
    assert rules_from("r9", {**bad, "order_cover_days": 3}).order_cover_days == 3.0


def _priced(log: Log, price: float | None, cost: float | None, **rules: str) -> None:
    """Ten sold of ten, the season ending in 20 days, by these rules."""
    if rules:
        log.tell(RulesChanged("other", dict(rules), START))
    item = ItemDefined("jeans-32", "jeans", 0, price=price, cost=cost, supplier="mill", season_end_ms=START + 20 * DAY)
    log.tell(item, SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=2))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(10))


@pytest.mark.parametrize(
    ("price", "cost", "why"),
    [
        (None, 20.0, "the price is not known"),
        (50.0, None, "the cost is not known"),
        (20.0, 20.0, "the price is no higher than the cost"),
    ],
)
@pytest.mark.parametrize("policy", ["newsvendor", "min_max", "quantile_base_stock"])
def test_an_order_that_could_not_weigh_money_is_made_by_the_service_level_and_says_so(
    policy: str, price: float | None, cost: float | None, why: str
) -> None:
    """All at the 95 % that the rules ask for, as the policy that weighs nothing has it; unknown costs order no more."""
    plain, told = Log(), Log()
    _priced(plain, 50.0, 20.0, policy="quantile_base_stock")
    _priced(told, price, cost, policy=policy, rounding="economic")
    (served,), (order,) = plain.said(Reorder), told.said(Reorder)
    assert order.inputs is not None
    assert served.inputs is not None
    assert order.quantity == served.quantity
    assert order.inputs.warning.startswith(why)
    assert order.inputs.expected_costs == {}
    assert (served.inputs.warning, len(served.inputs.expected_costs)) == ("", 4)


@pytest.mark.parametrize("price", [50.0, None, 20.0])
def test_orders_end_with_the_season_whatever_the_price(log: Log, price: float | None) -> None:
    _priced(log, price, 20.0)
    assert log.said(Reorder)[-1].status == "proposed"
    log.tell(log.sale(1, START + 19 * DAY + 20 * HOUR), Tick(START + 20 * DAY))
    log.tell(log.moved("receipt", 1, START + 20 * DAY), log.sale(1, START + 20 * DAY + HOUR))
    assert [order.status for order in log.said(Reorder)][-1] == "cancelled"
    assert log.at().book.suggestion is None


SUGGESTED = frozenset({"proposed", "pending", "amended", "approved"})


def _is_possible(order: Reorder) -> bool:
    """Whether it can come by the date it asks for, seven days after somebody places it."""
    wanted = order.requested_delivery_at
    return wanted is not None and wanted >= order.occurred_at + timedelta(days=7)


def test_an_order_that_is_approved_late_asks_for_a_date_that_is_possible(log: Log) -> None:
    log.tell(RulesChanged("r", {"approval_limit": 1.0}, 0))
    first = _selling(log)
    assert first.status == "pending"
    for day in range(1, 12):
        log.tell(log.sale(4, START + day * DAY), Tick(START + day * DAY))
    log.tell(ApprovalGiven(first.order_id, "modify", START + 12 * DAY, by="ana", quantity=10))
    approved = log.said(Reorder)[-1]
    assert (approved.status, approved.quantity) == ("approved", 10)
    assert approved.requested_delivery_at == utc(START + 19 * DAY)


def test_every_suggestion_asks_for_a_date_that_is_possible(log: Log) -> None:
    """It waits for a person and is changed by what is sold meanwhile; then it is approved, and changed again."""
    log.tell(RulesChanged("r", {"approval_limit": 300.0}, 0))
    _selling(log)
    for day in range(1, 20):
        log.tell(log.sale(1 + day % 3, START + day * DAY), Tick(START + day * DAY))
        if day % 6 == 0:
            log.tell(ApprovalGiven(log.said(Reorder)[-1].order_id, "accept", START + day * DAY))
    told = [order for order in log.said(Reorder) if order.status in SUGGESTED]
    assert {"pending", "approved"} <= {order.status for order in told}
    assert all(map(_is_possible, told))


def test_an_order_that_is_taken_late_comes_late_where_the_erp_tells_no_date(log: Log) -> None:
    order = _selling(log)
    log.tell(*(Tick(START + day * DAY) for day in range(1, 6)))
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 5 * DAY))
    assert log.said(Reorder)[-1].requested_delivery_at == utc(START + 12 * DAY)


def test_the_date_that_the_erp_tells_stands(log: Log) -> None:
    order = _selling(log)
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 5 * DAY, expected_at_ms=START + 8 * DAY))
    assert log.said(Reorder)[-1].requested_delivery_at == utc(START + 8 * DAY)


def test_what_came_stands_on_the_order(log: Log) -> None:
    order = _selling(log)
    asked = order.quantity
    log.tell(_answer(order, "acknowledged"), log.moved("receipt", asked - 8, order_id=order.order_id))
    assert log.said(Reorder)[-1].received_units == asked - 8
    log.tell(_answer(order, "received", asked - 8))
    over = log.said(Reorder)[-1]
    assert (over.status, over.quantity, over.received_units) == ("received", asked, asked - 8)
    assert over.reason == f"received by the ERP: {asked - 8} of {asked} units came"


@pytest.mark.parametrize("units", [None, 3, 0])
def test_what_the_erp_says_that_came_stands_on_the_order_before_it_is_booked(log: Log, units: int | None) -> None:
    order = _selling(log)
    log.tell(_answer(order, "received", units))
    told = [said for said in log.said(Reorder) if said.order_id == order.order_id]
    assert told[-1].received_units == (order.quantity if units is None else units)


def test_nothing_came_of_what_is_only_suggested_or_taken(log: Log) -> None:
    log.tell(_answer(_selling(log), "acknowledged"))
    assert {order.received_units for order in log.said(Reorder)} == {0}
