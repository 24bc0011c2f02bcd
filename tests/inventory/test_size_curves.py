"""Size curves: corrected for stock-outs, nearer to the truth than the 60-day rule, and what is said of a size run."""

from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand import size_curves
from inventory.demand.plain import plain, restored
from inventory.demand.size_curves import SizeCurves, broken_run, curves, grow, learn, new, size_run_coverage, weights

Floats = NDArray[np.float64]
DAYS, SIZES, CHAIN = 60, 6, np.array([0.05, 0.15, 0.28, 0.27, 0.16, 0.09])


@dataclass
class _Chain:
    """Sixty stores of three clusters, and 60 days: sizes sell out for a week at a time, the greater the more often."""

    units_each: float
    seed: int
    spread: float = 80.0
    outs: float = 0.08

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        clusters = random.dirichlet(40.0 * CHAIN, 3)
        self.cluster = np.arange(60) % 3
        self.true = np.stack([random.dirichlet(self.spread * clusters[at]) for at in self.cluster])
        self.days = []
        out = np.zeros((60, SIZES))
        for _ in range(DAYS):
            out = np.maximum(out - 1, np.where(random.random((60, SIZES)) < self.outs * self.true, 7, 0))
            shown = (out == 0).astype(float)
            self.days.append((random.poisson(self.units_each / DAYS * self.true * shown).astype(float), shown))

    def learned(self) -> SizeCurves:
        state = new(SIZES)
        grow(state, self.cluster, np.zeros(3, dtype=np.int64), np.ones((1, SIZES), dtype=bool))
        for sold, shown in self.days:
            learn(state, sold, shown)
        return state


def _rule(days: list[tuple[Floats, Floats]]) -> Floats:
    """The 60-day rule: own corrected sales from 40 units on, else all stores'; half a unit each against zeros."""
    units = sum(sold for sold, _ in days)
    corrected = (units + 0.5) / np.maximum(sum(shown for _, shown in days) / DAYS, 1.0 / DAYS)
    everywhere = np.tile(corrected.sum(axis=0), (len(units), 1))
    own = np.where(units.sum(axis=1, keepdims=True) >= 40.0, corrected, everywhere)
    return own / own.sum(axis=1, keepdims=True)


def _divergence(true: Floats, told: Floats) -> float:
    return float((true * np.log(np.maximum(true, 1e-12) / told)).sum(axis=1).mean())


@pytest.mark.parametrize("units", [10.0, 40.0, 100.0])
@pytest.mark.parametrize("spread", [30.0, 150.0])
def test_nearer_to_the_truth_than_the_rule(units: float, spread: float) -> None:
    chains = [_Chain(units, seed, spread) for seed in range(4)]
    ours = np.mean([_divergence(chain.true, curves(chain.learned())) for chain in chains])
    theirs = np.mean([_divergence(chain.true, _rule(chain.days)) for chain in chains])
    assert ours < 0.95 * theirs


def test_sizes_that_were_out_are_not_wanted_less() -> None:
    """Two equal sizes, one there every other day: it sells half, and is worth the same."""
    state = new(3)
    grow(state, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([[True, True, False]]))
    for day in range(400):
        there = float(day % 2)
        learn(state, np.array([[5.0, 5.0 * there, 0.0]]), np.array([[1.0, there, 0.0]]))
    assert curves(state)[0] == pytest.approx([0.5, 0.5, 0.0], abs=0.01)


def test_a_size_never_on_the_shelf_keeps_its_share_of_the_cluster() -> None:
    state = new(2)
    grow(state, np.zeros(2, dtype=np.int64), np.zeros(1, dtype=np.int64), np.ones((1, 2), dtype=bool))
    for _ in range(200):
        learn(state, np.array([[6.0, 4.0], [3.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 0.0]]))
    assert curves(state)[1] == pytest.approx([0.6, 0.4], abs=0.02)


def test_how_far_stores_differ_is_learned() -> None:
    alike = weights(_Chain(100.0, 1, spread=2000.0).learned())[0]
    unlike = weights(_Chain(100.0, 1, spread=15.0).learned())[0]
    assert unlike <= 40.0 < alike


def test_nothing_sold_is_even_shares_and_absent_sizes_have_none() -> None:
    state = new(4)
    grow(state, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([[True, True, True, False]]))
    learn(state, np.zeros((1, 4)), np.zeros((1, 4)))
    assert curves(state)[0] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0.0])


def test_size_runs_by_hand() -> None:
    curve = np.array([[0.1, 0.4, 0.3, 0.2]] * 4)
    stock = np.array([[1, 1, 1, 1], [0, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 0]]).astype(bool)
    assert size_run_coverage(curve, stock) == pytest.approx([1.0, 0.7, 0.6, 0.0])
    assert broken_run(curve, stock).tolist() == [False, False, True, False]


def test_learning_goes_on_from_a_saved_state() -> None:
    chain = _Chain(40.0, 3)
    state = chain.learned()
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(plain(state)))
    copy = restored(SizeCurves, saved, rules=size_curves.Rules())
    for one in (state, copy):
        learn(one, *chain.days[0])
    assert plain(copy) == plain(state)
    grow(copy, np.append(copy.cluster, 2), copy.chain, copy.sizes)
    assert curves(copy)[60] == pytest.approx(size_curves.cluster_curves(copy)[2])
