"""Stated coverage is delivered coverage, with wrong forecasts, after a shift, and for whole units."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from inventory.demand.conformal import (
    Conformal,
    grow,
    key,
    learn,
    level_for,
    levels,
    missed,
    new,
    stretches,
    uniforms,
    whole,
)
from inventory.demand.plain import plain, restored

Floats = NDArray[np.float64]
COVERAGES = np.array([0.8, 0.9, 0.95, 0.98])


def test_the_vectors() -> None:
    """alpha 0.1, gamma 0.02: 0.1 + 0.02 (0.1 - 1) after a miss, 0.1 + 0.02 * 0.1 after a hit (FORMULAS.md 3.9)."""
    after = []
    for miss in (1.0, 0.0):
        state = new(np.array([0.9]), 1)
        learn(state, np.array([0]), np.array([[miss]]))
        after.append(state.at[0, 0])
    assert after == pytest.approx([0.082, 0.102])


def _forecast(mean: Floats, spread: float, level: Floats) -> tuple[Floats, Floats, Floats]:
    """Quantile of a negative binomial, and its chances of less and of at most that."""
    quantile = stats.nbinom.ppf(level, mean / (spread - 1.0), 1.0 / spread)
    around = [stats.nbinom.cdf(quantile - less, mean / (spread - 1.0), 1.0 / spread) for less in (1.0, 0.0)]
    return quantile, around[0], around[1]


def _delivered(mean: float, told_spread: float, days: int, step: float, *, follows: bool) -> tuple[Floats, Floats]:
    """Coverage by shares of misses and by whole units, (targets,): 60 series of variance 3 means, a step half-way."""
    random, series, true = np.random.default_rng(1), 60, mean
    state, level = new(COVERAGES, 1), np.full(60, mean)
    keys = np.array([key(str(at)) for at in range(series)], dtype=np.uint64)
    shares, hits = np.zeros(len(COVERAGES)), np.zeros(len(COVERAGES))
    for day in range(days):
        true = mean * step if day >= days // 2 else mean
        units = random.negative_binomial(true / 2.0, 1.0 / 3.0, series).astype(float)
        share = np.empty((series, len(COVERAGES)))
        for target, (at, stretch) in enumerate(zip(levels(state)[0], stretches(state)[0], strict=True)):
            asked = np.full(series, at)
            quantile, below, at_most = _forecast(level, told_spread, asked)
            quantile = np.ceil(quantile * stretch)
            share[:, target] = missed(units, quantile, below, at_most, asked) if stretch == 1.0 else units > quantile
            chosen = whole(quantile, below, at_most, asked, uniforms(keys, day)) if stretch == 1.0 else quantile
            hits[target] += (units <= chosen).mean()
        learn(state, np.zeros(series, dtype=np.int64), share)
        shares += 1.0 - share.mean(axis=0)
        if follows:
            level = level + (np.maximum(units, 0.0) - level) / 30.0
            level = np.maximum(level, 0.05)
    return shares / days, hits / days


@pytest.mark.parametrize("mean", [0.4, 6.0])
@pytest.mark.parametrize("told_spread", [1.2, 8.0])
def test_a_wrong_dispersion_is_corrected_through_a_shift(mean: float, told_spread: float) -> None:
    """True variance three means, told 1.2 or 8; sales double after half of the days and the forecast follows."""
    by_share, by_whole = _delivered(mean, told_spread, 500, 2.0, follows=True)
    assert by_share == pytest.approx(COVERAGES, abs=0.01)
    assert by_whole == pytest.approx(COVERAGES, abs=0.015)


def test_even_a_forecast_that_never_learns_of_the_shift_is_stretched_to_cover() -> None:
    by_share, _ = _delivered(6.0, 1.2, 1000, 2.0, follows=False)
    assert by_share == pytest.approx(COVERAGES, abs=0.01)


def test_without_control_the_same_forecast_covers_too_little() -> None:
    random = np.random.default_rng(2)
    units = random.negative_binomial(3.0, 1.0 / 3.0, 20_000)
    quantile, _, _ = _forecast(np.array([6.0]), 1.2, np.array([0.95]))
    assert (units <= quantile).mean() < 0.91


def test_the_right_forecast_misses_exactly_its_share() -> None:
    """The mean share of a miss at any level is one minus the level, however coarse the units."""
    units = np.arange(60.0)
    chance = stats.nbinom.pmf(units, 0.3, 0.4)
    for level in (0.3, 0.7, 0.9, 0.99):
        quantile, below, at_most = (
            np.full(60, value)
            for value in (
                stats.nbinom.ppf(level, 0.3, 0.4),
                stats.nbinom.cdf(stats.nbinom.ppf(level, 0.3, 0.4) - 1, 0.3, 0.4),
                stats.nbinom.cdf(stats.nbinom.ppf(level, 0.3, 0.4), 0.3, 0.4),
            )
        )
        share = missed(units, quantile, below, at_most, np.full(60, level))
        assert (chance * share).sum() == pytest.approx(1.0 - level, abs=1e-6)


def test_levels_rise_with_coverage_and_lie_between_targets() -> None:
    state = Conformal(1.0 - COVERAGES, np.array([[0.3, 0.05, 0.06, -0.1], [0.2, 0.1, 0.05, 0.02]]))
    assert (np.diff(levels(state), axis=1) >= 0.0).all()
    assert stretches(state)[0].tolist() == pytest.approx([1.0, 1.0, 1.0, 2.001])
    level, stretch = level_for(state, np.array([1, 1, 1, 0, 0]), np.array([0.9, 0.93, 0.995, 0.9, 0.5]))
    assert level[:3] == pytest.approx([0.9, 0.93, 0.995])
    assert level[3] == pytest.approx(0.95)
    assert level[4] < 0.5
    assert stretch == pytest.approx(np.ones(5))


def test_classes_without_series_keep_their_level_and_new_ones_start_like_the_others() -> None:
    state = new(COVERAGES, 2)
    learn(state, np.array([1, 1]), np.array([[1.0] * 4, [np.nan] * 4]))
    assert state.at[0].tolist() == pytest.approx((1.0 - COVERAGES).tolist())
    assert (state.at[1] < state.at[0]).all()
    grow(state, 3)
    assert state.at[2].tolist() == pytest.approx(state.at[:2].mean(axis=0).tolist())
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state)))
    assert plain(restored(Conformal, saved)) == plain(state)


def test_uniforms_are_even_and_always_the_same() -> None:
    keys = np.array([key(f"sku {at}") for at in range(500)], dtype=np.uint64)
    drawn = np.concatenate([uniforms(keys, day) for day in range(100)])
    assert stats.kstest(drawn, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(drawn[:-500], drawn[500:])[0, 1]) < 0.02
    assert uniforms(keys[:1], 7)[0] == uniforms(keys[:1], 7)[0] == drawn[7 * 500]
    assert len(set(keys.tolist())) == 500
