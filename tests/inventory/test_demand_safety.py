"""Whatever a day brings, what is believed stays finite: nothing sold, nothing on the shelf, numbers that are none."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from inventory.demand import first_days, prices, quality, size_curves, substitution

SERIES = 6
Floats = NDArray[np.float64]
_WILD = st.sampled_from([0.0, 1.0, 3.0, 0.2, 1e6, -2.0, float("nan")])


def _column(values: st.SearchStrategy[float] = _WILD) -> st.SearchStrategy[Floats]:
    return arrays(np.float64, SERIES, elements=values)


_SHARES = _column(st.sampled_from([0.0, 0.5, 1.0, float("nan")]))
_DAYS = st.lists(st.tuples(_column(), _column(), _column(), _SHARES), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(_DAYS)
def test_prices_stay_finite(days: list[tuple[Floats, Floats, Floats, Floats]]) -> None:
    state = prices.new()
    prices.grow(state, np.arange(SERIES) // 2, np.array([0, 0, 1]))
    for units, forecast, price, promoted in days:
        prices.learn(state, units, forecast, price, promoted)
    mean, covariance = prices.believed(state)
    assert np.isfinite(mean).all()
    assert (np.diagonal(covariance, axis1=1, axis2=2) > 0.0).all()
    assert (mean[:, 0] < 0.0).all()
    assert np.isfinite(prices.effect(state, days[0][2], np.zeros(SERIES))).all()


@settings(max_examples=60, deadline=None)
@given(_DAYS)
def test_substitution_stays_finite(days: list[tuple[Floats, Floats, Floats, Floats]]) -> None:
    state = substitution.new()
    of = np.arange(SERIES)
    substitution.grow(state, np.stack([of // 3, of % 3]), of // 3, np.zeros(SERIES, dtype=np.int64))
    for units, forecast, _, exposure in days:
        substitution.learn(state, units, substitution.Day(forecast, exposure))
    shares = substitution.shares(state)
    assert ((shares >= 0.0) & (shares.sum(axis=1, keepdims=True) <= 1.0 + 1e-9)).all()
    today = substitution.Day(np.ones(SERIES), np.array([0.0, 1.0, 0.5, 0.0, 0.0, 0.0]))
    assert np.isfinite(substitution.own_demand(state, np.ones(SERIES), today)).all()
    assert (substitution.lost(state, today) >= 0.0).all()


@settings(max_examples=60, deadline=None)
@given(_DAYS)
def test_size_curves_stay_shares(days: list[tuple[Floats, Floats, Floats, Floats]]) -> None:
    state = size_curves.new(3)
    size_curves.grow(state, np.zeros(2, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([[True, True, False]]))
    for units, _, _, exposure in days:
        size_curves.learn(state, units.reshape(2, 3) * [1, 1, 0], exposure.reshape(2, 3) * [1, 1, 0])
    curve = size_curves.curves(state)
    assert curve.sum(axis=1) == pytest.approx(np.ones(2))
    assert (curve >= 0.0).all()


@settings(max_examples=60, deadline=None)
@given(_DAYS)
def test_quality_counts_what_is_known_only(days: list[tuple[Floats, Floats, Floats, Floats]]) -> None:
    scales, sums = quality.new_scales(), quality.Sums()
    quality.grow_scales(scales, SERIES)
    for units, forecast, quantile, _ in days:
        sums += quality.score(units, forecast, quantile[:, None], [0.9], scales)
        quality.learn_scales(scales, units)
    numbers = [sums.absolute, sums.squared, sums.scaled_absolute, sums.scaled_squared, *sums.pinball]
    assert np.isfinite(numbers).all()


_SIGNALS = """
import msgspec
from inventory.demand.signals import Key, Signals
learner = Signals()
for day in range(60):
    for store in ("one", "other"):
        features = {"rain": day * 7 % 5, "sun": day * 3 % 7, "fair": day % 9 == 0, "snow": float(day % 4)}
        learner.learn(day, Key(store, "c"), features, (day * 13 % 11 - 5) / 20, 10.0 + day % 3)
print(msgspec.msgpack.encode(learner.plain()).hex())
"""
_CLUSTERS = """
import msgspec
from inventory.demand.clusters import Clusters
clusters = Clusters()
for day in range(30):
    for store in range(12):
        mix = {f"c{at}": 20.0 + (store % 4 == at) * 30.0 + (day * 7 + store * 5 + at) % 11 for at in range(6)}
        clusters.learn(day, f"store {store}", {"category": mix})
    clusters.close(day)
assert clusters.cluster_of("store 0") is not None
print(msgspec.msgpack.encode(clusters.plain()).hex())
"""


@pytest.mark.parametrize("code", [_SIGNALS, _CLUSTERS], ids=["signals", "clusters"])
def test_runs_repeat_whatever_the_order_of_sets(code: str) -> None:
    seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2", "3")]
    runs = [subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True) for env in seeds]
    assert len({run.stdout for run in runs}) == 1
    assert len(runs[0].stdout) > 1000


def test_a_first_day_of_nothing_is_a_rate() -> None:
    state = first_days.new(2)
    path = np.array([[0, 0], [0, 1]])
    for units, exposure in ((0.0, 0.0), (0.0, 50.0), (0.0, 0.0)):
        first_days.learn(state, path, np.full(2, units), np.full(2, exposure), np.ones(2, dtype=bool))
    known = first_days.prior(state, path)
    first_days.graduate(state, known, np.zeros(2), np.zeros(2))
    assert (known.rate > 0.0).all()
    assert np.isfinite(known.shape).all()
    assert np.isfinite(first_days.own(known, np.zeros(2), np.zeros(2)).rate).all()
