"""Service that is asked for is service delivered: both kinds, in stores simulated day by day."""

from statistics import NormalDist

import numpy as np
import pytest

from inventory.replenishment.distribution import poisson
from inventory.replenishment.lead_time import LeadTime, counts_over, stated
from inventory.replenishment.policies import Case, FillRateBaseStock, QuantileBaseStock
from inventory.replenishment.service import (
    cycle_service,
    fill_rate,
    fill_rate_normal,
    level_for_fill_rate,
    safety_factor_for_fill_rate,
)

REVIEW_DAYS = 7


def simulated(mean: float, sd: float, lead_time: LeadTime, level: int, seed: int) -> tuple[float, float]:
    """Cycle service and fill rate of 600 stores over 40 weekly reviews after a warm-up; backorders, day by day.

    Orders do not overtake each other. A cycle is a miss if the shelf owes units
    just before the order of the next review arrives.
    """
    chance = np.random.default_rng(seed)
    stores, weeks, warm_up = 600, 48, 8
    days = (weeks + 1) * REVIEW_DAYS + len(lead_time.weights)
    size, ratio = mean**2 / (sd**2 - mean), sd**2 / mean
    net = np.full(stores, level)
    position = np.full(stores, level)
    due = np.zeros((days + 1, stores), int)
    ends = np.zeros((days + 1, stores), bool)
    latest = np.zeros(stores, int)
    missed = cycles = asked = short = 0
    for day in range(days):
        counted = warm_up * REVIEW_DAYS <= day < weeks * REVIEW_DAYS
        if warm_up * REVIEW_DAYS <= day:
            missed += int((net < 0)[ends[day]].sum())
            cycles += int(ends[day].sum())
        net = net + due[day]
        if day % REVIEW_DAYS == 0 and day < weeks * REVIEW_DAYS:
            taken = chance.choice(len(lead_time.weights), stores, p=lead_time.weights)
            latest = np.maximum(latest, day + taken)
            due[latest, np.arange(stores)] += level - position
            ends[latest, np.arange(stores)] = True
            position[:] = level
        demand = chance.negative_binomial(size, 1.0 / ratio, stores)
        if counted:
            asked += int(demand.sum())
            short += int(np.maximum(demand - np.maximum(net, 0), 0).sum())
        net = net - demand
        position = position - demand
    return 1.0 - missed / cycles, 1.0 - short / asked


def case(mean: float, sd: float, lead_time: LeadTime) -> Case:
    return Case(mean, sd * sd, lead_time, float(REVIEW_DAYS), 0)


CASES = [(2.0, 2.0), (10.0, 5.0), (5.0, 8.0), (0.8, 1.2)]


@pytest.mark.parametrize(("mean", "sd"), CASES)
@pytest.mark.parametrize("target", [0.9, 0.95])
def test_the_cycle_service_asked_for_is_delivered(mean: float, sd: float, target: float) -> None:
    """What the receipt says of the whole units ordered; within two points of the target where units are fine enough."""
    lead_time = stated(9, 2)
    answer = QuantileBaseStock(target).decide(case(mean, sd, lead_time))
    delivered, _ = simulated(mean, sd, lead_time, answer.order_up_to_level, seed=5)
    assert delivered == pytest.approx(answer.made_of["probability_enough"], abs=0.012)
    assert delivered > target - 0.02
    if mean >= 2.0:
        assert delivered < target + 0.02


@pytest.mark.parametrize(("mean", "sd"), CASES[:3])
def test_the_fill_rate_asked_for_is_delivered(mean: float, sd: float) -> None:
    lead_time = stated(9, 2)
    answer = FillRateBaseStock(0.97).decide(case(mean, sd, lead_time))
    _, delivered = simulated(mean, sd, lead_time, answer.order_up_to_level, seed=6)
    assert delivered == pytest.approx(answer.made_of["fill_rate"], abs=0.01)
    assert delivered == pytest.approx(0.97, abs=0.02)
    assert answer.made_of["cycle_service_level"] < 0.95, "most cycles that run out do so by a unit or two"


def test_fill_rate_and_cycle_service_of_the_denim_size() -> None:
    """FORMULAS.md 3.5: at 95 % of cycles 98.2, 99.1 and 99.5 % of units; for 95 % of units k = 1.20, 0.83, 0.41."""
    sd, k = 2 * 7**0.5, NormalDist().inv_cdf(0.95)
    rates = [fill_rate_normal(k, sd, quantity) for quantity in (6, 12, 24)]
    assert rates == pytest.approx([0.982, 0.991, 0.995], abs=6e-4)
    factors = [safety_factor_for_fill_rate(0.95, sd, quantity) for quantity in (6, 12, 24)]
    assert factors == pytest.approx([1.20, 0.83, 0.41], abs=0.006)
    assert fill_rate_normal(0.5, sd, 6, lost_sales=True) > fill_rate_normal(0.5, sd, 6)


def test_the_level_of_a_fill_rate_is_the_smallest() -> None:
    lead, interval = counts_over(2, 5, stated(7, 2), 0.0), counts_over(2, 5, stated(7, 2), 7.0)
    for target in (0.5, 0.9, 0.98, 0.999):
        level = level_for_fill_rate(interval, lead, target)
        assert fill_rate(interval, lead, level) >= target > fill_rate(interval, lead, level - 1)
        assert level < interval.quantile(target) or target < 0.6


def test_what_is_short_before_the_order_counts_once() -> None:
    """With nothing at all, all of a review's demand is short: fill rate 0, not below."""
    assert fill_rate(poisson(14), poisson(7), 0) == pytest.approx(0.0)
    assert fill_rate(poisson(14), poisson(7), 60) == pytest.approx(1.0)
    assert fill_rate(poisson(0), poisson(0), 0) == 1.0
    assert cycle_service(poisson(14), 19) == pytest.approx(float(poisson(14).cdf[19]))
