"""First days: a new item is like its style, category and chain, as far as those are known, and soon like itself."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from inventory.demand.first_days import (
    FirstDays,
    Prior,
    Rules,
    graduate,
    half_life_days,
    item_shape,
    learn,
    new,
    own,
    prior,
)
from inventory.demand.plain import plain, restored

CATEGORIES, ITEMS, DAYS = 6, 5, 28
CHANCES = np.arange(1, 10) / 10.0
Floats = NDArray[np.float64]


def _pinball(units: Floats, known: Prior, exposure: Floats) -> float:
    mean = known.rate * exposure
    quantiles = stats.nbinom.ppf(CHANCES[:, None], known.shape, known.shape / (known.shape + mean))
    over = units - quantiles
    return float(np.maximum(CHANCES[:, None] * over, (CHANCES[:, None] - 1.0) * over).mean())


def _launches(launches: int, units_a_day: float, seed: int = 1) -> tuple[FirstDays, list[tuple[float, float, float]]]:
    """Styles of five items each, in six categories; losses of the first day, of a naive one, and of the 29th."""
    random, exposure = np.random.default_rng(seed), np.full(CATEGORIES * ITEMS, units_a_day / 0.01)
    category, state, losses = random.gamma(4.0, 0.25, CATEGORIES), new(3), []
    for launch in range(launches):
        style = category * random.gamma(4.0, 0.25, CATEGORIES)
        rate = 0.01 * (style[:, None] * random.gamma(2.0, 0.5, (CATEGORIES, ITEMS))).ravel()
        path = np.array([[0, at, at * 1000 + launch] for at in range(CATEGORIES) for _ in range(ITEMS)])
        days = random.poisson(rate * exposure, (DAYS + 1, len(rate))).astype(float)
        known = prior(state, path)
        for day in range(DAYS):
            learn(state, path, days[day], exposure, np.full(len(rate), day == 0))
        graduate(state, known, days[:DAYS].sum(axis=0), DAYS * exposure)
        grown_up = own(known, days[:DAYS].sum(axis=0), DAYS * exposure)
        naive = Prior(np.full(len(rate), 0.01), np.full(len(rate), 1e6))
        losses.append(
            (
                _pinball(days[0], known, exposure),
                _pinball(days[0], naive, exposure),
                _pinball(days[DAYS], grown_up, exposure),
            )
        )
    return state, losses[10:]


@pytest.mark.parametrize("units_a_day", [0.05, 0.2])
def test_a_first_day_is_forecast_nearly_as_well_as_a_known_item(units_a_day: float) -> None:
    """Sizes in a store sell a fraction of a unit a day; the shares of ten launches are known."""
    first, _, known = np.mean(_launches(60, units_a_day)[1], axis=0)
    assert first < 1.3 * known


def test_a_first_day_is_forecast_better_than_by_the_mean_of_all() -> None:
    first, naive, _ = np.mean(_launches(40, 4.0)[1], axis=0)
    assert first < 0.95 * naive


def test_the_scatter_of_items_is_found() -> None:
    """Variances of independent factors: (1 + 1/2) (1 + 1/4) - 1 = 0.875 around the category."""
    state, _ = _launches(80, 2.0)
    assert 1.0 / item_shape(state) == pytest.approx(0.875, rel=0.3)


def _taught(units: float, days: int) -> FirstDays:
    """A category (1) of rate 0.02 in a chain of 0.01, and in it a style (5) whose items sell ``units`` a day of 100."""
    state = new(3)
    path = np.array([[0, 0, 0]] * 50 + [[0, 1, 1]] * 50 + [[0, 1, 5]] * 3)
    sold = np.array([0.0] * 50 + [2.0] * 50 + [units] * 3)
    for day in range(days):
        learn(state, path, sold, np.full(103, 100.0), np.full(103, day == 0))
    return state


def test_the_nearest_relative_that_is_known_says_most() -> None:
    rates = prior(_taught(6.0, 28), np.array([[0, 1, 5], [0, 1, 9], [0, 7, 9], [0, 0, 0]])).rate
    assert rates[0] > 0.03  # sold 0.06, and is of a category of 0.02
    assert rates[1] == pytest.approx(0.02, rel=0.15)
    assert rates[2] == pytest.approx(0.0107, rel=0.2)  # the chain: 50 of 0, 50 of 0.02, 3 of 0.06
    assert rates[3] < 0.002
    unknown = prior(new(3), np.array([[0, 0, 0]]))
    assert (unknown.rate[0], unknown.shape[0]) == (pytest.approx(Rules().first_rate), pytest.approx(2.0))


def test_after_the_half_life_own_sales_weigh_half() -> None:
    known = Prior(np.array([0.01, 0.002]), np.array([2.0, 1.0]))
    exposure = np.array([50.0, 50.0])
    days = half_life_days(known, exposure)
    assert days.tolist() == pytest.approx([4.0, 10.0])
    sold = 3.0 * known.rate * exposure * days  # three times what was expected
    assert own(known, sold, exposure * days).rate == pytest.approx(2.0 * known.rate)
    assert own(known, np.zeros(2), np.zeros(2)).rate == pytest.approx(known.rate)


def test_learning_goes_on_from_a_saved_state() -> None:
    state = _taught(1.0, 5)
    copy = restored(FirstDays, msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state))), rules=Rules())
    for one in (state, copy):
        learn(one, np.array([[0, 2, 9]]), np.ones(1), np.ones(1), np.array([True]))
    assert plain(copy) == plain(state)
    assert len(copy.units[2]) == 10
