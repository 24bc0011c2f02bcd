"""Rescues of the fold: when one is looked for, what it is weighed against, and what its receipt says."""

from datetime import timedelta

import pytest
from scipy import stats

from inventory.transfers.value import Market, chance_of_running_out, expected_sales
from schemas.facts import Reorder, Transfer, TransferInputs
from schemas.observations import ItemDefined, LaneDefined, LocationDefined, OrderAcknowledged, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log
from tests.inventory.transfers import Shop, inputs_of, settle


def test_it_is_rescued_with_the_message_that_sold_it_out(log: Log) -> None:
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    facts = log.tell(log.sale(4))
    assert [fact.quantity > 0 for fact in facts if isinstance(fact, Transfer)] == [True]


def test_it_is_rescued_before_it_is_sold_out_once_it_falls_short(log: Log) -> None:
    """Of 60, 4 are sold: 56 last for 7 days of 4. After 31 more, 25 would have to last for 7 days of 35."""
    settle(log, [Shop("paris", 60), Shop("lyon", 500)])
    assert not [fact for fact in log.tell(log.sale(4)) if isinstance(fact, Transfer)]
    (transfer,) = [fact for fact in log.tell(log.sale(31)) if isinstance(fact, Transfer)]
    given = inputs_of(transfer)
    assert (given.destination_units, given.probability_runs_out) == (25, pytest.approx(1.0))


@pytest.mark.parametrize(("trip", "lead_days", "moves"), [(10.0, 7.0, True), (100.0, 1.5, False), (10.0, 1.0, False)])
def test_buying_is_cheaper_where_the_supplier_is_as_quick(log: Log, trip: float, lead_days: float, moves: bool) -> None:
    """Waiting 7 days longer would cost 28 margins of 30, and moving 100; but buying loses half a day or nothing."""
    settle(log, [Shop("paris", 4), Shop("lyon", 50)], trip=trip, lead_days=lead_days, review_days=7.0)
    log.tell(log.sale(4))
    assert bool(log.said(Transfer)) is moves


@pytest.mark.parametrize("ordered", [False, True])
def test_an_order_that_comes_tomorrow_makes_a_transfer_pointless(log: Log, ordered: bool) -> None:
    """Paris orders about 35 and loses all 36 it has: with the order it lasts a week, without there is nothing."""
    settle(log, [Shop("paris", 40), Shop("lyon", 60)])
    log.tell(log.sale(4))
    (order,) = log.said(Reorder)
    if ordered:
        log.tell(OrderAcknowledged(order.order_id, "acknowledged", START, expected_at_ms=START + DAY))
    log.tell(log.moved("write_off", -36, START + HOUR))
    assert log.at().ledger.on_hand == 0
    assert bool(log.said(Transfer)) is not ordered


def test_of_several_donors_the_one_that_loses_least_and_the_receipt_names_the_others(log: Log) -> None:
    """Nice is nearer to nothing: its lane is dearer by one a unit. Metz sells nearly all of its own."""
    settle(log, [Shop("paris", 4), Shop("lyon", 200, 2), Shop("nice", 200, 2), Shop("metz", 40, 30)])
    log.tell(LaneDefined("nice", "paris", 0, 1.0, 2.0, 10.0))
    log.tell(log.sale(4))
    (transfer,) = log.said(Transfer)
    given = inputs_of(transfer)
    assert transfer.origin == "lyon"
    assert list(given.rejected_donors) == ["nice"], "Metz would lose by it"
    net = transfer.expected_gain - transfer.expected_cost
    assert 0.0 < net - given.rejected_donors["nice"] <= transfer.quantity


def test_the_receipt_adds_up(log: Log) -> None:
    """Demand at Paris is Poisson of 4 a day, 7 days until a delivery, one review later 8; Lyon sells 1 a day."""
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    log.tell(log.sale(4))
    (transfer,) = log.said(Transfer)
    given = inputs_of(transfer)
    assert (given.trigger, given.horizon_days, given.days_to_arrive) == ("shortage", 7.0, 1.0)
    assert given.leaves_before == transfer.occurred_at + timedelta(days=1), "sold out at midnight, to leave that day"
    assert (given.destination_units, given.origin_free, given.origin_keeps) == (0, 49, 14)
    assert (given.margin_per_unit, given.leftover_value) == (30.0, 20.0)
    assert given.probability_runs_out == pytest.approx(1.0)
    sold = stats.poisson(24)
    units = transfer.quantity
    assert given.destination_gain == pytest.approx(
        30.0 * sum(sold.sf(unit - 1) for unit in range(1, units + 1)), abs=0.01
    )
    assert transfer.expected_gain == pytest.approx(given.destination_gain - given.donor_loss, abs=0.01)
    assert transfer.expected_cost == given.unit_costs + given.trip_cost_share == units + 10.0
    compared = given.compared
    assert compared["wait"] == 0.0
    assert compared["buy"] == pytest.approx(30.0 * 4.0 * 1.0), "one day's demand after the delivery of an order of now"
    net = transfer.expected_gain - transfer.expected_cost
    assert compared["move and buy"] - compared["buy"] == pytest.approx(net, abs=0.02)
    assert compared["move and buy"] == max(compared.values())
    assert 0 < given.cancelled_at_destination_units <= units
    assert 0 < given.cancelled_at_origin_units < given.origin_free


def test_what_nobody_counted_neither_gives_nor_takes(log: Log) -> None:
    settle(log, [Shop("paris", 4, told=False), Shop("lyon", 50)])
    log.tell(log.sale(4))
    assert not log.said(Transfer)


@pytest.mark.parametrize(("hour", "days"), [(13, 1.0), (14, 2.0), (15, 2.0)])
def test_what_misses_the_cut_off_arrives_a_day_later(log: Log, hour: int, days: float) -> None:
    """The cut-off is 15:00 in Lyon, which is 14:00 UTC in November; at 15:00 sharp it is missed."""
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    log.tell(LocationDefined("lyon", "store", 0, timezone="Europe/Paris"))
    log.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 10.0, cut_off_minute=15 * 60))
    log.tell(log.sale(4, START + hour * HOUR))
    given = inputs_of(log.said(Transfer)[0])
    assert given.days_to_arrive == days
    assert given.leaves_before is not None
    assert (given.leaves_before.hour, given.leaves_before.day) == (14, 15 + (days > 1.0))


def test_units_that_came_by_a_transfer_do_not_go_back(log: Log) -> None:
    """Paris sold out, got 33 from Lyon, and then sells nothing while Lyon sells all it has."""
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    log.tell(LaneDefined("paris", "lyon", 0, 1.0, 1.0, 10.0))
    log.tell(log.sale(4))
    (transfer,) = log.said(Transfer)
    units, named = transfer.quantity, {"order_id": transfer.order_id}
    log.tell(log.moved("transfer_out", -units, START + HOUR, "lyon", counterpart="paris", **named))
    log.tell(log.moved("transfer_in", units, START + DAY, "paris", counterpart="lyon", **named))
    log.tell(log.sale(49 - units, START + DAY + HOUR, "lyon"))
    assert log.at("lyon").ledger.on_hand == 0
    assert len({fact.order_id for fact in log.said(Transfer)}) == 1
    for day in range(2, 7):
        log.tell(Tick(START + day * DAY + HOUR), log.sale(1, START + day * DAY, "lyon"))
    assert not [fact for fact in log.said(Transfer) if fact.destination == "lyon"]


def test_it_is_not_looked_for_again_with_every_sale_while_none_helps(log: Log) -> None:
    settle(log, [Shop("paris", 9), Shop("lyon", 0)])
    for hour in range(5):
        log.tell(log.sale(1, START + hour * HOUR))
    stock = log.at()
    looked_with, looked_ms = stock.short_units, stock.short_looked_ms
    assert looked_with > 0
    log.tell(log.sale(1, START + 6 * HOUR))
    assert (stock.short_units, stock.short_looked_ms) == (looked_with, looked_ms)
    log.tell(log.measured("count", 30, START + 7 * HOUR, "lyon"), log.sale(3, START + 7 * HOUR))
    assert stock.short_units == 0
    assert log.said(Transfer)[-1].quantity > 0, "sold out is news"


def test_sizes_of_a_broken_run_are_worth_more(log: Log) -> None:
    """With one size of three missing, the others sell less: the trip pays for the run though not for the size."""

    def rescued(trip: float, *, run: bool) -> bool:
        told = Log()
        settle(told, [Shop("paris", 2, 0), Shop("lyon", 30, 0)], trip=trip, size="M")
        if run:
            told.tell(ItemDefined("jeans-30", "jeans", 0, price=50.0, cost=20.0, supplier="mill", size="S"))
            told.tell(told.measured("opening", 40, sku="jeans-30"))
            told.tell(told.sale(2, sku="jeans-30"))
        told.tell(told.sale(2))
        return bool(told.said(Transfer))

    alone = next(trip for trip in range(100, 800, 5) if not rescued(float(trip), run=False))
    assert rescued(alone - 5.0, run=False)
    assert rescued(float(alone), run=True)
    assert not rescued(alone + 60.0, run=True)


def test_sales_and_running_out_by_hand() -> None:
    market = Market(2.0, 2.0, 3.0, margin=10.0)
    assert expected_sales(market, 100) == pytest.approx(6.0)
    assert expected_sales(market, 0, [(2.0, 50)]) == pytest.approx(2.0)
    assert chance_of_running_out(market, 1, [(1.0, 100)]) == pytest.approx(stats.poisson(2).sf(1))
    assert chance_of_running_out(market, 4) == pytest.approx(stats.poisson(6).sf(4))


def test_a_supplier_that_is_known_says_when_it_delivers(log: Log) -> None:
    settle(log, [Shop("paris", 4), Shop("lyon", 90)])
    log.tell(SupplierDefined("mill", 0, lead_time_days=3.0))
    log.tell(log.sale(4))
    given: TransferInputs = inputs_of(log.said(Transfer)[0])
    assert given.horizon_days == pytest.approx(3.0, abs=0.01)
