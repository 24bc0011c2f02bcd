"""How single series depart from forecasts of their size: by hand, and through a judge."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.demand.judge import Interval, Judge
from inventory.demand.warps import Warps


def test_by_hand() -> None:
    """One outcome in the upper half against an even one: half the mass is below 0.75, so 0.25 is at 0.5."""
    warps = Warps(keep=1.0, even=1.0)
    warps.grow(2)
    warps.learn(np.array([0.5]), np.array([1.0]), np.array([True, False]))
    found = warps.chances(np.tile([0.25, 0.625], (2, 1)), np.array([0, 1]))
    assert found[0] == pytest.approx([0.5, 0.75])
    assert found[1] == pytest.approx([0.25, 0.625])
    assert warps.chances(np.array([[0.625]]), np.array([0]))[0] == pytest.approx([0.75])


@example([(1.0, 1.0)])
@example([(0.99999999, 1.0)])
@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=20))
def test_every_outcome_counts_as_one(outcomes: list[tuple[float, float]]) -> None:
    """Wherever it fell, beyond the last level or in no room at all, too."""
    warps = Warps(keep=1.0, even=1.0)
    warps.grow(1)
    for one, other in outcomes:
        warps.learn(np.array([min(one, other)]), np.array([max(one, other)]), np.array([True]))
    assert warps._counts.sum() == pytest.approx(len(outcomes), rel=1e-5)
    assert warps._counts.min() >= 0.0


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_outcomes_beyond_the_outermost_level_are_in_the_outermost_part(end: float) -> None:
    """One beside an even one: 0.505 of the mass is above 0.99, or 0.55 below 0.1."""
    warps = Warps(keep=1.0, even=1.0)
    warps.grow(1)
    warps.learn(np.array([end]), np.array([end]), np.array([True]))
    chance, level = (0.495, 0.99) if end == 1.0 else (0.55, 0.1)
    assert warps.chances(np.array([[chance]]), np.array([0]))[0, 0] == pytest.approx(level)


def test_chances_rise_and_stay_within() -> None:
    warps, random = Warps(keep=0.9, even=5.0), np.random.default_rng(2)
    warps.grow(20)
    for _ in range(40):
        below = random.uniform(0.0, 1.0, 20) ** 3
        warps.learn(below, np.minimum(below + 0.05, 1.0), np.ones(20, dtype=np.bool_))
    found = warps.chances(np.tile(np.linspace(0.001, 0.999, 50), (20, 1)), np.arange(20))
    assert (np.diff(found, axis=1) > 0.0).all()
    assert found.min() >= 0.0
    assert found.max() <= 1.0


def test_a_series_that_always_sells_more_is_read_higher_and_its_likes_are_not() -> None:
    """Forecast 4 of each; one of thirty sells 9. Its own levels rise far, those of the others hardly."""
    judge, n = Judge(), 30
    judge.grow(n)
    mean, random, everybody = np.full(n, 4.0), np.random.default_rng(1), np.ones(n, dtype=np.bool_)
    for day in range(60):
        units = random.poisson(4.0, n).astype(float)
        units[0] = 9.0
        judge.of_intervals(day, everybody, Interval(mean, mean * 1.01, units), np.zeros(n, dtype=np.intp), 1)
    own, other = judge.levels(np.array([0, 1]), mean[:2], np.full((2, 1), 0.5))[:, 0]
    assert own > 0.8
    assert other == pytest.approx(0.5, abs=0.1)
    both = judge.levels(np.array([0, 1]), mean[:2], np.full((2, 3), [0.1, 0.5, 0.9]))
    assert both[:, 1].tolist() == [own, other]
