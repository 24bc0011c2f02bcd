"""Substitution: planted shares are found, and siblings' own demand is told apart from what they sold for others."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand.plain import plain, restored
from inventory.demand.substitution import Day, Rules, Substitution, gained, grow, learn, lost, new, own_demand, shares

SIZES, COLOURS = 5, 3
Floats = NDArray[np.float64]


class _Shelf:
    """Styles of five sizes in three colours; who finds a size out takes another one with the planted shares."""

    def __init__(self, styles: int, planted: tuple[float, float], seed: int) -> None:
        self.random, self.planted = np.random.default_rng(seed), planted
        self.style, self.size, self.colour = (
            one.ravel() for one in np.indices((styles, SIZES, COLOURS)).astype(np.int64)
        )
        self.same_colour, self.same_size = self.style * COLOURS + self.colour, self.style * SIZES + self.size
        self.forecast = self.random.gamma(2.0, 1.0, len(self.style))
        self.fashion, self.out = np.zeros(styles), np.zeros(len(self.style))

    def state(self, categories: int = 1) -> Substitution:
        state = new()
        grow(state, np.stack([self.same_colour, self.same_size]), self.style, self.style % categories)
        return state

    def day(self, *, in_fashion: float = 0.0) -> tuple[Floats, Floats, Day]:
        """Units, those asked for in the first place, and the day; sizes are out for days, the more in fashion."""
        self.fashion += 0.05 * -self.fashion + in_fashion * self.random.normal(0.0, 0.1, len(self.fashion))
        level = np.exp(self.fashion)[self.style]
        sold_out = self.random.random(len(self.style)) < 0.02 * level**2
        self.out = np.where(sold_out, self.random.integers(3, 8, len(self.out)), np.maximum(self.out - 1, 0))
        exposure = np.where(self.out > 0, 0.0, 1.0)
        first = self.random.poisson(level * self.forecast).astype(float)
        units = first * exposure
        for share, of in zip(self.planted, (self.same_colour, self.same_size), strict=True):
            looking = self.random.binomial((first * (1.0 - exposure)).astype(int), share)
            units += self._taken(np.bincount(of, looking)[of], self.forecast * exposure, of)
        return units, first * exposure, Day(self.forecast, exposure)

    def _taken(self, looking: Floats, there: Floats, of: NDArray[np.int64]) -> Floats:
        total = np.bincount(of, there)[of]
        chance = np.divide(there, total, out=np.zeros_like(there), where=total > 0.0)
        return self.random.poisson(looking * chance).astype(float)


def test_planted_shares_are_found_by_relation() -> None:
    shelf = _Shelf(40, (0.35, 0.05), seed=1)
    state = shelf.state()
    for _ in range(200):
        units, _, day = shelf.day()
        learn(state, units, day)
    assert shares(state)[0] == pytest.approx([0.35, 0.05], abs=0.03)


def test_a_style_in_fashion_is_not_taken_for_switching() -> None:
    """Nobody switches; styles drift by a fifth, and those in fashion sell out more and sell more of what is left."""
    shelf = _Shelf(40, (0.0, 0.0), seed=2)
    state = shelf.state()
    for _ in range(300):
        units, _, day = shelf.day(in_fashion=0.6)
        learn(state, units, day)
    assert shares(state)[0].sum() < 0.08


def test_categories_differ_and_one_that_saw_nothing_has_the_prior() -> None:
    shelf = _Shelf(40, (0.4, 0.0), seed=3)
    state = shelf.state(categories=2)
    for _ in range(150):
        units, first, day = shelf.day()
        learn(state, np.where(state.category == 0, units, first), day)
    assert shares(state)[0] == pytest.approx([0.4, 0.0], abs=0.05)
    assert shares(state)[1] == pytest.approx([0.0, 0.0], abs=0.05)
    assert shares(_Shelf(2, (0.0, 0.0), seed=4).state())[0] == pytest.approx(Rules().prior)


def test_own_demand_is_what_was_asked_for_first() -> None:
    shelf = _Shelf(40, (0.35, 0.1), seed=5)
    state, sums = shelf.state(), np.zeros(3)
    for day_at in range(200):
        units, first, day = shelf.day()
        if day_at >= 60:
            near = gained(state, day) > 0.3 * day.forecast  # where much was out
            own = own_demand(state, units, day)
            assert ((own >= 0.0) & (own <= units + 1e-9)).all()
            sums += [units[near].sum(), own[near].sum(), first[near].sum()]
        learn(state, units, day)
    sold, own, first = sums
    assert sold > 1.25 * first
    assert own == pytest.approx(first, rel=0.03)


def test_one_size_out_by_hand() -> None:
    """Forecasts 2, 1, 1 of one colour; the first is out: of 2 units 20 % go to the others, half each."""
    state = new(Rules(prior=(0.2,)))
    grow(state, np.zeros((1, 3), dtype=np.int64), np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64))
    day = Day(np.array([2.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0]))
    assert gained(state, day) == pytest.approx([0.0, 0.2, 0.2])
    assert own_demand(state, np.array([0.0, 6.0, 0.0]), day) == pytest.approx([0.0, 5.0, 0.0])
    assert lost(state, day) == pytest.approx([1.6, 0.0, 0.0])
    nothing_left = Day(day.forecast, np.zeros(3))
    assert lost(state, nothing_left) == pytest.approx(day.forecast)
    assert gained(state, nothing_left) == pytest.approx(np.zeros(3))


def test_learning_goes_on_from_a_saved_state() -> None:
    shelf = _Shelf(5, (0.3, 0.1), seed=6)
    state = shelf.state()
    days = [shelf.day() for _ in range(20)]
    for units, _, day in days[:10]:
        learn(state, units, day)
    copy = restored(Substitution, msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state))), rules=Rules())
    for one in (state, copy):
        for units, _, day in days[10:]:
            learn(one, units, day)
    assert plain(copy) == plain(state)
