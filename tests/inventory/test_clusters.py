"""Clusters of stores: planted ones are found, a store that changes is moved, one that wavers is not."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand.clusters import Clusters, Moved

PLANTED, CATEGORIES, SIZES = 4, 8, 6


class _Stores:
    """Stores of four kinds that differ in their mixes, and a little from each other; 60 to 400 units a day."""

    def __init__(self, stores: int, seed: int, apart: float = 12.0) -> None:
        self.random = np.random.default_rng(seed)
        self.kind = np.arange(stores) % PLANTED
        shapes = [self.random.dirichlet(np.full(size, 2.0), PLANTED) for size in (CATEGORIES, SIZES)]
        week = self.random.dirichlet(np.full(7, 15.0), PLANTED)
        self.mixes = [*shapes, week]
        self.level = self.random.uniform(60.0, 400.0, stores)
        self.own = [self.random.gamma(200.0, 1 / 200.0, (stores, mix.shape[1])) for mix in self.mixes]

    def sold(self, store: int, day: int) -> dict[str, dict[str, float]]:
        category, size, week = (
            mix[self.kind[store]] * own[store] for mix, own in zip(self.mixes, self.own, strict=True)
        )
        level = self.level[store] * week[day % 7] / week.mean()
        return {
            "category": self._drawn(level, category, "c"),
            "size": self._drawn(level, size, "s"),
        }

    def _drawn(self, level: float, shares: NDArray[np.float64], name: str) -> dict[str, float]:
        units = self.random.poisson(level * shares / shares.sum())
        return {f"{name}{at}": float(one) for at, one in enumerate(units)}

    def run(self, clusters: Clusters, first: int, last: int) -> list[Moved]:
        moved = []
        for day in range(first, last):
            for store in range(len(self.kind)):
                clusters.learn(day, f"store {store:02}", self.sold(store, day))
            moved += clusters.close(day)
        return moved


def _rand_index(one: list[int], other: list[int]) -> float:
    """Adjusted (Hubert and Arabie 1985)."""
    table = np.zeros((max(one) + 1, max(other) + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: NDArray[np.float64]) -> float:
        return float((counts * (counts - 1) / 2).sum())

    rows, columns, all_pairs = pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), len(one) * (len(one) - 1) / 2
    expected = rows * columns / all_pairs
    return (pairs(table) - expected) / ((rows + columns) / 2 - expected)


def _found(clusters: Clusters, stores: int) -> list[int]:
    found = [clusters.cluster_of(f"store {store:02}") for store in range(stores)]
    assert None not in found
    return [one for one in found if one is not None]


def test_the_index_by_hand() -> None:
    """Four pairs of 1 + 1: Hubert and Arabie's index is 1 for equal partitions, about 0 for unrelated ones."""
    assert _rand_index([0, 0, 1, 1], [1, 1, 0, 0]) == 1.0
    assert _rand_index([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_planted_clusters_are_found_and_stay(seed: int) -> None:
    stores, clusters = _Stores(32, seed), Clusters()
    stores.run(clusters, 0, 30)
    assert _rand_index(stores.kind.tolist(), _found(clusters, 32)) >= 0.8
    assert stores.run(clusters, 30, 120) == []


def test_a_store_that_changes_is_moved_within_fourteen_days() -> None:
    stores, clusters = _Stores(32, seed=5), Clusters()
    stores.run(clusters, 0, 60)
    before, goal = _found(clusters, 32), clusters.cluster_of("store 01")
    stores.kind[8] = 1  # was 0
    moved = stores.run(clusters, 60, 74)
    assert [(one.store, one.before, one.cluster) for one in moved] == [("store 08", before[8], goal)]


def test_a_week_of_something_else_moves_nobody() -> None:
    stores, clusters = _Stores(32, seed=6), Clusters()
    stores.run(clusters, 0, 60)
    stores.kind[8] = 1
    assert stores.run(clusters, 60, 63) == []
    stores.kind[8] = 0
    assert stores.run(clusters, 63, 90) == []


def test_new_stores_and_names_come_later() -> None:
    stores, clusters = _Stores(32, seed=7), Clusters()
    stores.run(clusters, 0, 30)
    for day in range(30, 50):
        clusters.learn(day, "new", stores.sold(2, day))
        assert clusters.cluster_of("new") is None or day >= 43
        clusters.learn(day, "store 00", {"category": {"never sold": 2.0, "c0": 50.0}, "shape": {"round": 3.0}})
        clusters.close(day)
    assert clusters.cluster_of("new") == clusters.cluster_of("store 02")


def test_clusters_go_on_from_a_saved_state() -> None:
    stores, clusters = _Stores(16, seed=8), Clusters()
    stores.run(clusters, 0, 25)
    copy = Clusters.restored(msgspec.msgpack.decode(msgspec.msgpack.encode(clusters.plain()), strict=False))
    day = {f"store {store:02}": stores.sold(store, 25) for store in range(16)}
    for one in (clusters, copy):
        for store, sold in day.items():
            one.learn(25, store, sold)
        one.close(25)
    assert copy.plain() == clusters.plain()


def test_stores_that_sell_the_very_same_are_of_one_cluster() -> None:
    clusters = Clusters()
    for day in range(30):
        for store in range(12):
            clusters.learn(day, f"store {store:02}", {"category": {"a": 3.0, "b": 1.0}})
        clusters.close(day)
    assert len(set(_found(clusters, 12))) == 1
