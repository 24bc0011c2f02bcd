"""Planted elasticities and uplifts, shrinkage, and planned promotions."""

import math
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand import prices
from inventory.demand.plain import plain, restored
from inventory.demand.prices import Prices, Promotion, believed, effect, grow, learn, markdown_needed, new, planned

STORES = 5
Floats = NDArray[np.float64]


@dataclass
class _Shop:
    """Items in stores; negative binomial sales (variance twice the mean) around a known level."""

    elasticity: Floats
    uplift: Floats
    level: float
    seed: int

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.item = np.repeat(np.arange(len(self.elasticity)), STORES)
        self.log_price = np.zeros(len(self.elasticity))

    def day(self, state: Prices) -> None:
        """A tenth of the items change their price for about a week; promotions come on their own."""
        change = self.random.random(len(self.log_price)) < 0.14
        cut = np.where(self.random.random(len(self.log_price)) < 0.5, self.random.uniform(-0.5, -0.1, len(change)), 0.0)
        self.log_price = np.where(change, cut, self.log_price)
        promoted = (self.random.random(len(self.log_price)) < 0.1)[self.item].astype(float)
        logs = self.log_price[self.item]
        mean = self.level * np.exp(self.elasticity[self.item] * logs + self.uplift[self.item] * promoted)
        units = self.random.negative_binomial(mean, 0.5).astype(float)
        forecast = self.level * np.exp(self.elasticity[self.item] * state.usual[:, 0])
        forecast *= np.exp(self.uplift[self.item] * state.usual[:, 1])  # a level that follows sales
        learn(state, units, forecast, np.exp(logs), promoted)


def _shop(elasticity: Floats, level: float, days: int, seed: int = 1) -> Prices:
    shop = _Shop(elasticity, np.linspace(0.1, 0.7, len(elasticity)), level, seed)
    state = new()
    grow(state, shop.item, np.arange(len(elasticity)) % 2)
    for _ in range(days):
        shop.day(state)
    return state


TRUTH = np.where(np.arange(40) % 2 == 0, -2.5, -1.0) + np.linspace(-0.4, 0.4, 40)


def test_with_many_days_an_item_has_its_own_coefficients() -> None:
    mean, covariance = believed(_shop(TRUTH, 20.0, 400))
    assert mean[:, 0] == pytest.approx(TRUTH, abs=0.25)
    assert mean[:, 1] == pytest.approx(np.linspace(0.1, 0.7, 40), abs=0.1)
    off = (mean[:, 0] - TRUTH) / np.sqrt(covariance[:, 0, 0])
    assert 0.5 < np.sqrt(np.mean(off**2)) < 1.6  # it knows how well it knows


def test_with_few_days_an_item_is_like_its_category() -> None:
    state = _shop(TRUTH, 20.0, 400)
    item, category = np.append(state.item, 40), np.append(state.category, 0)
    grow(state, item, category)
    fresh, _ = believed(state)
    even = TRUTH[::2].mean()
    assert fresh[40, 0] == pytest.approx(even, abs=0.2)
    series = np.append(np.arange(200), 200)
    for cut, sold in ((1.0, 2.0), (0.8, 10.0)):  # at 20 % off five times as many as expected, once
        only = np.where(series == 200, 2.0, 0.0)
        learn(state, only * sold / 2.0, only, np.where(series == 200, cut, np.nan), np.zeros(201))
    assert fresh[40, 0] - 1.5 < believed(state)[0][40, 0] < fresh[40, 0]


def test_slow_items_share_what_they_learn() -> None:
    """0.3 units a day: 150 days of one item say little, of twenty items with one truth a lot."""
    mean, _ = believed(_shop(np.where(np.arange(40) % 2 == 0, -3.0, -0.8), 0.3, 150))
    assert mean[::2, 0].mean() == pytest.approx(-3.0, abs=0.4)
    assert mean[1::2, 0].mean() == pytest.approx(-0.8, abs=0.4)
    assert mean[::2, 0].std() < 0.4


def test_nothing_seen_is_the_prior() -> None:
    state = new()
    grow(state, np.array([0, 1]), np.array([0, 1]))
    nothing = np.zeros(2), np.zeros(2), np.full(2, np.nan), np.zeros(2)
    for _ in range(30):
        learn(state, *nothing)
    mean, _ = believed(state)
    assert mean == pytest.approx(np.array([prices.Rules().prior] * 2))
    assert effect(state, np.array([1.0, np.nan]), np.zeros(2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_planned_promotion_counts_before_it_starts() -> None:
    state = new()
    grow(state, np.array([0, 1, 2]), np.array([0, 0, 0]))
    promotions = [Promotion(np.array([0]), 101, 102), Promotion(np.array([1]), 101, 103, uplift=3.0)]
    path = planned(state, promotions, [100, 101, 102, 103, 104])
    assert path[0] == pytest.approx([0.0, 0.26, 0.26, 0.0, 0.0])
    assert path[2] == pytest.approx(np.zeros(5))
    variance = 0.3**2 + 0.4**2 + 0.25**2  # item, category, promotion
    between = 0.26 + variance / (variance + 0.35**2) * (math.log(3.0) - 0.26)
    assert path[1] == pytest.approx([0.0, between, between, between, 0.0])
    learned = planned(_shop(TRUTH, 20.0, 400), [Promotion(np.array([195]), 9, 9, uplift=1.1)], [9])
    assert 0.3 < learned[195, 0] < 0.7  # learned 0.7, the planner says 0.1, and some of it is usual


@pytest.mark.parametrize(
    ("forecast", "wanted", "elasticity", "share", "units", "enough"),
    [
        (10.0, 20.0, -2.0, 1.0 - 2.0**-0.5, 20.0, True),
        (10.0, 8.0, -2.0, 0.0, 10.0, True),
        (10.0, 20.0, -0.5, 0.7, 10.0 * 0.3**-0.5, False),  # 75 % off would be needed
        (0.0, 5.0, -2.0, 0.7, 0.0, False),
    ],
)
def test_markdowns_by_hand(
    forecast: float, wanted: float, elasticity: float, share: float, units: float, *, enough: bool
) -> None:
    found = markdown_needed(np.array([forecast]), np.array([wanted]), np.array([elasticity]))
    assert (found.share[0], found.units[0], found.enough[0]) == (pytest.approx(share), pytest.approx(units), enough)


def test_learning_goes_on_from_a_saved_state() -> None:
    state = _shop(TRUTH, 5.0, 30)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state)))
    copy = restored(Prices, saved, rules=prices.Rules())
    day = np.full(200, 4.0), np.full(200, 5.0), np.full(200, 0.9), np.zeros(200)
    learn(state, *day)
    learn(copy, *day)
    assert plain(copy) == plain(state)
