"""A level that changed for good is followed soon, one that did not is left alone."""

import numpy as np
import pytest
from scipy import integrate, stats

from inventory.demand.level_steps import LevelSteps, _marginal
from inventory.demand.panel.arrays import Array
from tests.inventory.test_learner import INTERVAL, NAMES, Units, means, taught

DAYS, N, WEEK = 120, 400, 7
FLAT = np.ones((N, WEEK))
EVERYBODY = np.ones(N, dtype=np.bool_)


def _told(level: Array, days: int, rate: Units, calendar: Units = lambda _day: np.ones(N)) -> tuple[LevelSteps, Array]:
    """A forecast that stays at ``level`` (n,) whatever is sold; the last corrected one, per usual day."""
    steps = LevelSteps()
    steps.grow(N)
    corrected = level
    for day in range(days):
        ahead = np.stack([calendar(day + step) for step in range(WEEK)], axis=1)
        corrected = steps.corrected(level[:, None] * ahead, ahead).sum(axis=1) / ahead.sum(axis=1)
        steps.learn(np.random.default_rng((3, day)).poisson(rate(day) * ahead[:, 0]), np.ones(N), EVERYBODY)
    return steps, corrected


@pytest.mark.parametrize(
    ("before", "after", "days"), [(5.0, 15.0, 10), (15.0, 5.0, 16), (1.0, 3.0, 21), (3.0, 1.0, 28)]
)
def test_a_step_is_followed_though_the_forecast_stays_where_it_was(before: float, after: float, days: int) -> None:
    level = np.full(N, before)
    _, corrected = _told(level, DAYS + days, lambda day: np.full(N, before if day < DAYS else after))
    assert np.median(corrected) == pytest.approx(after, rel=0.2)


@pytest.mark.parametrize("rate", [0.3, 3.0, 30.0])
def test_chance_is_no_step(rate: float) -> None:
    """Of right forecasts one in a hundred is moved by a fifth at most, and all together by next to nothing."""
    _, corrected = _told(np.full(N, rate), DAYS, lambda _day: np.full(N, rate))
    assert np.mean(np.abs(corrected / rate - 1.0) > 0.2) <= 0.01
    assert corrected.mean() == pytest.approx(rate, rel=0.01)


def test_one_enormous_day_is_no_step() -> None:
    level = np.full(N, 5.0)
    _, corrected = _told(level, DAYS + 1, lambda day: np.full(N, 500.0 if day == DAYS - 1 else 5.0))
    assert np.median(corrected) == pytest.approx(5.0, rel=0.25)


def test_what_the_calendar_brings_is_no_step() -> None:
    """Twice as much in the last weeks, as the dates say."""
    level = np.full(N, 5.0)
    _, corrected = _told(level, DAYS, lambda _day: level, lambda day: np.full(N, 2.0 if day >= DAYS - 20 else 1.0))
    assert np.mean(np.abs(corrected / 5.0 - 1.0) > 0.2) <= 0.01


def test_days_nobody_heard_of_say_nothing() -> None:
    steps, before = _told(np.full(N, 5.0), DAYS, lambda _day: np.full(N, 5.0))
    steps.corrected(5.0 * FLAT, FLAT)
    for _ in range(20):
        steps.learn(np.zeros(N), np.ones(N), ~EVERYBODY)
        steps.learn(np.zeros(N), np.zeros(N), EVERYBODY)
    after = steps.corrected(5.0 * FLAT, FLAT).sum(axis=1) / WEEK
    assert after == pytest.approx(before, rel=0.1)


def test_the_marginal_is_the_integral() -> None:
    a, b, units, exposed = 2.5, 0.5, 11, 7.0

    def likelihood(rate: float) -> float:
        return float(stats.poisson.pmf(units, rate * exposed) * stats.gamma.pdf(rate, a, scale=1.0 / b))

    whole, _ = integrate.quad(likelihood, 0.0, 30.0)
    constant = units * np.log(exposed) - sum(np.log(range(1, units + 1)))
    arrays = (np.array([one], dtype=np.float64) for one in (a, b, units, exposed))
    assert _marginal(*arrays)[0] + constant == pytest.approx(np.log(whole), abs=1e-6)


@pytest.mark.parametrize(("before", "after"), [(6.0, 18.0), (18.0, 6.0)])
def test_the_learner_follows_a_step_of_some_series_within_three_weeks(before: float, after: float) -> None:
    """To a quarter; every fourth series, so that no sum of theirs tells."""
    some = np.arange(len(NAMES)) % 4 == 1

    def units(day: int) -> Array:
        rate = np.where(some & (day >= 70), after, before)
        return np.random.default_rng((7, day)).poisson(rate).astype(np.float64)

    said = means(taught(units, 91)) / INTERVAL
    assert said[some].mean() == pytest.approx(after, rel=0.25)
    assert said[~some].mean() == pytest.approx(before, rel=0.15)
