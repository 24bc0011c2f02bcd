"""Demand by the period: hand arithmetic, the season, what is not heard, no look ahead, and its memory."""

import numpy as np
import pytest

from inventory.demand.memory import decode, encode, recall
from inventory.demand.periods.learner import PeriodDemand
from inventory.demand.periods.levels import SeasonalLevels
from inventory.demand.periods.scatter import Scatter
from inventory.demand.periods.season import Season

ALONE = np.zeros(1, dtype=np.intp)
PLACES = 4


def _demand(n: int = 6) -> PeriodDemand:
    return PeriodDemand(np.arange(n) // 3, np.arange(n) % 2, PLACES)


def _history(periods: int = 40, n: int = 6) -> np.ndarray:
    random = np.random.default_rng(3)
    return random.poisson(np.array([2.0, 6.0, 2.0, 2.0])[np.arange(periods) % PLACES, None], (periods, n)).astype(float)


def _learned(history: np.ndarray) -> PeriodDemand:
    demand = _demand(history.shape[1])
    for period, units in enumerate(history):
        demand.learn(period % PLACES, units)
    return demand


def test_a_season_by_hand() -> None:
    season = Season(1, 4, trust=10.0, keep=0.5, beside=0.5)
    season.learn(0, ALONE, np.array([30.0]), np.array([20.0]))
    assert season.factor(0) == (30 + 10) / (20 + 10)
    assert [season.factor(place) for place in (1, 2, 3)] == [1.0, 1.0, 1.0]
    season.learn(0, ALONE, np.array([5.0]), np.array([10.0]))
    assert season.factor(0) == (0.5 * 30 + 5 + 10) / (0.5 * 20 + 10 + 10)


def test_what_is_sold_beside_a_place_counts_once_it_was_seen_itself() -> None:
    season = Season(1, 4, trust=10.0, keep=0.5, beside=0.5)
    season.learn(0, ALONE, np.array([30.0]), np.array([20.0]))
    season.learn(1, ALONE, np.array([4.0]), np.array([10.0]))
    assert season.factor(1) == (4 + 15 + 10) / (10 + 10 + 10)


def test_what_all_do_for_the_first_time_moves_levels_too() -> None:
    """Ten weeks of 10 and five of 20, in no week of which anybody knows a season."""
    demand = PeriodDemand(np.zeros(8, dtype=np.intp), np.zeros(8, dtype=np.intp))
    for week in range(15):
        demand.learn(week, np.full(8, 10.0 if week < 10 else 20.0))
    assert demand.forecast([15]).mean == pytest.approx(15.0, rel=0.15)


def test_levels_by_hand() -> None:
    levels = SeasonalLevels(ALONE, 1)
    levels.learn(np.array([4.0]), np.array([2.0]), np.array([True]))
    assert levels.slow()[0] == pytest.approx((4 + 1 * (4 / 2)) / (2 + 1))
    assert levels.quick()[0] == pytest.approx((4 + 8 * 2) / (2 + 8))
    levels.learn(np.array([9.0]), np.array([1.0]), np.array([True]))
    slow = (0.985 * 4 + 9) / (0.985 * 2 + 1)
    assert levels.slow()[0] == pytest.approx(slow)
    assert levels.quick()[0] == pytest.approx((0.85 * 4 + 9 + 8 * slow) / (0.85 * 2 + 1 + 8))


def test_scatter_by_hand() -> None:
    scatter = Scatter(1)
    scatter.learn(np.array([2.0]), np.array([6.0]), np.array([True]))
    over, due = (16 - 2) / (2 * 3), 2 / 3
    assert scatter.of_all() == pytest.approx(over / due)
    assert scatter.phi()[0] == pytest.approx(over / due)
    scatter.learn(np.array([0.1]), np.array([50.0]), np.array([True]))
    assert scatter.of_all() == pytest.approx(over / due)


def test_a_season_is_found_and_drawn_to_one_where_little_is_known() -> None:
    """Period 1 sells three times as much as others, smoothed over its neighbours, 2 + 6 + 2 to 2, twice their half."""
    few, many = (_learned(_history(n=n)).forecast([1, 3]).mean.sum(axis=0) for n in (6, 240))
    assert 1.1 < few[0] / few[1] < many[0] / many[1]
    assert many[0] / many[1] == pytest.approx((6 + 2) / (2 + 2), rel=0.15)


def test_never_negative_and_never_less_scattered_than_poisson() -> None:
    history = _history()
    history[:, 0] = -5.0
    expected = _learned(history).forecast([0, 1])
    assert (expected.mean >= 0.0).all()
    assert (expected.variance >= expected.mean).all()


def test_series_that_never_sold_are_expected_to_sell_nothing() -> None:
    expected = _learned(np.zeros((20, 6))).forecast([0])
    assert not expected.mean.any()
    assert not expected.variance.any()


def test_a_period_out_of_stock_teaches_nothing() -> None:
    told, empty = _learned(_history()), _learned(_history())
    empty.learn(0, np.zeros(6), np.zeros(6, dtype=np.bool_))
    empty.learn(0, np.full(6, np.nan))
    before, after = told.forecast([1]).mean, empty.forecast([1]).mean
    assert after == pytest.approx(before)
    lower = _learned(_history())
    lower.learn(0, np.zeros(6))
    assert (lower.forecast([1]).mean < after).all()


def test_a_new_series_begins_like_its_group() -> None:
    history = _history()
    history[:, 3:] *= 10.0
    demand = _learned(history)
    demand.grow(np.append(np.arange(6) // 3, [0, 1]), np.append(np.arange(6) % 2, [0, 0]))
    small, large = demand.forecast([1]).mean[-2:, 0]
    assert large / small == pytest.approx(10.0, rel=0.3)


def test_what_is_learned_later_changes_no_forecast_made_before() -> None:
    history = _history()
    demand = _learned(history[:30])
    made = demand.forecast([2, 3])
    copy = made.mean.copy()
    demand.learn(2, np.full(6, 99.0))
    assert (made.mean == copy).all()
    assert (_learned(history[:30]).forecast([2, 3]).mean == copy).all()


def test_memory_is_plain_and_keeps_every_bit() -> None:
    demand, again = _learned(_history()), _demand()
    recall(again, decode(encode(demand)))
    for one in (demand, again):
        one.learn(0, np.arange(6.0))
    assert (demand.forecast([0, 1, 2]).mean == again.forecast([0, 1, 2]).mean).all()
    assert (demand.forecast([0, 1, 2]).variance == again.forecast([0, 1, 2]).variance).all()
