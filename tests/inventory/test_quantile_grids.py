"""Quantiles between and beyond those that were told, and chances from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from inventory.demand.conformal import learn, levels, missed, new, stretches
from inventory.demand.quantile_grids import chance_at_most, quantile_at

CHANCES = np.array([0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995])
EXPONENTIAL = stats.expon(scale=10.0)


@pytest.mark.parametrize("level", [0.005, 0.25, 0.995, 0.999, 0.9999])
def test_an_exponential_tail_is_met_exactly(level: float) -> None:
    found = quantile_at(EXPONENTIAL.ppf(CHANCES)[None], CHANCES, np.array([level]))
    assert found[0] == pytest.approx(EXPONENTIAL.ppf(level))


def test_between_the_chances_it_is_near() -> None:
    grid = stats.nbinom.ppf(CHANCES, 3.0, 0.05)[None]
    for level in (0.1, 0.4, 0.65, 0.9, 0.99):
        assert quantile_at(grid, CHANCES, np.array([level]))[0] == pytest.approx(
            stats.nbinom.ppf(level, 3.0, 0.05), rel=0.15
        )


@given(
    st.lists(st.sampled_from([0.0, 1.0, 1.0, 2.0, 5.0, 7.5]), min_size=9, max_size=9),
    st.floats(0.0, 0.9999),
    st.floats(0.0, 0.9999),
)
def test_quantiles_rise_and_chances_undo_them(values: list[float], one: float, other: float) -> None:
    grid = np.sort(values)[None]
    low, high = sorted([one, other])
    found = [quantile_at(grid, CHANCES, np.array([level]))[0] for level in (low, high)]
    assert 0.0 <= found[0] <= found[1] + 1e-9
    assert chance_at_most(grid, CHANCES, np.array([found[0] + 1e-9]))[0] >= low - 1e-6
    assert chance_at_most(grid, CHANCES, np.array([-1.0]))[0] == 0.0
    assert chance_at_most(grid, CHANCES, np.array([1e6]))[0] >= 0.995


def test_conformal_control_of_a_grid_delivers_its_coverage() -> None:
    """Negative binomial units of variance four means, told as quantiles of variance 1.3; sales double."""
    random, series, coverage = np.random.default_rng(1), 60, np.array([0.9])
    state, shares, level = new(coverage, 1), [], 5.0
    for day in range(800):
        mean = 5.0 if day < 400 else 10.0
        units = random.negative_binomial(mean / 3.0, 0.25, series).astype(float)
        grid = np.tile(stats.nbinom.ppf(CHANCES, level / 0.3, 1 / 1.3), (series, 1))
        at = np.full(series, levels(state)[0, 0])
        quantile = np.ceil(quantile_at(grid, CHANCES, at) * stretches(state)[0, 0])
        below, at_most = (chance_at_most(grid, CHANCES, quantile - less) for less in (1.0, 0.0))
        share = missed(units, quantile, below, at_most, at)
        learn(state, np.zeros(series, dtype=np.int64), share[:, None])
        shares.append(share.mean())
        level += (units.mean() - level) / 20.0
    assert 1.0 - np.mean(shares) == pytest.approx(0.9, abs=0.01)
