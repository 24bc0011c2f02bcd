"""Measures of forecasts: the vectors, sums that add up, and what is refused."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inventory.demand.quality import (
    Scales,
    Sums,
    accuracy,
    grow_scales,
    interval_coverage,
    learn_scales,
    measures,
    new_scales,
    score,
    score_groups,
)


def _scales(days: list[list[float]], lag: int = 1) -> Scales:
    scales = new_scales(lag)
    for day in days:
        grow_scales(scales, len(day))
        learn_scales(scales, np.array(day))
    return scales


def _vector() -> Sums:
    """Train 3, 0, 2, 1, 4, 2; then 1, 3, 2 forecast as 2 (FORMULAS.md 3.9); scales stay those of training."""
    scales = _scales([[units] for units in (3.0, 0.0, 2.0, 1.0, 4.0, 2.0)])
    sums = Sums()
    for units in (1.0, 3.0, 2.0):
        sums += score(np.array([units]), np.array([2.0]), np.array([[2.0]]), [0.9], scales)
    return sums


def test_the_vectors() -> None:
    """Differences 3, 2, 1, 3, 2: mean 2.2, mean square 5.4; errors 1, -1, 0; pinball (0.1 + 0.9 + 0) / 3."""
    found = measures(_vector())
    assert found.mase == pytest.approx(2.0 / 3.0 / 2.2) == pytest.approx(0.303030, abs=1e-6)
    assert found.rmsse == pytest.approx((2.0 / 3.0 / 5.4) ** 0.5) == pytest.approx(0.351364, abs=1e-6)
    assert found.pinball == {0.9: pytest.approx(1.0 / 3.0)}
    assert (found.mae, found.wape, found.bias) == (pytest.approx(2 / 3), pytest.approx(2 / 6), 0.0)
    assert found.rmse == pytest.approx((2 / 3) ** 0.5)
    assert found.mape == pytest.approx((1 / 1 + 1 / 3 + 0) / 3)
    assert found.coverage == {0.9: pytest.approx(2 / 3)}


def test_a_positive_bias_is_a_forecast_of_too_much() -> None:
    found = measures(score(np.array([1.0, 0.0]), np.array([1.5, 1.0])))
    assert found.bias == pytest.approx(1.5)
    assert (found.mape, found.mape_share) == (pytest.approx(0.5), 0.5)  # of the one day with demand


def test_what_cannot_be_said_is_none() -> None:
    nothing = measures(score(np.zeros(2), np.zeros(2), scales=_scales([[0.0, 0.0]] * 9)))
    assert (nothing.wape, nothing.bias, nothing.mape, nothing.mase, nothing.rmsse) == (None,) * 5
    assert nothing.mae == 0.0
    assert measures(Sums()).mae is None
    assert accuracy(Sums(), "chain", "1 day").accuracy is None


def test_days_before_the_first_sale_make_no_scale() -> None:
    """The second series: 0, 0, 4, 0, 2: differences 4 and 2 only; weekly differences as far back as the lag says."""
    scales = _scales([[1.0, 0.0], [1.0, 0.0], [3.0, 4.0], [1.0, 0.0], [2.0, 2.0]])
    assert scales.absolute.tolist() == [5.0, 6.0]
    assert scales.differences.tolist() == [4.0, 2.0]
    assert _scales([[1.0], [2.0], [4.0], [8.0]], lag=2).absolute.tolist() == [3.0 + 6.0]


def test_an_accuracy_has_its_level_and_horizon() -> None:
    found = accuracy(_vector(), "sku-location-day", "1 day")
    assert (found.level, found.horizon, found.accuracy) == ("sku-location-day", "1 day", pytest.approx(2 / 3))
    for level, horizon in (("", "1 day"), ("sku", " ")):
        with pytest.raises(ValueError, match="level and the horizon"):
            accuracy(_vector(), level, horizon)


def test_an_interval_covers_its_ends() -> None:
    units, quantiles = np.array([0.0, 1.0, 2.0, 5.0]), np.tile([1.0, 3.0], (4, 1))
    sums = score(units, units, quantiles, [0.1, 0.9])
    assert interval_coverage(sums, 0.1, 0.9) == 0.5
    assert measures(sums).mean_quantile == {0.1: 1.0, 0.9: 3.0}


def test_quantiles_at_other_chances_do_not_add_up() -> None:
    one = score(np.ones(1), np.ones(1), np.ones((1, 1)), [0.9])
    with pytest.raises(ValueError, match="do not add up"):
        one + score(np.ones(1), np.ones(1), np.ones((1, 1)), [0.5])
    assert (one + Sums()).chances == (Sums() + one).chances == [0.9]


def test_what_is_not_known_is_not_counted() -> None:
    units = np.array([1.0, np.nan, 3.0, 4.0])
    sums = score(units, np.ones(4), known=np.array([True, True, True, False]))
    assert (sums.days, sums.units, sums.absolute) == (2.0, 4.0, 2.0)


def _day(random: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    return random.poisson(1.0, n).astype(float), random.gamma(1.0, 1.0, n), random.gamma(1.0, 2.0, (n, 2))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 6))
def test_sums_of_parts_add_up_to_those_of_the_whole(seed: int, n: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    units, forecast, quantiles = _day(random, n)
    scales = _scales([random.poisson(1.0, n).astype(float).tolist() for _ in range(5)])
    group = random.integers(0, groups, n)
    parts = score_groups(units, forecast, group, groups, quantiles, [0.5, 0.9], scales)
    added = sum(parts, Sums())
    whole = score(units, forecast, quantiles, [0.5, 0.9], scales)
    for name in Sums.__struct_fields__:
        assert getattr(added, name) == pytest.approx(getattr(whole, name))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=Sums) == whole
