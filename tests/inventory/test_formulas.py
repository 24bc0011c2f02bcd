"""Formulas against textbook values, scipy and brute force (FORMULAS.md 3.2, 3.3, 3.6, 3.9)."""

import math
import random

import pytest
from scipy import stats

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.position import InventoryPosition
from inventory.replenishment.quantiles import NORMAL_FROM, quantile
from inventory.replenishment.rounding import round_up
from tests.inventory.logs import DAY, HOUR, START

HALF_LIFE = 28.0
FIRST_DAY = START // DAY


@pytest.mark.parametrize("mean", [0.02, 0.3, 1.0, 4.7, 16.0, 55.0, 180.0, 399.0])
@pytest.mark.parametrize("ratio", [1.0, 1.01, 1.5, 4.0, 20.0])
def test_quantiles_are_those_of_scipy(mean: float, ratio: float) -> None:
    for probability in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999):
        if ratio == 1.0:
            expected = stats.poisson.ppf(probability, mean)
        else:
            size = mean / (ratio - 1.0)
            expected = stats.nbinom.ppf(probability, size, 1.0 / ratio)
        assert quantile(mean, mean * ratio, probability) == expected


@pytest.mark.parametrize("ratio", [1.0, 1.5, 5.0, 50.0, 200.0, 400.0])
@pytest.mark.parametrize("probability", [0.8, 0.9, 0.95, 0.98, 0.99])
def test_beyond_the_border_the_bent_normal_is_close_to_scipy(ratio: float, probability: float) -> None:
    mean = NORMAL_FROM + 1.0
    exact = stats.poisson(mean) if ratio == 1.0 else stats.nbinom(mean / (ratio - 1.0), 1.0 / ratio)
    assert quantile(mean, mean * ratio, probability) == pytest.approx(exact.ppf(probability), rel=0.025, abs=1.0)
    assert abs(quantile(NORMAL_FROM, NORMAL_FROM * ratio, 0.95) - quantile(mean, mean * ratio, 0.95)) <= 25


@pytest.mark.parametrize(
    ("need", "minimum", "pack", "quantity"),
    [(30 - 11, 24, 6, 24), (30 - 29, 12, 6, 12), (30 - 30, 12, 6, 0), (13, 0, 6, 18), (-4, 12, 6, 0), (7, 8, 5, 10)],
)
def test_rounding(need: int, minimum: int, pack: int, quantity: int) -> None:
    assert round_up(need, minimum, pack) == quantity


@pytest.mark.parametrize(
    ("on_hand", "on_order", "reserved", "units", "backorders", "available"),
    [(10, 5, 3, 12, 0, 7), (2, 0, 5, -3, 3, 0), (-4, 6, 0, 6, 0, 0), (-4, 6, 2, 4, 2, 0)],
)
def test_the_position(on_hand: int, on_order: int, reserved: int, units: int, backorders: int, available: int) -> None:
    position = InventoryPosition(on_hand, on_order, reserved)
    assert (position.units, position.backorders, position.available) == (units, backorders, available)


def _brute_force(sales: dict[int, int], first: int, today: int) -> tuple[float, float]:
    """Weighted moments over every day from the first to yesterday, zero days included."""
    weights = {day: 0.5 ** ((today - 1 - day) / HALF_LIFE) for day in range(first, today)}
    total = sum(weights.values())
    mean = sum(weight * sales.get(day, 0) for day, weight in weights.items()) / total
    square = sum(weight * sales.get(day, 0) ** 2 for day, weight in weights.items()) / total
    return mean, max(square - mean * mean, mean)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("latest", [0, 1, 6])
def test_moments_are_those_of_all_days(seed: int, latest: int) -> None:
    """Sparse sales, voids, and sales told up to ``latest`` days late."""
    chance = random.Random(seed)
    demand, sales = DailyDemand(), {}
    today = FIRST_DAY + 10
    for _ in range(120):
        today += chance.choice([0, 0, 0, 1, 1, 2, 5])
        day = max(today - chance.randint(0, latest), FIRST_DAY + 10)
        units = chance.choice([1, 1, 2, 5, 12, -1])
        daily.close_days(demand, today, HALF_LIFE)
        daily.observe(demand, units, day * DAY + chance.randrange(24) * HOUR, HALF_LIFE)
        sales[day] = sales.get(day, 0) + units
    today += 3
    daily.close_days(demand, today, HALF_LIFE)
    assert daily.forecast(demand) == pytest.approx(_brute_force(sales, min(sales), today))
    assert demand.days_observed == today - min(sales)
    assert len(demand.closed) <= daily.DAYS_KEPT


def test_a_sale_from_before_the_first_day_counts_the_days_between() -> None:
    demand = DailyDemand()
    daily.observe(demand, 3, (FIRST_DAY + 5) * DAY, HALF_LIFE)
    daily.close_days(demand, FIRST_DAY + 6, HALF_LIFE)
    daily.observe(demand, 2, (FIRST_DAY + 2) * DAY, HALF_LIFE)
    daily.observe(demand, 4, (FIRST_DAY + 2) * DAY, HALF_LIFE)
    expected = _brute_force({FIRST_DAY + 5: 3, FIRST_DAY + 2: 6}, FIRST_DAY + 2, FIRST_DAY + 6)
    assert daily.forecast(demand) == pytest.approx(expected)
    assert demand.days_observed == 4


def test_a_sale_from_an_age_ago_is_quick_and_weighs_nothing() -> None:
    demand = DailyDemand()
    daily.observe(demand, 3, START, HALF_LIFE)
    daily.close_days(demand, FIRST_DAY + 1, HALF_LIFE)
    daily.observe(demand, 5, 0, HALF_LIFE)
    assert all(map(math.isfinite, daily.forecast(demand)))
    assert demand.days_observed == FIRST_DAY + 1


def test_steady_sales_scatter_at_least_like_poisson() -> None:
    demand = DailyDemand()
    for day in range(30):
        daily.observe(demand, 4, START + day * DAY, HALF_LIFE)
    assert daily.forecast(demand) == pytest.approx((4.0, 4.0))


def test_the_open_day_stands_in_until_one_is_closed() -> None:
    demand = DailyDemand()
    daily.observe(demand, 3, START, HALF_LIFE)
    assert daily.forecast(demand) == (3.0, 3.0)
    daily.observe(demand, -5, START, HALF_LIFE)
    assert daily.forecast(demand) == (0.0, 0.0)
