"""What transfers came to: told as movements and sales, held against worlds without them that the tests follow."""

from random import Random

import pytest

from schemas.facts import Transfer, TransferOutcome
from schemas.observations import ApprovalGiven, OrderAcknowledged, Tick
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all
from tests.inventory.transfers import Shop, settle

A_DAY = 4


def _proposed(log: Log, spare: int = 50) -> Transfer:
    """Paris is sold out on day 0; the supplier takes 7 days and the lane one: six days to sell in."""
    settle(log, [Shop("paris", A_DAY), Shop("lyon", spare + 1)])
    log.tell(log.sale(A_DAY))
    return log.said(Transfer)[-1]


def _ship(log: Log, transfer: Transfer, units: int = 0) -> None:
    named = {"order_id": transfer.order_id, "counterpart": "paris"}
    log.tell(log.moved("transfer_out", -(units or transfer.quantity), START + 20 * HOUR, "lyon", **named))


def _arrive(log: Log, transfer: Transfer, units: int = 0, day: int = 1) -> None:
    named = {"order_id": transfer.order_id, "counterpart": "lyon"}
    log.tell(log.moved("transfer_in", units or transfer.quantity, START + day * DAY + 7 * HOUR, **named))


def _sell(log: Log, days: range, wanted: int = A_DAY, location: str = "paris") -> int:
    """What there is of what is wanted every day; a day ends after it."""
    sold = 0
    for day in days:
        for _ in range(wanted):
            if log.at(location).ledger.on_hand > 0:
                log.tell(log.sale(1, START + day * DAY + 12 * HOUR, location))
                sold += 1
        log.tell(Tick(START + (day + 1) * DAY + HOUR))
    return sold


def test_what_sold_that_would_not_have_is_earned(log: Log) -> None:
    """Paris has nothing without it; a unit sold brings 50 instead of saving 20, at Lyon none is missed."""
    transfer = _proposed(log)
    _ship(log, transfer)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer)
    assert _sell(log, range(1, 7)) == 6 * A_DAY
    assert log.said(TransferOutcome) == []
    _sell(log, range(7, 8))
    (said,) = log.said(TransferOutcome)
    assert (said.order_id, said.origin, said.destination) == (transfer.order_id, "lyon", "paris")
    assert (said.proposed_units, said.shipped_units, said.received_units, said.days) == (33, 33, 33, 6)
    assert (said.sold_units, said.lost_units) == (7 * A_DAY, 0.0)
    assert (said.earned, said.expected_cost) == (30.0 * 7 * A_DAY, transfer.expected_cost)
    assert said.expected_gain == pytest.approx(transfer.expected_gain, abs=0.01)
    assert log.state.core.moved == {}
    _sell(log, range(8, 12))
    assert len(log.said(TransferOutcome)) == 1


def test_what_a_delivery_would_have_served_is_not_earned(log: Log) -> None:
    transfer = _proposed(log)
    _ship(log, transfer)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer)
    _sell(log, range(1, 4))
    log.tell(log.moved("receipt", 60, START + 4 * DAY + 6 * HOUR))
    _sell(log, range(4, 8))
    (said,) = log.said(TransferOutcome)
    assert (said.sold_units, said.destination_demand_units) == (3 * A_DAY, 7 * A_DAY)
    assert said.earned == 30.0 * 3 * A_DAY


def test_what_the_origin_could_have_sold_is_lost(log: Log) -> None:
    """Lyon keeps 14 and sells 6 a day: it is out after two days, of 20 that it gave it would have sold as many."""
    transfer = _proposed(log, spare=34)
    assert transfer.quantity == 20
    _ship(log, transfer)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer)
    for day in range(1, 8):
        for _ in range(min(6, log.at("lyon").ledger.on_hand)):
            log.tell(log.sale(1, START + day * DAY + 12 * HOUR, "lyon"))
        _sell(log, range(day, day + 1))
    (said,) = log.said(TransferOutcome)
    unserved = said.origin_demand_units - 14
    assert unserved > 0.0
    assert said.sold_units == 20.0, "all of it"
    assert said.lost_units == pytest.approx(min(unserved, 20.0), abs=1e-3)
    assert said.earned == pytest.approx(30.0 * (20.0 - said.lost_units), abs=1e-2)


def test_what_is_lost_on_the_way_costs_what_it_cost(log: Log) -> None:
    transfer = _proposed(log)
    _ship(log, transfer)
    for day in range(1, 25):
        log.tell(Tick(START + day * DAY + HOUR))
    ended = [fact for fact in log.said(Transfer) if fact.reason.startswith("lost")]
    assert len(ended) == 1
    (said,) = log.said(TransferOutcome)
    assert (said.received_units, said.arrived_at, said.days) == (0, None, 0)
    assert said.earned == -20.0 * transfer.quantity


@pytest.mark.parametrize("status", ["rejected", "received"])
def test_what_moved_nothing_that_anybody_booked_is_not_judged(log: Log, status: str) -> None:
    transfer = _proposed(log)
    if status == "received":
        _ship(log, transfer)
    log.tell(OrderAcknowledged(transfer.order_id, status, START + DAY))
    _sell(log, range(1, 16))
    mine = [said for said in log.said(TransferOutcome) if said.order_id == transfer.order_id]
    assert mine == []
    assert transfer.order_id not in log.state.core.moved


def test_told_in_parts_and_before_it_left_it_comes_to_the_same(log: Log) -> None:
    transfer = _proposed(log)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer, 10)
    _ship(log, transfer)
    _arrive(log, transfer, 10)
    _arrive(log, transfer, 13)
    _sell(log, range(1, 8))
    (said,) = log.said(TransferOutcome)
    assert (said.shipped_units, said.received_units) == (33, 33)
    assert (said.sold_units, said.earned) == (7 * A_DAY, 30.0 * 7 * A_DAY)


def test_a_person_changed_the_quantity(log: Log) -> None:
    """What was expected is of what was proposed, and says so."""
    transfer = _proposed(log)
    log.tell(ApprovalGiven(transfer.order_id, "modify", 0, "ann", quantity=9))
    _ship(log, transfer, 9)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer, 9)
    _sell(log, range(1, 8))
    (said,) = log.said(TransferOutcome)
    assert (said.proposed_units, said.received_units, said.sold_units) == (33, 9, 9.0)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_difference_of_two_worlds(seed: int) -> None:
    """Random demand, deliveries and write-offs; the world without the transfer is followed beside the log.

    Paris has enough with it, so that all that was asked for is known.
    """
    chance, log = Random(seed), Log()
    transfer = _proposed(log)
    _ship(log, transfer)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer)
    without, missed = 0, 0
    for day in range(1, 8):
        at_ms = START + day * DAY + 9 * HOUR
        for reason, units in (("receipt", chance.choice((0, 0, 0, 9))), ("write_off", -chance.choice((0, 0, 0, 2)))):
            if units:
                log.tell(log.moved(reason, units, at_ms))
                without = max(without + units, 0)
        wanted = min(chance.choice((0, 1, 4, 7)), log.at().ledger.on_hand)
        _sell(log, range(day, day + 1), wanted)
        missed += wanted - min(without, wanted)
        without -= min(without, wanted)
    said = next(one for one in log.said(TransferOutcome) if one.order_id == transfer.order_id)
    assert said.sold_units == pytest.approx(missed, abs=1e-6)
    messages = log.messages
    kept, stored = fold_all(messages), fold_all(messages, store_after=frozenset(range(5, len(messages), 7)))
    assert kept == stored


def test_no_more_is_sold_or_lost_by_it_than_was_moved(log: Log) -> None:
    """Books that were wrong, and demand that is guessed, may say so of a world without it."""
    transfer = _proposed(log)
    _ship(log, transfer)
    log.tell(Tick(START + DAY + HOUR))
    _arrive(log, transfer)
    moved = log.state.core.moved[transfer.order_id]
    assert moved.here is not None
    assert moved.donor is not None
    moved.here.sold, moved.donor.sold = moved.here.sold - 90.0, moved.donor.sold + 90.0
    _sell(log, range(1, 8))
    (said,) = log.said(TransferOutcome)
    assert (said.sold_units, said.lost_units) == (said.received_units, said.shipped_units)
