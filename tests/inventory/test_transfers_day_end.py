"""The plan of a day's end, and second thoughts about what was proposed."""

import itertools
from collections.abc import Iterator

import pytest

from inventory.reports import position_of
from schemas.facts import StockLevel, Transfer
from schemas.observations import (
    ApprovalGiven,
    ItemDefined,
    LaneDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log
from tests.inventory.transfers import Shop, inputs_of, settle

SKUS = ("jeans-30", "jeans-32", "jeans-34", "jeans-36")


def _days(log: Log, days: int = 6, per_day: int = 2) -> None:
    """Each SKU sells ``per_day`` a day at Paris, which had just that, and one in all at Lyon."""
    for sku in SKUS:
        log.tell(ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0, supplier="mill"))
        log.tell(log.measured("opening", days * per_day + 2, sku=sku))
        log.tell(log.measured("opening", 40, sku=sku, location="lyon"))
        log.tell(log.sale(1, location="lyon", sku=sku))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7.0))
    for day in range(days):
        log.tell(*(log.sale(per_day, START + day * DAY + 12 * HOUR, sku=sku) for sku in SKUS))
        log.tell(Tick(START + (day + 1) * DAY))


def _proposed(log: Log) -> list[Transfer]:
    return [fact for fact in log.said(Transfer) if fact.status == "proposed"]


def test_skus_share_a_trip_that_pays_for_none_alone(log: Log) -> None:
    """Each gains some 330 in a week; the trip costs 600, and is paid once, in parts as the SKUs gain."""
    _days(log)
    assert not log.said(Transfer), "there was no lane"
    log.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 600.0))
    log.tell(log.sale(1, START + 6 * DAY + HOUR, sku=SKUS[0]))
    assert not log.said(Transfer), "alone it loses"
    log.tell(Tick(START + 7 * DAY))
    moved = _proposed(log)
    assert sorted(fact.sku for fact in moved) == sorted(SKUS)
    receipts = [inputs_of(fact) for fact in moved]
    assert {(given.trigger, given.skus_on_trip) for given in receipts} == {("day_end", 4)}
    assert sum(given.trip_cost_share for given in receipts) == pytest.approx(600.0, abs=0.01)
    assert all(0.0 < fact.expected_cost < fact.expected_gain < 600.0 for fact in moved)


def test_each_of_those_that_share_a_trip_earns_what_it_has_to() -> None:
    """All gain alike, so without one of them the others earn less still."""

    def earned(least: float) -> list[float]:
        told = Log()
        told.tell(RulesChanged("r", {"transfer_least_gain": least}, 0))
        _days(told)
        told.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 600.0), Tick(START + 7 * DAY))
        return [fact.expected_gain - fact.expected_cost for fact in _proposed(told)]

    poorest = min(earned(0.0))
    assert len(earned(0.0)) == len(earned(poorest - 0.02)) == len(SKUS)
    assert earned(poorest + 0.02) == []


def test_a_line_that_earns_too_little_is_left_off_a_trip_that_pays(log: Log) -> None:
    """Of one SKU Lyon has one unit beyond its display, which earns 30 at most; the trip costs 5."""
    log.tell(RulesChanged("r", {"transfer_least_gain": 32.0}, 0))
    _days(log)
    poor = ItemDefined(SKUS[0], "jeans", 0, price=50.0, cost=20.0, supplier="mill", shelf_minimum_units=38)
    log.tell(poor, LaneDefined("lyon", "paris", 0, 1.0, 1.0, 5.0), Tick(START + 7 * DAY))
    assert sorted(fact.sku for fact in _proposed(log)) == list(SKUS[1:])


def test_a_trip_that_leaves_anyway_costs_nothing_more(log: Log) -> None:
    """The second SKU that sells out on a day finds the trip of the first."""
    settle(log, [Shop("paris", 4), Shop("lyon", 50)], trip=300.0)
    settle(log, [Shop("paris", 4), Shop("lyon", 50)], trip=300.0, sku="jeans-34")
    log.tell(log.sale(4))
    log.tell(log.sale(4, START + HOUR, sku="jeans-34"))
    log.tell(log.sale(0 + 1, START + DAY, sku="jeans-32"))
    assert [inputs_of(fact).trip_cost_share for fact in _proposed(log)] == [300.0, 0.0]


def test_what_shared_a_trip_stays_at_home_when_it_no_longer_pays(log: Log) -> None:
    """The one that paid for the trip is refused: the other would gain less than the trip costs."""
    settle(log, [Shop("paris", 9), Shop("lyon", 90)], trip=200.0)
    settle(log, [Shop("paris", 1), Shop("lyon", 50)], trip=200.0, sku="jeans-34")
    log.tell(log.sale(9))
    log.tell(log.sale(1, START + HOUR, sku="jeans-34"))
    first, second = _proposed(log)
    assert second.expected_gain - second.expected_cost > 0.0
    assert second.expected_gain - second.quantity < 200.0
    log.tell(OrderAcknowledged(first.order_id, "rejected", START + 2 * HOUR))
    told = {fact.order_id: fact.status for fact in log.said(Transfer)}
    assert told == {first.order_id: "rejected", second.order_id: "cancelled"}
    assert log.said(Transfer)[-1].revision == 2


def test_what_shares_a_trip_that_leaves_anyway_need_not_pay_for_it(log: Log) -> None:
    """Both are made smaller and no longer earn the 200 of the trip, but a person approved the first by then."""
    settle(log, [Shop("paris", 9), Shop("lyon", 90)], trip=200.0)
    settle(log, [Shop("paris", 1), Shop("lyon", 50)], trip=200.0, sku="jeans-34")
    log.tell(log.sale(9))
    log.tell(log.sale(1, START + HOUR, sku="jeans-34"))
    first, second = _proposed(log)
    log.tell(log.measured("count", 12, START + 2 * HOUR, "lyon"))
    log.tell(ApprovalGiven(first.order_id, "accept", 0, "ann"))
    log.tell(log.measured("count", 8, START + 3 * HOUR, "lyon", sku="jeans-34"))
    smaller = {fact.order_id: fact for fact in log.said(Transfer)}
    assert sum(fact.expected_gain - fact.quantity for fact in smaller.values()) < 200.0
    assert [smaller[one.order_id].status for one in (first, second)] == ["approved", "amended"]


def test_an_sku_comes_to_a_place_from_one_origin_only(log: Log) -> None:
    """Lyon and Nice could give 5 each; only one of them is asked."""
    _days(log)
    for sku in SKUS:
        log.tell(log.measured("count", 5, START + 6 * DAY, "lyon", sku=sku))
        log.tell(log.measured("opening", 5, START + 6 * DAY, "nice", sku=sku))
    log.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 5.0), LaneDefined("nice", "paris", 0, 1.0, 1.0, 5.0))
    log.tell(Tick(START + 7 * DAY))
    moved = _proposed(log)
    assert len(moved) == len({fact.sku for fact in moved}) == len(SKUS)


def _random_days(seed: int) -> Iterator[Log]:
    """Four shops, five SKUs, all lanes, trips from cheap to dear, a week of sales; the log after each day."""
    from random import Random

    chance, log = Random(seed), Log()
    towns, skus = ("lyon", "metz", "nice", "paris"), [f"shirt-{size}" for size in range(5)]
    for a, b in itertools.permutations(towns, 2):
        log.tell(LaneDefined(a, b, 0, chance.choice((0.5, 1.0, 2.0)), 0.5, chance.choice((5.0, 40.0, 150.0))))
    for sku in skus:
        log.tell(
            ItemDefined(sku, "shirt", 0, price=40.0, cost=15.0, size=sku, shelf_minimum_units=chance.choice((0, 2)))
        )
        for town in towns:
            there = chance.choice((0, 3, 10, 30))
            log.tell(log.measured("opening", there, location=town, sku=sku, style="shirt"))
    for day in range(7):
        at_ms = START + day * DAY + 12 * HOUR
        for sku, town in itertools.product(skus, towns):
            sold = min(chance.choice((0, 0, 1, 2, 5)), max(log.at(town, sku).ledger.on_hand, 0))
            if sold:
                log.tell(log.sale(sold, at_ms, town, sku=sku, style="shirt"))
        log.tell(Tick(START + (day + 1) * DAY))
        for transfer in [t for s in log.state.skus.values() for p in s.locations.values() for t in p.transfers]:
            if transfer.order_id not in log.state.orders:
                continue  # withdrawn by what was told since
            sku, town = log.state.orders[transfer.order_id]
            named = {"sku": sku, "style": "shirt", "order_id": transfer.order_id}
            moved, later = transfer.quantity, START + (day + 1) * DAY + HOUR
            if transfer.status == "proposed" and chance.random() < 0.7:
                log.tell(log.moved("transfer_out", -moved, later, transfer.origin, counterpart=town, **named))
                log.tell(log.moved("transfer_in", moved, later + HOUR, town, counterpart=transfer.origin, **named))
        yield log


@pytest.mark.parametrize("seed", range(6))
def test_laws_of_plans(seed: int) -> None:
    """No trip at a loss, one origin at a time, donors keep their display, nothing goes back within a week."""
    (*_, log) = _random_days(seed)
    moved = _proposed(log)
    assert moved
    for fact in moved:
        given = inputs_of(fact)
        assert fact.expected_gain > fact.expected_cost
        assert given.origin_free - fact.quantity >= given.origin_keeps or given.origin_keeps == given.origin_free
        assert given.compared["move and buy"] > max(given.compared["wait"], given.compared["buy"]) - 0.01
    by_sku: dict[str, list[Transfer]] = {}
    for fact in log.said(Transfer):
        if fact.status == "received":
            by_sku.setdefault(fact.sku, []).append(fact)
    for shipped in by_sku.values():
        for fact in shipped:
            after = [one for one in moved if one.sku == fact.sku and one.occurred_at > fact.occurred_at]
            assert not [one for one in after if (one.origin, one.destination) == (fact.destination, fact.origin)]
    open_at: dict[tuple[str, str], str] = {}
    for fact in log.said(Transfer):
        at = (fact.destination, fact.sku)
        if fact.status in {"received", "cancelled", "rejected"}:
            open_at.pop(at, None)
        else:
            assert open_at.setdefault(at, fact.order_id) == fact.order_id


def _open(log: Log) -> Transfer:
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    log.tell(log.sale(4))
    (transfer,) = log.said(Transfer)
    return transfer


def test_it_is_taken_back_when_the_donor_has_sold_its_units(log: Log) -> None:
    transfer = _open(log)
    facts = log.tell(log.sale(47, START + HOUR, "lyon"))
    (taken_back,) = [fact for fact in facts if isinstance(fact, Transfer)]
    assert (taken_back.order_id, taken_back.status, taken_back.revision) == (transfer.order_id, "cancelled", 2)
    assert "lyon" in taken_back.reason or "need" in taken_back.reason
    assert (log.at().transfers, position_of(log.at()).on_order) == ([], log.at().book.on_order)
    assert any(isinstance(fact, StockLevel) and fact.location == "paris" for fact in facts), "less is on order there"


def test_it_is_made_smaller_when_the_donor_has_fewer(log: Log) -> None:
    """Of 49, 25 are gone by something that is no demand: 24 are left, and the last may sell there."""
    transfer = _open(log)
    log.tell(log.moved("write_off", -25, START + HOUR, "lyon"))
    amended = log.said(Transfer)[-1]
    assert (amended.order_id, amended.status, amended.revision) == (transfer.order_id, "amended", 2)
    assert 12 <= amended.quantity <= 24
    assert inputs_of(amended).origin_free == 24
    assert amended.idempotency_key == f"{transfer.order_id}:2"


def test_it_is_taken_back_when_a_delivery_came_first(log: Log) -> None:
    transfer = _open(log)
    log.tell(log.moved("receipt", 60, START + HOUR))
    said = log.said(Transfer)[-1]
    assert (said.order_id, said.status) == (transfer.order_id, "cancelled")
    assert said.reason.startswith("the need is gone: 60 there")


def test_the_receipt_says_what_takes_it_back(log: Log) -> None:
    """At the units it names it is cancelled, with one less it is not."""
    given = inputs_of(_open(Log()))
    most, least = given.cancelled_at_destination_units, given.cancelled_at_origin_units
    changes = [
        ("paris", most - 1, False),
        ("paris", most, True),
        ("lyon", least + 1 - 49, False),
        ("lyon", least - 49, True),
    ]
    for location, units, cancelled in changes:
        told = Log()
        _open(told)
        told.tell(told.moved("adjustment", units, START, location))
        assert (told.said(Transfer)[-1].status == "cancelled") is cancelled, (location, units)


def test_what_left_or_was_approved_is_not_taken_back(log: Log) -> None:
    transfer = _open(log)
    log.tell(log.moved("transfer_out", -transfer.quantity, START + HOUR, "lyon", counterpart="paris"))
    log.tell(log.moved("receipt", 60, START + 2 * HOUR))
    assert log.said(Transfer)[-1].status == "shipped"
    other = Log()
    transfer = _open(other)
    other.tell(ApprovalGiven(transfer.order_id, "accept", 0, "ann"))
    other.tell(other.moved("receipt", 60, START + 2 * HOUR))
    assert other.said(Transfer)[-1].status == "approved"


@pytest.mark.parametrize(("hour", "status"), [(11, "cancelled"), (13, "acknowledged")])
def test_what_the_erp_took_is_taken_back_until_the_cut_off(log: Log, hour: int, status: str) -> None:
    settle(log, [Shop("paris", 4), Shop("lyon", 50)])
    log.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 10.0, cut_off_minute=12 * 60))
    log.tell(log.sale(4, START + 9 * HOUR))
    (transfer,) = log.said(Transfer)
    log.tell(OrderAcknowledged(transfer.order_id, "acknowledged", START + 10 * HOUR))
    log.tell(log.moved("receipt", 60, START + hour * HOUR))
    assert log.said(Transfer)[-1].status == status


def test_it_may_be_proposed_again_after_it_was_taken_back(log: Log) -> None:
    """What restockd takes back itself is no refusal."""
    _open(log)
    log.tell(log.moved("receipt", 60, START + HOUR))
    log.tell(log.moved("adjustment", -60, START + 2 * HOUR))
    assert log.said(Transfer)[-1].status == "proposed"
    assert len({fact.order_id for fact in log.said(Transfer)}) == 2


def test_a_refused_one_is_not_in_the_plan_of_that_day(log: Log) -> None:
    _days(log)
    log.tell(LaneDefined("lyon", "paris", 0, 1.0, 1.0, 5.0))
    log.tell(Tick(START + 7 * DAY))
    moved = _proposed(log)
    assert len(moved) == len(SKUS)
    log.tell(log.sale(1, START + 7 * DAY + 12 * HOUR, sku=moved[0].sku))
    log.tell(OrderAcknowledged(moved[0].order_id, "rejected", START + 7 * DAY + 12 * HOUR))
    log.tell(Tick(START + 8 * DAY))
    assert len(_proposed(log)) == len(SKUS)
    log.tell(Tick(START + 9 * DAY))
    assert _proposed(log)[-1].sku == moved[0].sku
