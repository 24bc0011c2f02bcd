"""Transfers to a location that ran out: when one pays, and how it ends."""

import itertools

import pytest
from scipy import stats

from inventory.reports import position_of
from schemas.facts import Transfer
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    LaneDefined,
    OfferDefined,
    OrderAcknowledged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log
from tests.inventory.transfers import inputs_of


def _run_out(log: Log, *, trip: float = 10.0, donor: int = 50, told: bool = True, cost: float = 20.0) -> list[Transfer]:
    """Paris sells its last 4; Lyon sells 1 a day or so and has the rest; margin 30 a unit."""
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=cost, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7.0))
    log.tell(LaneDefined("lyon", "paris", 0, lead_time_days=1.0, cost_per_unit=1.0, cost_per_trip=trip))
    log.tell(log.measured("opening", 4))
    if told:
        log.tell(log.measured("opening", donor + 1, location="lyon"))
    else:
        log.tell(log.moved("receipt", donor + 1, location="lyon"))
    log.tell(log.sale(1, location="lyon"))
    log.tell(log.sale(4))
    return log.said(Transfer)


def test_a_surplus_rescues_a_stockout(log: Log) -> None:
    """The trip takes one day of the seven, so demand is Poisson of 24; the k-th unit earns 30 P(D >= k) and costs 1.

    P(D >= 33) = 0.047 and P(D >= 34) = 0.031 < 1 / 30: 33 go, less a tenth of one that Lyon may sell itself.
    """
    (transfer,) = _run_out(log)
    assert (transfer.status, transfer.origin, transfer.destination) == ("proposed", "lyon", "paris")
    sold = sum(1.0 - stats.poisson(24).cdf(unit - 1) for unit in range(1, 34))
    kept = sum(1.0 - stats.poisson(7).cdf(50 - 33 + unit - 1) for unit in range(1, 34))
    assert transfer.quantity == 33
    assert transfer.expected_gain == pytest.approx(30.0 * (sold - kept), abs=0.01)
    assert transfer.expected_cost == 10.0 + 33.0


@pytest.mark.parametrize("asked", [20.0, 35.0])
def test_a_unit_costs_what_its_source_asks(log: Log, asked: float) -> None:
    """Not what reference data says of the item: 10 here. A sale earns 50 less that, a unit left saves buying one.

    The k-th unit earns 50 - ``asked`` with P(D >= k), D Poisson of 24, and costs 1.
    """
    log.tell(OfferDefined("mill", "jeans", asked, 0))
    (transfer,) = _run_out(log, cost=10.0)
    given = inputs_of(transfer)
    assert (given.margin_per_unit, given.leftover_value) == (50.0 - asked, asked)
    chances = [1.0 - stats.poisson(24).cdf(unit - 1) for unit in range(1, 50)]
    assert transfer.quantity == sum(chance * (50.0 - asked) > 1.0 for chance in chances)
    assert given.compared["buy"] == pytest.approx(4 * (50.0 - asked)), "the day between the delivery and a later one"


def test_never_at_a_loss(log: Log) -> None:
    assert _run_out(log, trip=700.0) == []


def test_the_donor_keeps_its_cover(log: Log) -> None:
    """Lyon sells 1 a day and covers 14 days: of 20 it gives 6."""
    assert [transfer.quantity for transfer in _run_out(log, donor=20)] == [6]
    other = Log()
    assert _run_out(other, donor=14) == []


def test_a_donor_whose_opening_is_unknown_gives_nothing(log: Log) -> None:
    assert _run_out(log, told=False) == []


def test_one_open_per_destination(log: Log) -> None:
    _run_out(log)
    for hour in range(1, 10):
        log.tell(log.sale(1, START + hour * HOUR))
    assert len(log.said(Transfer)) == 1


def _answer(transfer: Transfer, status: str, quantity: int | None = None) -> OrderAcknowledged:
    return OrderAcknowledged(transfer.order_id, status, START + HOUR, quantity=quantity)


def test_told_twice_in_any_order_it_counts_once() -> None:
    for order_of_telling in itertools.permutations(range(4)):
        log = Log()
        (transfer,) = _run_out(log)
        named = {"order_id": transfer.order_id}
        news = [
            _answer(transfer, "shipped", 33),
            log.moved("transfer_out", -33, START + HOUR, "lyon", counterpart="paris", **named),
            log.moved("transfer_in", 33, START + HOUR, "paris", counterpart="lyon", **named),
            _answer(transfer, "received", 33),
        ]
        for number in order_of_telling:
            log.tell(news[number])
            stock = log.at()
            coming = position_of(stock).on_order - stock.book.on_order
            assert stock.ledger.on_hand + coming == 33, order_of_telling
        assert (stock.transfers, log.at("lyon").ledger.on_hand) == ([], 17)
        assert log.said(Transfer)[-1].status in {"received", "shipped"}
        assert all(fact.occurred_at.year == 2023 for fact in log.said(Transfer))


def test_movements_without_an_order_find_their_transfer_by_the_way(log: Log) -> None:
    (transfer,) = _run_out(log)
    log.tell(log.moved("transfer_out", -28, START + HOUR, "lyon", counterpart="paris"))
    log.tell(log.moved("transfer_in", 28, START + HOUR, "paris", counterpart="lyon"))
    assert [fact.status for fact in log.said(Transfer)] == ["proposed", "shipped", "received"]
    assert {fact.order_id for fact in log.said(Transfer)} == {transfer.order_id}


def test_units_that_turn_up_elsewhere_are_stock_there_and_stop_nothing(log: Log) -> None:
    (transfer,) = _run_out(log)
    log.tell(log.moved("transfer_in", 28, START + HOUR, "dc", order_id=transfer.order_id, counterpart="lyon"))
    assert log.at("dc").ledger.on_hand == 28
    assert len(log.at().transfers) == 1


def test_received_short_ends_after_some_days(log: Log) -> None:
    (transfer,) = _run_out(log)
    named = {"order_id": transfer.order_id}
    log.tell(log.moved("transfer_out", -28, START + HOUR, "lyon", counterpart="paris", **named))
    log.tell(log.moved("transfer_in", 20, START + HOUR, "paris", counterpart="lyon", **named))
    assert log.at().transfers[0].received == 20
    for day in range(1, 6):
        log.tell(Tick(START + day * DAY))
    assert log.at().transfers == []
    assert (log.said(Transfer)[-1].status, log.said(Transfer)[-1].reason) == ("received", "13 units never came")


def test_nobody_answers_and_it_ends(log: Log) -> None:
    _run_out(log)
    for day in range(1, 6):
        log.tell(Tick(START + day * DAY))
    (ended,) = [fact for fact in log.said(Transfer) if fact.status == "cancelled"]
    assert (ended.order_id, ended.reason) == (log.said(Transfer)[0].order_id, "nobody answered for 3 days")
    assert ended.revision > 1


def test_a_retracted_shipment_and_receipt_count_back(log: Log) -> None:
    (transfer,) = _run_out(log)
    named = {"order_id": transfer.order_id}
    out = {"location": "lyon", "counterpart": "paris", "key": 71, **named}
    log.tell(log.moved("transfer_out", -28, START + HOUR, **out))
    log.tell(log.moved("transfer_out", -28, START + HOUR, retracts=True, **out))
    assert (log.at().transfers[0].shipped, log.at("lyon").ledger.on_hand) == (0, 50)


@pytest.mark.parametrize("status", ["rejected", "cancelled"])
def test_a_refused_transfer_is_not_proposed_again_for_a_day(log: Log, status: str) -> None:
    (transfer,) = _run_out(log)
    log.tell(_answer(transfer, status))
    log.tell(log.sale(1, START + 2 * HOUR))
    assert [fact.status for fact in log.said(Transfer)] == ["proposed", status]
    log.tell(log.sale(1, START + 26 * HOUR))
    assert log.said(Transfer)[-1].status == "proposed"


def test_people_may_judge_transfers(log: Log) -> None:
    (transfer,) = _run_out(log)
    log.tell(ApprovalGiven(transfer.order_id, "modify", 0, "ann", quantity=9))
    said = log.said(Transfer)[-1]
    assert (said.status, said.quantity, said.revision) == ("approved", 9, 2)
    log.tell(ApprovalGiven(transfer.order_id, "reject", 0, "ann"))
    assert log.said(Transfer)[-1] == said, "the first verdict holds"


def test_a_verdict_on_another_revision_of_a_transfer_is_passed_over(log: Log) -> None:
    (transfer,) = _run_out(log)
    log.tell(ApprovalGiven(transfer.order_id, "accept", 0, "ann", revision=transfer.revision + 1))
    assert log.said(Transfer) == [transfer]
    log.tell(ApprovalGiven(transfer.order_id, "accept", 0, "ann", revision=transfer.revision))
    assert log.said(Transfer)[-1].status == "approved"
