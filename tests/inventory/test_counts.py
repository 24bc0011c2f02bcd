"""Distributions of counts: by hand, what they never do, and that they cover what comes."""

import numpy as np
import pytest

from inventory.demand.counts import CountDemand, Memory, Shapes, Uplifts
from inventory.demand.counts.grid import BINS, CENTRES, CLASSES, EDGES, bins_of, classes_of
from inventory.demand.counts.levels import Levels
from inventory.demand.counts.pooled import Pooled
from inventory.demand.counts.warps import Warps
from inventory.demand.memory import decode, encode, recall
from inventory.demand.panel.arrays import Array

CHANCES = np.array([0.005, 0.025, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.995])
ONE = np.zeros(1, dtype=np.intp)


def learner(n: int) -> CountDemand:
    counts = CountDemand()
    counts.grow(n)
    return counts


def play(counts: CountDemand, units: Array, periods: int = 1) -> None:
    for period in units:
        counts.begin(periods=periods)
        counts.learn(period)


def negative_binomial(mean: Array, phi: float, periods: int, seed: int = 1) -> Array:
    random = np.random.default_rng(seed)
    return random.poisson(mean * random.gamma(1.0 / phi, phi, (periods, len(mean)))).astype(np.float64)


# The grid


def test_small_units_have_a_bin_each_and_large_ones_share() -> None:
    """16 times 2^(1/6), 2^(2/6), rounded up: 18, 21."""
    assert bins_of(np.arange(22.0)).tolist() == [*range(17), 16, 17, 17, 17, 18]
    assert bins_of(np.array([1e12])).tolist() == [BINS - 1]
    assert (np.diff(EDGES) >= 1.0).all()


@pytest.mark.parametrize("at", [0, 5, CLASSES - 1])
def test_a_mean_lies_between_the_classes_next_to_it(at: int) -> None:
    below, towards = classes_of(CENTRES[at : at + 1])
    assert below[0] + towards[0] == pytest.approx(at)


# Levels, warps and pooled shapes, by hand


def test_levels_by_hand() -> None:
    """0.5 kept: units 4 then 2 are 4, exposure 1.5; the other series 0. Pool 4 / 3; half a period of it counts."""
    levels = Levels(Memory(slow=0.5))
    levels.grow(2)
    heard, plain = np.ones(2, dtype=bool), np.ones(2)
    for units in ([4.0, 0.0], [2.0, 0.0]):
        levels.learn(np.array(units), plain, heard)
    assert levels.level() == pytest.approx([(4.0 + 0.5 * 4 / 3) / 2.0, 0.5 * 4 / 3 / 2.0])


def test_a_promoted_period_counts_as_more_exposure() -> None:
    levels = Levels(Memory(slow=1.0))
    levels.grow(1)
    for units, factor in ((3.0, 1.0), (9.0, 3.0)):
        levels.learn(np.array([units]), np.array([factor]), np.ones(1, dtype=bool))
    assert levels.level() == pytest.approx([3.0])


def test_the_quick_mean_pulls_the_level() -> None:
    """Slow: all kept, (8 + 0.5 * 4) / 2.5 = 4; quick: nothing kept, (0 + 4) / 2 = 2; their geometric mean."""
    levels = Levels(Memory(slow=1.0, quick=0.0, trust_in_quick=0.5))
    levels.grow(1)
    for units in (8.0, 0.0):
        levels.learn(np.array([units]), np.ones(1), np.ones(1, dtype=bool))
    assert levels.level() == pytest.approx([8.0**0.5])


def test_warps_by_hand() -> None:
    """One outcome in the upper half against an even one: half the mass is below 0.75, so 0.25 is at 0.5."""
    warps = Warps(keep=1.0, even=1.0)
    warps.grow(2)
    warps.learn(np.array([0.5]), np.array([1.0]), np.array([True, False]))
    found = warps.chances(np.array([0.25, 0.625]), slice(None))
    assert found[0] == pytest.approx([0.5, 0.75])
    assert found[1] == pytest.approx([0.25, 0.625])
    own = warps.of(np.tile([0.5, 0.75], (2, 1)))
    assert own[0] == pytest.approx([0.25, 0.625])
    assert own[1] == pytest.approx([0.5, 0.75])


def test_pooled_shapes_become_what_came() -> None:
    """At a class's own mean, thousand outcomes 0, 0, 0, 4 leave little of the five of the first shape."""
    pooled = Pooled(keep=1.0)
    mean = CENTRES[24:25]
    assert mean[0] == 1.0
    for _ in range(250):
        pooled.learn(np.zeros(4, dtype=np.intp), np.ones(4), np.array([0.0, 0.0, 0.0, 4.0]))
    assert pooled.below(ONE, mean, np.array([0.5])) == pytest.approx([0.75], abs=0.01)
    assert pooled.quantiles(ONE, mean, np.array([[0.7, 0.8]])).tolist() == [[0.0, 4.0]]


def test_large_units_are_learned_relative_to_the_mean() -> None:
    """Between 80 and 120 % of any large mean: what was learned at 500 holds at 507. A bin is 12 % wide."""
    pooled = Pooled(keep=1.0)
    random = np.random.default_rng(4)
    for mean in (500.0, 507.0):
        pooled.learn(np.zeros(4000, dtype=np.intp), np.full(4000, mean), np.rint(mean * random.uniform(0.8, 1.2, 4000)))
    told = pooled.quantiles(ONE, np.array([507.0]), np.array([[0.05, 0.5, 0.95]]))[0]
    assert told == pytest.approx(507.0 * np.array([0.82, 1.0, 1.18]), rel=0.06)


def test_uplifts_find_a_factor_and_share_it_with_a_new_group() -> None:
    """The signal doubles sales; group 2 has never been heard of and gets what the pool knows."""
    uplifts = Uplifts(1)
    uplifts.grow(np.repeat([0, 1, 2], 40))
    random = np.random.default_rng(5)
    heard = np.repeat([True, True, False], 40)
    for _ in range(200):
        signal = random.integers(0, 2, (120, 1)).astype(np.float64)
        uplifts.learn(signal, np.full(120, 3.0), random.poisson(3.0 * 2.0 ** signal[:, 0]).astype(np.float64), heard)
    factor = uplifts.factor(np.ones((120, 1)))
    assert factor[[0, 40, 80]] == pytest.approx([2.0] * 3, rel=0.07)
    assert uplifts.factor(np.full((120, 1), np.nan)) == pytest.approx(np.ones(120))


# What comes is covered


@pytest.mark.parametrize("periods", [1, 4])
def test_stated_quantiles_are_delivered(periods: int) -> None:
    """Negative binomials of means 0.2 to 200, a period and the sum of four.

    A discrete quantile q has at least q at or below it and at most q below it.
    """
    mean = np.exp(np.linspace(np.log(0.2), np.log(200.0), 400))
    units = negative_binomial(mean, 0.5, 140)
    counts, at_most, below = learner(len(mean)), [], []
    for at in range(136):
        if at >= 100:
            told = counts.quantiles(CHANCES, periods=periods)
            came = units[at : at + periods].sum(axis=0)[:, None]
            at_most.append(came <= np.ceil(told - 1e-9))
            below.append(came < np.floor(told + 1e-9))
        counts.begin(periods=periods)
        counts.learn(units[at])
    assert (np.mean(at_most, axis=(0, 1)) >= CHANCES - 0.03).all()
    assert (np.mean(below, axis=(0, 1)) <= CHANCES + 0.03).all()


def test_sums_hold_what_hangs_together() -> None:
    """All four periods of a sum share one good or bad mood: wider than four independent periods."""
    random = np.random.default_rng(6)
    n, sums = 200, 60
    mood = np.repeat(random.choice([0.2, 1.8], (sums, n)), 4, axis=0)
    units = random.poisson(5.0 * mood).astype(np.float64)
    moody, calm = learner(n), learner(n)
    play(moody, units, 4)
    for period in units:
        calm.begin(periods=4)
        calm.learn(random.permutation(period))
    wide, narrow = (np.median(np.diff(one.quantiles(np.array([0.1, 0.9]), periods=4))) for one in (moody, calm))
    assert wide > 1.2 * narrow


def test_shapes_take_any_level() -> None:
    """A mean from outside that is half of what sells: quantiles are bent back to what comes."""
    shapes = Shapes()
    shapes.grow(300)
    units = negative_binomial(np.full(300, 6.0), 0.3, 60)
    told, heard, one = np.full(300, 3.0), np.ones(300, dtype=bool), np.ones(300, dtype=np.intp)
    for period in units:
        shapes.learn(told, period, heard)
    median = shapes.quantiles(told, np.array([0.5]), one)
    assert np.mean(median) == pytest.approx(np.median(units), abs=0.8)


def test_chances_of_bins_add_up_and_agree_with_the_quantiles() -> None:
    shapes = Shapes()
    shapes.grow(40)
    mean, one = np.exp(np.linspace(-3.0, 6.0, 40)), np.ones(40, dtype=np.intp)
    for period in negative_binomial(mean, 0.5, 50):
        shapes.learn(mean, period, np.ones(40, dtype=bool))
    pmf = shapes.pmf(mean, one)
    assert pmf.shape == (40, BINS)
    assert (pmf >= 0.0).all()
    assert pmf.sum(axis=1) == pytest.approx(np.ones(40))
    median = bins_of(shapes.quantiles(mean, np.array([0.5]), one)[:, 0])
    at_most = np.cumsum(pmf, axis=1)[np.arange(40), median]
    assert (at_most >= 0.5 - 0.02).all()


# What never happens

PERIODS = 60
HARD = {
    "all zero": np.zeros((PERIODS, 6)),
    "nothing heard": np.full((PERIODS, 6), np.nan),
    "dying": np.repeat([[50.0], [0.0]], 30, axis=0) * np.ones(6),
    "huge": np.full((PERIODS, 6), 3e9),
    "returns": np.full((PERIODS, 6), -4.0),
    "a single sale": np.eye(PERIODS)[20][:, None] * np.ones(6),
    "a single huge sale": np.eye(PERIODS)[20][:, None] * np.full(6, 1e9),
    "infinite": np.tile([[np.inf], [2.0]], (30, 6)),
    "mixed": np.tile([0.0, 1e8, np.nan, -1.0, 0.5, 7.0], (PERIODS, 1)),
}


@pytest.mark.parametrize("kind", HARD)
@pytest.mark.parametrize("periods", [1, 3, 200])
def test_quantiles_are_always_numbers_in_order_and_not_negative(kind: str, periods: int) -> None:
    counts = learner(6)
    for units in HARD[kind]:
        told = counts.quantiles(CHANCES, periods=periods)
        assert np.isfinite(told).all()
        assert (told >= 0.0).all()
        assert (np.diff(told, axis=1) >= -1e-9).all()
        counts.begin(periods=periods)
        counts.learn(units)


def test_what_does_not_sell_is_told_so() -> None:
    counts = learner(6)
    play(counts, np.zeros((40, 6)))
    assert counts.quantiles(np.array([0.99])).max() == 0.0


def test_a_dying_series_goes_to_zero_while_others_sell() -> None:
    counts = learner(60)
    units = negative_binomial(np.full(60, 4.0), 0.3, 60)
    units[30:, 0] = 0.0
    play(counts, units)
    told = counts.quantiles(np.array([0.5, 0.9]))
    assert told[0, 0] == 0.0
    assert told[0, 1] <= 1.0
    assert told[1:, 1].min() >= 3.0


def test_huge_series_are_met() -> None:
    counts = learner(30)
    play(counts, np.random.default_rng(2).normal(4e8, 2e7, (80, 30)))
    told = counts.quantiles(np.array([0.5]))
    assert told == pytest.approx(np.full((30, 1), 4e8), rel=0.05)


def test_later_periods_change_no_earlier_forecast() -> None:
    units = negative_binomial(np.full(20, 2.0), 0.5, 50)
    other = units.copy()
    other[25:] = 100.0
    told = []
    for series in (units, other):
        counts = learner(20)
        play(counts, series[:25], 3)
        before = counts.quantiles(CHANCES, periods=3)
        play(counts, series[25:], 3)
        told.append((before, counts.quantiles(CHANCES, periods=3)))
    assert np.array_equal(told[0][0], told[1][0])
    assert not np.array_equal(told[0][1], told[1][1])


def test_a_new_series_begins_like_the_mean_and_changes_no_other() -> None:
    units = negative_binomial(np.full(20, 2.0), 0.5, 50)
    counts, grown = learner(20), learner(20)
    play(counts, units)
    play(grown, units)
    grown.grow(21)
    told = grown.quantiles(CHANCES)
    assert np.array_equal(told[:20], counts.quantiles(CHANCES))
    assert grown.level()[20] == pytest.approx(counts.level().mean(), rel=0.15)
    assert 0.0 < told[20, 6] < 12.0


def test_a_series_not_heard_of_stays_as_it_is() -> None:
    counts = learner(2)
    play(counts, np.full((30, 2), [3.0, 5.0]))
    before = counts.level()[0]
    for _ in range(10):
        counts.learn(np.array([99.0, 5.0]), heard=np.array([False, True]))
    assert counts.level()[0] == pytest.approx(before, rel=0.02)


# Memory


def test_a_recalled_learner_goes_on_as_if_it_had_never_been_away() -> None:
    units = negative_binomial(np.exp(np.linspace(-2, 5, 30)), 0.5, 60)
    stays, again = learner(30), CountDemand()
    play(stays, units[:31], 4)
    again.quantiles(CHANCES)
    recall(again, decode(encode(stays)))
    for one in (stays, again):
        play(one, units[31:], 4)
    assert encode(again) == encode(stays)
    assert np.array_equal(again.quantiles(CHANCES, periods=4), stays.quantiles(CHANCES, periods=4))


def test_a_series_costs_less_than_600_bytes() -> None:
    sizes = []
    for n in (100, 1100):
        counts = learner(n)
        play(counts, np.ones((9, n)), 4)
        sizes.append(len(encode(counts)))
    assert (sizes[1] - sizes[0]) / 1000 < 600
