"""Demand distributions against scipy, stockpyl, hand arithmetic and brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from stockpyl import loss_functions

from inventory.replenishment.distribution import (
    NOTHING,
    Distribution,
    counts,
    exactly,
    from_quantiles,
    from_samples,
    mixture,
    normal_shortage,
    over_days,
    poisson,
    trimmed,
)
from inventory.replenishment.lead_time import LeadTime, counts_over, stated

DIE = Distribution(np.full(6, 1 / 6))
COIN = Distribution(np.array([0.5, 0.5]))


def distributions() -> some.SearchStrategy[Distribution]:
    weights = some.lists(some.floats(0.01, 1.0), min_size=1, max_size=9)
    return weights.map(lambda drawn: trimmed(np.array(drawn)))


@given(distributions(), some.integers(-4, 12))
def test_the_losses_are_the_sums_they_stand_for(demand: Distribution, units: int) -> None:
    x = np.arange(demand.most + 1)
    assert demand.shortage(units) == pytest.approx(float(demand.pmf @ np.maximum(x - units, 0)), abs=1e-12)
    assert demand.leftover(units) == pytest.approx(float(demand.pmf @ np.maximum(units - x, 0)), abs=1e-12)
    assert demand.at_least(units) == pytest.approx(float(demand.pmf[x >= units].sum()), abs=1e-12)


@given(distributions(), some.floats(0.001, 0.999))
def test_a_quantile_is_the_smallest_that_reaches(demand: Distribution, probability: float) -> None:
    found = demand.quantile(probability)
    assert demand.cdf[found] >= probability - 1e-12
    assert found == 0 or demand.cdf[found - 1] < probability


@given(distributions(), distributions())
def test_sums_add_moments_and_differences_are_all_pairs(one: Distribution, other: Distribution) -> None:
    both = one.plus(other)
    assert both.mean == pytest.approx(one.mean + other.mean)
    assert both.variance == pytest.approx(one.variance + other.variance)
    left = np.zeros(one.most + 1)
    for (stock, a), (asked, b) in itertools.product(enumerate(one.pmf), enumerate(other.pmf)):
        left[max(stock - asked, 0)] += a * b
    assert one.less(other).pmf == pytest.approx(left[: one.less(other).most + 1], abs=1e-11)


@pytest.mark.parametrize(("mean", "variance"), [(0.05, 0.08), (3, 3), (14, 84), (60, 61), (250, 9000), (3000, 40000)])
def test_counts_are_those_of_scipy_with_the_losses_of_stockpyl(mean: float, variance: float) -> None:
    found = counts(mean, variance)
    oracle = stats.poisson(mean) if variance == mean else stats.nbinom(mean**2 / (variance - mean), mean / variance)
    assert found.pmf == pytest.approx(oracle.pmf(np.arange(found.most + 1)), rel=1e-9, abs=1e-13)
    assert (found.mean, found.variance) == pytest.approx((mean, variance), rel=1e-6)
    for probability in (0.5, 0.9, 0.99, 0.9999):
        assert found.quantile(probability) == oracle.ppf(probability)
    if variance > mean and mean < 100:
        expected, _ = loss_functions.negative_binomial_loss(
            round(mean) + 1, r=mean**2 / (variance - mean), p=mean / variance
        )
        assert found.shortage(round(mean) + 1) == pytest.approx(expected, abs=1e-6)


def test_the_loss_vectors() -> None:
    """FORMULAS.md 3.9, and the same of stockpyl."""
    assert poisson(15).shortage(18) == pytest.approx(0.517610, abs=5e-7)
    assert poisson(15).shortage(18) == pytest.approx(loss_functions.poisson_loss(18, 15)[0])
    assert normal_shortage(55, 50, 8) == pytest.approx(1.295360, abs=5e-7)
    assert normal_shortage(55, 50, 8) == pytest.approx(loss_functions.normal_loss(55, 50, 8)[0])


def test_no_demand_and_a_known_stock() -> None:
    assert (counts(0, 0).most, NOTHING.quantile(0.99), NOTHING.shortage(0), NOTHING.leftover(4)) == (0, 0, 0.0, 4.0)
    assert (exactly(3).mean, exactly(3).variance, exactly(3).less(DIE).pmf[0]) == (3.0, 0.0, pytest.approx(3 / 6))


def test_samples_count_as_often_as_they_weigh() -> None:
    assert from_samples([0, 2, 2, 5]).pmf.tolist() == [0.25, 0.0, 0.5, 0.0, 0.0, 0.25]
    assert from_samples([0, 1], [3.0, 1.0]).pmf.tolist() == [0.75, 0.25]


@given(
    some.lists(some.floats(0.0, 300.0), min_size=3, max_size=9, unique=True),
    some.lists(some.integers(1, 98), min_size=9, max_size=9, unique=True),
)
def test_given_quantiles_are_met(values: list[float], percents: list[int]) -> None:
    values = sorted(values)
    levels = [percent / 100 for percent in sorted(percents[: len(values)])]
    found = from_quantiles(levels, values)
    for level, value in zip(levels, values, strict=True):
        assert abs(found.quantile(level) - np.ceil(value)) <= (1 if abs(value - round(value)) < 1e-6 else 0)


def test_equal_quantiles_are_one_jump() -> None:
    """P(0) = 0.7, P(<= 1) = 0.9, then each further unit a third as likely as the one before."""
    found = from_quantiles([0.3, 0.5, 0.7, 0.9], [0, 0, 0, 1])
    assert found.pmf[:3] == pytest.approx([0.7, 0.2, 0.1 * (1 - 1 / 3)])


def test_a_mixture_over_days_has_the_moments_of_a_random_sum() -> None:
    """Wald: E = E[N] mu, Var = E[N] sigma^2 + Var[N] mu^2, with N 1 or 3 days alike."""
    found = over_days(DIE, [0.0, 0.5, 0.0, 0.5])
    assert found.mean == pytest.approx(2 * 2.5)
    assert found.variance == pytest.approx(2 * 35 / 12 + 1 * 2.5**2)
    assert over_days(COIN, [0.25, 0.75]).pmf == pytest.approx([0.25 + 0.375, 0.375])


def test_a_mixture_weighs_its_parts() -> None:
    assert mixture([0.2, 0.8], [exactly(0), COIN]).pmf == pytest.approx([0.6, 0.4])


@pytest.mark.parametrize(("mean", "sd"), [(7, 2), (30, 8), (1, 0.5), (2.5, 0), (0, 0)])
def test_a_stated_lead_time_keeps_mean_and_deviation(mean: float, sd: float) -> None:
    """Rounding to whole days adds about a twelfth of a squared day."""
    found = stated(mean, sd)
    assert sum(found.weights) == pytest.approx(1.0)
    assert found.mean_days == pytest.approx(mean, abs=0.02)
    assert found.variance_days == pytest.approx(sd**2 + (1 / 12 if sd else mean % 1 * (1 - mean % 1)), abs=0.02)


def test_demand_over_a_random_lead_time() -> None:
    """m = mu (mu_L + R), v = (mu_L + R) sigma^2 + mu^2 sigma_L^2 (FORMULAS.md 3.2)."""
    lead_time = LeadTime((0.0, 0.0, 0.5, 0.0, 0.5))
    found = counts_over(2.0, 5.0, lead_time, 1.0)
    assert (found.mean, found.variance) == pytest.approx((2 * 4, 4 * 5 + 4 * 1))
    assert [lead_time.quantile(p) for p in (0.4, 0.5, 0.51, 1.0)] == [2, 2, 4, 4]
