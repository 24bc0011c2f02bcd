"""Demand hidden by stock-outs: laws, and known truths found again."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand.exposure import Day, Exposure, demand_driven, estimate, forecast, observe, open_share

HOURS = 16
PROFILE = np.array([1, 2, 4, 5, 4, 3, 2, 2, 3, 4, 4, 3, 2, 1, 1, 1]) / 42.0


def _state(series: int, groups: int = 1) -> Exposure:
    return Exposure(np.arange(series) % groups, HOURS, (7,))


def _days(levels: NDArray[np.float64], days: int, way: str, factors: NDArray[np.float64], seed: int = 1) -> list[Day]:
    """Poisson sales by the hour; half of the days have a stock (or an hour) after which nothing is sold."""
    random = np.random.default_rng(seed)
    made = []
    for day in range(days):
        sales = random.poisson(levels[:, None] * factors[day % 7] * PROFILE).astype(float)
        stock = random.uniform(0.2, 1.5, len(levels)) * levels
        hour = random.integers(1, HOURS, len(levels))
        by_stock = sales.cumsum(axis=1) - sales < stock[:, None]
        shown = by_stock if way == "stock" else np.arange(HOURS) < hour[:, None]
        shown |= (random.random(len(levels)) < 0.5)[:, None]
        made.append(Day(sales, shown, np.full((len(levels), 1), day % 7)))
    return made


def _hidden(day: Day) -> Day:
    return replace(day, sales=day.sales * day.in_stock)


@pytest.mark.parametrize("way", ["stock", "time"])
def test_the_hidden_demand_is_found_whatever_empties_the_shelf(way: str) -> None:
    levels, factors = np.geomspace(3.0, 60.0, 200), np.array([1, 1, 1, 1, 1.2, 1.6, 0.6])
    days, state = _days(levels, 90, way, factors), _state(200)
    found = np.stack([observe(state, _hidden(day)) for day in days])[30:]
    truth = np.stack([day.sales.sum(axis=1) for day in days])[30:]
    cut = np.stack([~day.in_stock.all(axis=1) for day in days])[30:]
    assert found[cut].sum() == pytest.approx(truth[cut].sum(), rel=0.03)
    assert found[~cut] == pytest.approx(truth[~cut])
    week = np.array([forecast(state, np.full((200, 1), day)).sum() for day in range(7)])
    assert week / week.mean() == pytest.approx(factors / factors.mean(), rel=0.06)


def test_whether_stock_outs_follow_demand_is_told_apart() -> None:
    driven = {}
    for way in ("stock", "time"):
        state = _state(200)
        for day in _days(np.full(200, 8.0), 90, way, np.ones(7)):
            observe(state, _hidden(day))
        driven[way] = demand_driven(state)
    assert driven["stock"] > driven["time"] + 0.3
    assert driven["time"] < 0.1


def test_a_day_without_a_stock_out_is_its_own_sales() -> None:
    state, day = _state(3), Day(np.full((3, HOURS), 0.5), np.full((3, HOURS), True), np.zeros((3, 1), np.int64))
    assert observe(state, day) == pytest.approx(np.full(3, 8.0))


def test_a_day_without_any_stock_is_a_usual_day_and_teaches_nothing_of_the_level() -> None:
    state = _state(5)
    for day in _days(np.full(5, 20.0), 40, "time", np.ones(7)):
        observe(state, day)
    usual = forecast(state, np.zeros((5, 1), np.int64))
    shut = Day(np.zeros((5, HOURS)), np.full((5, HOURS), False), np.zeros((5, 1), np.int64))
    for _ in range(60):
        assert observe(state, shut) == pytest.approx(usual)


def test_the_share_of_open_hours_follows_the_profile() -> None:
    state = _state(4)
    for day in _days(np.full(4, 200.0), 60, "time", np.ones(7)):
        observe(state, day)
    morning = np.broadcast_to(np.arange(HOURS) < 6, (4, HOURS))
    assert open_share(state, morning) == pytest.approx(np.full(4, PROFILE[:6].sum()), abs=0.02)


@pytest.mark.parametrize("kind", ["zero", "new", "dying", "huge", "returns", "missing"])
def test_never_negative_nor_undefined(kind: str) -> None:
    state = _state(6, groups=2)
    days = _days(np.full(6, 5.0), 60, "stock", np.ones(7))
    for at, day in enumerate(days):
        sales = (
            day.sales
            * {
                "zero": 0.0,
                "new": np.where(at < 50, 0.0, 1.0),
                "dying": np.where(at > 20, 0.0, 1.0),
                "huge": 1e12,
                "returns": -1.0,
                "missing": np.where(np.arange(HOURS) == at % HOURS, np.nan, 1.0),
            }[kind]
        )
        found = observe(state, replace(day, sales=sales))
        assert np.isfinite(found).all()
        assert (found >= np.fmax(sales, 0.0).sum(axis=1) - 1e-9).all()
    assert (forecast(state, days[0].kinds) >= 0.0).all()


def test_demand_that_died_is_forgotten() -> None:
    state = _state(3)
    for at, day in enumerate(_days(np.full(3, 30.0), 160, "time", np.ones(7))):
        observe(state, replace(day, sales=day.sales * (at < 60)))
    assert (forecast(state, np.zeros((3, 1), np.int64)) < 1.0).all()


def test_no_day_looks_ahead() -> None:
    days = [_hidden(day) for day in _days(np.full(9, 6.0), 30, "stock", np.ones(7))]
    one, two = _state(9), _state(9)
    for at, day in enumerate(days):
        assert np.array_equal(forecast(one, day.kinds), forecast(two, day.kinds)) == (at <= 20)
        observe(one, day)
        observe(two, day if at < 20 else replace(day, sales=day.sales * 9.0))


def test_estimating_changes_nothing() -> None:
    state, day = _state(9), _days(np.full(9, 6.0), 1, "stock", np.ones(7))[0]
    assert np.array_equal(estimate(state, day), estimate(state, day))
    assert state.days == 0
