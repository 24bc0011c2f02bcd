"""Stated coverage is delivered coverage, with wrong forecasts, after a shift, and for whole units."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.demand.conformal import Conformal, delivered, learn, new, read
from inventory.demand.negative_binomial import chances, quantiles
from inventory.demand.plain import Array, plain, restored

COVERAGES = np.array([0.8, 0.9, 0.95, 0.98, 0.99])
SERIES = 60
ONE = np.zeros(1, dtype=np.intp)


def level_of(state: Conformal, coverage: float, of: int = 0) -> float:
    return float(read(state, np.array([of]), np.array([[coverage]]))[0, 0])


def _played(mean: float, told_spread: float, true_spread: float, days: int, step: float) -> Array:
    """Coverage by day, (days, coverages): sales step half-way, and a smoothed forecast follows within some 30 days.

    Of the atom at a quantile the part beyond the level counts as not covered.
    """
    random, level = np.random.default_rng(1), np.full(SERIES, mean)
    state, by_day = new(1), np.zeros((days, len(COVERAGES)))
    for day in range(days):
        true = mean * step if day >= days // 2 else mean
        units = random.negative_binomial(true / (true_spread - 1.0), 1.0 / true_spread, SERIES).astype(float)
        below, at_most = chances(level, level * told_spread, units)
        told = read(state, ONE, COVERAGES[None])[0]
        by_day[day] = np.clip((told - below[:, None]) / (at_most - below)[:, None], 0.0, 1.0).mean(axis=0)
        learn(state, day, np.zeros(SERIES, dtype=np.int64), below, at_most)
        level = np.maximum(level + (units - level) / 30.0, 0.05)
    return by_day


@pytest.mark.parametrize("mean", [0.4, 6.0])
@pytest.mark.parametrize("told_spread", [2.0, 8.0])
def test_a_wrong_dispersion_is_corrected_through_a_shift(mean: float, told_spread: float) -> None:
    """True variance four means; sales grow to three times as much half-way. A point at most, as is asked for."""
    by_day = _played(mean, told_spread, 4.0, 400, 3.0)
    assert by_day.mean(axis=0) == pytest.approx(COVERAGES, abs=0.01)


def test_high_levels_are_delivered_as_soon_as_low_ones() -> None:
    """A fortnight of 60 series is enough."""
    by_day = _played(6.0, 2.0, 4.0, 200, 1.0)
    assert by_day[14:70].mean(axis=0) == pytest.approx(COVERAGES, abs=0.012)


def test_without_it_the_same_forecast_falls_short_by_points() -> None:
    units = np.random.default_rng(2).negative_binomial(2.0, 0.25, 20_000)
    asked = quantiles(np.array([6.0]), np.array([12.0]), COVERAGES[None])[0]
    assert ((units[:, None] <= asked).mean(axis=0)[1:] < COVERAGES[1:] - 0.02).all()


def test_whole_units_cover_at_least_what_is_asked_for() -> None:
    state, random = new(1), np.random.default_rng(3)
    mean = np.full(SERIES, 2.0)
    for day in range(30):
        units = random.negative_binomial(1.0, 1.0 / 3.0, SERIES).astype(float)
        learn(state, day, np.zeros(SERIES, dtype=np.int64), *chances(mean, mean * 1.5, units))
    asked = quantiles(mean[:1], mean[:1] * 1.5, read(state, ONE, COVERAGES[None]))[0]
    units = random.negative_binomial(1.0, 1.0 / 3.0, 100_000)
    for quantile, coverage in zip(asked, COVERAGES, strict=True):
        assert (units <= quantile).mean() > coverage - 0.01


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), max_size=30), st.integers(0, 400))
def test_levels_rise_with_coverage_whatever_came(outcomes: list[tuple[float, float]], day: int) -> None:
    state = new(1)
    if outcomes:
        below, at_most = np.sort(np.array(outcomes), axis=1).T
        learn(state, day, np.zeros(len(outcomes), dtype=np.int64), below, at_most)
    told = [level_of(state, coverage) for coverage in (0.001, 0.01, 0.3, 0.95, 0.999, 0.99999, 0.9999999)]
    assert told == sorted(told)
    assert told[0] > 0.0
    assert told[-1] < 1.0


def test_outcomes_of_one_class_say_nothing_of_another_and_fade() -> None:
    state = new(2)
    learn(state, 0, np.ones(100, dtype=np.int64), np.full(100, 0.98), np.full(100, 0.99))
    assert level_of(state, 0.9) == pytest.approx(0.9)
    early = level_of(state, 0.9, of=1)
    learn(state, 560, np.array([0]), np.array([0.5]), np.array([0.6]))
    assert early > 0.97 > level_of(state, 0.9, of=1)


def test_what_a_level_delivers_is_read_at_that_level() -> None:
    """There and back, of classes that learned different things; certain and impossible stay so."""
    state, random = new(2), np.random.default_rng(5)
    for of, worst in ((0, 0.5), (1, 0.99)):
        below = random.uniform(0.0, worst, 200)
        learn(state, 0, np.full(200, of), below, below + 0.01)
    classes, asked = np.array([0, 1, 1]), np.tile(COVERAGES, (3, 1))
    assert delivered(state, classes, read(state, classes, asked)) == pytest.approx(asked, abs=1e-6)
    assert delivered(state, classes[:1], np.array([[0.0, 1.0]])).tolist() == [[0.0, 1.0]]
    assert (
        delivered(state, classes[:2], np.full((2, 1), 0.7))[0] > delivered(state, classes[:2], np.full((2, 1), 0.7))[1]
    )


def test_what_was_learned_survives_being_saved() -> None:
    state = new(2)
    learn(state, 3, np.array([0, 1]), np.array([0.2, 0.9]), np.array([0.4, 1.0]))
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state)))
    assert plain(restored(Conformal, saved)) == plain(state)
