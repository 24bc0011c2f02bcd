"""Drift: rarely where there is none, soon where there is, the right way and day, and in little memory."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand.drift import Drift, Drifted

STEP = 200


def _residuals(mean: float, spread: float, days: int, series: int, step: float, seed: int) -> NDArray[np.float64]:
    """Negative binomial sales of variance ``spread * mean``; forecast and variance follow them, half-life 20 days."""
    random, rate = np.random.default_rng(seed), 1.0 - 0.5 ** (1 / 20)
    true = np.full((days, series), mean)
    true[STEP:] *= step
    units = random.negative_binomial(true / (spread - 1.0), 1.0 / spread).astype(float)
    level, variance, residuals = np.full(series, mean), np.full(series, mean * spread), np.empty((days, series))
    for day in range(days):
        off = units[day] - level
        residuals[day] = off / np.sqrt(np.maximum(variance, np.maximum(level, 0.01)))
        variance += 0.02 * (np.minimum(off**2, 16.0 * variance) - variance)
        level += rate * off
    return residuals


def _found(residuals: NDArray[np.float64]) -> list[Drifted]:
    drift = Drift()
    return [one for day, row in enumerate(residuals) for one in drift.learn(day, _keyed(row))]


def _keyed(row: NDArray[np.float64]) -> list[tuple[str, float]]:
    return [(str(at), value) for at, value in enumerate(row)]


def _first_after(found: list[Drifted], series: int) -> dict[str, Drifted]:
    return {one.key: one for one in reversed(found) if one.day >= STEP and int(one.key) < series}


@pytest.mark.parametrize(("mean", "spread"), [(200.0, 4.0), (20.0, 3.0), (2.0, 2.0), (0.3, 1.4)])
def test_at_most_one_false_alarm_in_a_thousand_series_weeks(mean: float, spread: float) -> None:
    """1,000 days of 40 series are 5,714 series-weeks."""
    assert len(_found(_residuals(mean, spread, 1000, 40, 1.0, seed=2))) <= 5


def test_a_deviation_that_is_told_wrong_raises_no_alarm() -> None:
    """Told half as great as it is: residuals of standard deviation two."""
    assert len(_found(2.0 * _residuals(20.0, 3.0, 1000, 20, 1.0, seed=3))) <= 3


@pytest.mark.parametrize(
    ("mean", "spread", "step", "days"),
    [(200.0, 4.0, 2.0, 4), (200.0, 4.0, 3.0, 4), (20.0, 3.0, 2.0, 8), (20.0, 3.0, 3.0, 4)],
)
def test_steps_are_found_within_days(mean: float, spread: float, step: float, days: int) -> None:
    found = _first_after(_found(_residuals(mean, spread, 260, 30, step, seed=4)), 30)
    assert len(found) >= 29
    assert {one.direction for one in found.values()} == {"up"}
    assert np.median([one.day - STEP + 1 for one in found.values()]) <= days
    assert np.median([abs(one.since - STEP) for one in found.values()]) <= 1


def test_a_fall_is_a_drift_down() -> None:
    found = _first_after(_found(_residuals(200.0, 4.0, 260, 30, 0.4, seed=5)), 30)
    assert len(found) >= 29
    assert {one.direction for one in found.values()} == {"down"}


def test_memory_and_saved_state() -> None:
    residuals = _residuals(20.0, 3.0, 400, 5, 2.0, seed=6)
    drift, sizes, copies = Drift(), [], Drift()
    for day, row in enumerate(residuals):
        found = drift.learn(day, _keyed(row))
        again = copies.learn(day, _keyed(row))
        assert found == again
        saved = msgspec.msgpack.encode(drift.plain())
        copies = Drift.restored(msgspec.msgpack.decode(saved))
        sizes.append(len(saved))
    assert copies.plain() == drift.plain()
    assert max(sizes) < 5 * 150
    drift.learn(900, [("new", 0.0), ("unknown", float("nan"))])
    assert set(drift.plain()) == {"new"}
