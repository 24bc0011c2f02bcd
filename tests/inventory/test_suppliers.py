"""Suppliers: planted lead times found again, also among open orders; shares; whom to buy from."""

import math

import msgspec
import numpy as np
import pytest

from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.rounding import Lots
from inventory.replenishment.sourcing import Habit, Offer, landed_costs
from inventory.replenishment.suppliers import (
    HALF_LIFE_ORDERS,
    MOST_DAYS,
    OpenOrder,
    Receipt,
    Record,
    close,
    delivered_share,
    lead_time,
    learn,
    on_time_share,
    prior_of,
    receive,
    scorecard,
    whole_days,
)

STATED = prior_of(7, 2)


def planted(chance: np.random.Generator, number: int) -> np.ndarray:
    """Two ways: by road about 6 days, every fourth order by ship about 25."""
    road, ship = chance.gamma(36.0, 6.0 / 36.0, number), chance.gamma(100.0, 25.0 / 100.0, number)
    return np.where(chance.random(number) < 0.25, ship, road)


def learned(days: np.ndarray, record: Record | None = None) -> Record:
    record = record or Record()
    for taken in days.tolist():
        learn(record, [Receipt(taken, 1.0)], taken, 9.0)
    return record


def test_without_orders_it_is_what_was_stated() -> None:
    assert lead_time(Record(), Record(), STATED).weights == pytest.approx(STATED.weights, abs=1e-5)
    assert stated(7, 2).mean_days < STATED.mean_days < 8.5, "a few much later"
    assert delivered_share(Record(), Record()) == pytest.approx(0.98)


def test_planted_lead_times_are_found_again() -> None:
    chance = np.random.default_rng(4)
    record = learned(planted(chance, 400))
    truth = np.array([whole_days(days) for days in planted(chance, 200_000)])
    found = lead_time(record, record, STATED)
    assert found.mean_days == pytest.approx(truth.mean(), abs=1.5)
    assert found.quantile(0.5) == pytest.approx(np.quantile(truth, 0.5), abs=1)
    assert found.quantile(0.95) == pytest.approx(np.quantile(truth, 0.95), abs=3)


def test_open_orders_keep_slow_ones_from_being_missed() -> None:
    """An order a day for 30 days; slow ones of the last weeks are still out: receipts alone tell of the quick ones.

    Over 60 such histories the naive mean is biased by days, the survival curve by
    less than a fifth of that. The prior is turned off against the truth: it states it.
    """
    chance = np.random.default_rng(8)
    truth = [whole_days(days) for days in planted(chance, 100_000)]
    told = LeadTime(tuple(np.bincount(truth, minlength=60) / len(truth)))
    naive, curve = [], []
    for _ in range(60):
        days, age = planted(chance, 30), np.arange(30, 0, -1.0)
        here = days <= age
        record = learned(days[here])
        still = [OpenOrder(float(waited)) for waited in age[~here]]
        naive.append(np.mean([whole_days(taken) for taken in days[here]]))
        curve.append(lead_time(record, Record(), told, still, ()).mean_days)
    bias_naive, bias_curve = np.mean(naive) - np.mean(truth), np.mean(curve) - np.mean(truth)
    assert bias_naive < -2.0
    assert abs(bias_curve) < 0.2 * abs(bias_naive)


def test_the_curve_is_that_of_kaplan_and_meier() -> None:
    """By hand, the prior far out at day 40 of weight 6: receipts on days 2, 4; one open after 3 days, one after 5.

    Day 2: 1 of 6 + 4; day 4: of those still out (6 + 1 + the one open beyond), 1 of 6 + 2.
    """
    record = Record()
    record.arrived.update({2: 1.0, 4: 1.0})
    late = LeadTime((0.0,) * 40 + (1.0,))
    found = lead_time(record, Record(), late, [OpenOrder(3.0), OpenOrder(5.0)])
    assert found.weights[2] == pytest.approx(1 / 10)
    assert found.weights[4] == pytest.approx((9 / 10) * (1 / 8))
    assert found.weights[40] == pytest.approx((9 / 10) * (7 / 8))


def test_a_change_is_learned_within_a_half_life() -> None:
    chance = np.random.default_rng(1)
    record = learned(chance.gamma(100.0, 0.05, 300))
    assert lead_time(record, record, STATED).quantile(0.5) == 5
    learned(chance.gamma(100.0, 0.12, int(HALF_LIFE_ORDERS) + 15), record)
    assert lead_time(record, record, STATED).quantile(0.5) >= 11


def test_a_new_lane_is_taken_for_the_suppliers_others() -> None:
    chance = np.random.default_rng(2)
    others = learned(chance.gamma(100.0, 0.2, 80))
    fresh = lead_time(Record(), others, STATED)
    own = learned(chance.gamma(100.0, 0.1, 40))
    assert fresh.quantile(0.5) == pytest.approx(20, abs=1)
    assert lead_time(own, others, STATED).quantile(0.5) in (10, 11)
    few = lead_time(learned(chance.gamma(100.0, 0.1, 3)), others, STATED)
    assert 10 < few.mean_days < fresh.mean_days


def test_parts_count_as_parts() -> None:
    """Half after 4 days, a quarter after 10, the rest given up after 30; promised for 7."""
    record = Record()
    learn(record, [Receipt(4.0, 0.5), Receipt(10.2, 0.25)], 30.0, 7.0)
    fades = 0.5 ** (1.0 / HALF_LIFE_ORDERS)
    assert record.arrived == pytest.approx({4: 0.5 * fades, 10: 0.25 * fades})
    assert record.given_up == pytest.approx({30: 0.25 * fades})
    assert (record.closed, record.delivered, record.on_time) == pytest.approx((fades, 0.75 * fades, 0.5 * fades))


def test_parts_are_learned_as_they_come() -> None:
    """Received and closed one by one, or told at once: the same record; between, the rest is open."""
    at_once, by_parts = Record(), Record()
    learn(at_once, [Receipt(4.0, 0.5), Receipt(10.2, 0.5)], 10.2, 7.0)
    receive(by_parts, Receipt(4.0, 0.5))
    waiting = lead_time(by_parts, Record(), STATED, [OpenOrder(9.0, share=0.5)])
    assert waiting.mean_days > lead_time(by_parts, Record(), STATED).mean_days
    receive(by_parts, Receipt(10.2, 0.5))
    close(by_parts, 1.0, 0.5, 10.2)
    assert by_parts == at_once


def test_shares_and_scorecard() -> None:
    record = Record()
    for number in range(200):
        learn(record, [Receipt(5.0 if number % 2 else 12.0, 0.8)], 20.0, 7.0)
    assert delivered_share(record, record) == pytest.approx(0.8, abs=0.02)
    assert on_time_share(record, record) == pytest.approx(0.4, abs=0.04)
    overdue = [OpenOrder(9.0, promised_days=7.0), OpenOrder(2.0, promised_days=7.0)]
    assert on_time_share(record, record, overdue) < on_time_share(record, record)
    card = scorecard(record, record, lead_time(record, record, STATED, overdue), overdue)
    assert card.overdue_open == 1
    assert card.median_days in (5, 12)
    assert card.days_95 >= 20, "a fifth never came in 20 days"


def test_a_record_stays_small_and_comes_back_from_its_encoding() -> None:
    chance = np.random.default_rng(3)
    record = learned(chance.gamma(1.0, 30.0, 5_000))
    assert len(record.arrived) <= MOST_DAYS + 1
    encoded = msgspec.msgpack.encode(record)
    assert len(encoded) < 4_000
    assert msgspec.msgpack.decode(encoded, type=Record) == record


def test_an_order_open_for_ever_is_no_error() -> None:
    found = lead_time(Record(), Record(), STATED, [OpenOrder(900.0)])
    assert sum(found.weights) == pytest.approx(1.0)
    assert found.mean_days > STATED.mean_days


def test_a_dearer_but_reliable_supplier_may_land_cheaper() -> None:
    """Margin 30, 4 a day: the cheap one takes 10 to 40 days, the dear one 5."""
    shaky = Offer("cheap", 10.0, LeadTime((0.0,) * 10 + (0.7,) + (0.0,) * 29 + (0.3,)), 7.0)
    steady = Offer("dear", 10.1, LeadTime((0.0,) * 5 + (1.0,)), 7.0)
    first, second = landed_costs([shaky, steady], 4.0, 9.0, 30.0, 0.25, 0.95)
    assert (first.supplier, second.supplier) == ("dear", "cheap")
    assert second.holding > 3 * first.holding
    dear = msgspec.structs.replace(steady, unit_cost=14.0)
    assert landed_costs([shaky, dear], 4.0, 9.0, 30.0, 0.25, 0.95)[0].supplier == "cheap"


def test_what_does_not_come_costs_stock_or_sales() -> None:
    full = Offer("full", 10.0, stated(7, 1), 7.0)
    short = msgspec.structs.replace(full, supplier="short", delivered_share=0.8)
    first, second = landed_costs([short, full], 4.0, 9.0, 30.0, 0.25, 0.95)
    assert first.supplier == "full"
    assert second.order_up_to_level > first.order_up_to_level


def test_a_minimum_order_spreads_freight_and_fills_the_shelf() -> None:
    """2 a day, reviewed weekly: lots of 14 or 140; freight of 70 is 5 or 0.5 a unit, 7 or 70 lie on average."""
    small = Offer("small", 10.0, stated(3, 0), 7.0, freight_per_order=70.0)
    large = msgspec.structs.replace(small, supplier="large", lots=Lots(140, 1))
    by_name = {cost.supplier: cost for cost in landed_costs([small, large], 2.0, 2.0, 20.0, 0.2, 0.95)}
    assert (by_name["small"].freight, by_name["large"].freight) == (5.0, 0.5)
    more = by_name["large"].holding - by_name["small"].holding
    assert more == pytest.approx(10.0 * 0.2 / 365 * 63 / 2)


def test_freight_per_order_is_spread_over_what_the_policy_orders_at_once() -> None:
    """One a day: 20 without freight against 18 and 10 an order, which is 10 a unit day by day and 1.43 for a week's."""
    plain = Offer("plain", 20.0, stated(7, 2))
    freight = Offer("freight", 18.0, stated(7, 2), freight_per_order=10.0)
    daily, weekly, economic = (
        landed_costs([plain, freight], 1.0, 1.0, 30.0, 0.25, 0.95, habit)
        for habit in (Habit(), Habit(cover_days=7.0), Habit(order_cost=2.0))
    )
    assert [found[0].supplier for found in (daily, weekly, economic)] == ["plain", "freight", "freight"]
    assert weekly[0].freight == pytest.approx(10.0 / 7.0)
    assert economic[0].freight == pytest.approx(10.0 / math.sqrt(2.0 * 2.0 / (18.0 * 0.25 / 365)))


def test_of_equal_offers_the_first_by_name() -> None:
    offers = [Offer(name, 10.0, stated(7, 2)) for name in ("b", "a")]
    assert [cost.supplier for cost in landed_costs(offers, 1.0, 1.0, 5.0, 0.2, 0.9)] == ["a", "b"]
