"""Clusters of stores that sell alike: streaming k-means on their sales profiles, and a store does not move for a whim.

A profile is a store's mix over categories, weekdays and sizes in its last weeks, each mix drawn a little to the
chain's and taken as roots of shares: then every part scatters alike and distances are Hellinger's. River's incremental
k-means (Sculley 2010) follows the profiles day by day. A store changes its cluster when for some days in a row
another centre was clearly nearer than its own.

Three traps in River 0.26: the first centres are drawn around 0, far from profiles, so that all stores fall to one
(planted clusters of the tests: adjusted Rand index 0), and after standardising mostly to two or three (0 to 0.7);
here they are the stores that leave least unexplained, chosen one by one. `STREAMKMeans` draws new ones for every
chunk (0 to 0.7 too). And distances are summed in the order of a set, so names must be numbers for runs to repeat.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from river.cluster import KMeans

from inventory.demand.plain import Array

Mixes = Mapping[str, Mapping[str, float]]
_WEEKDAYS = "weekday"


@dataclass(frozen=True)
class Rules:
    """``margin``: how much nearer another centre has to be, ``days``: for how long; ``pull``: units of the chain."""

    clusters: int = 4
    half_life_days: float = 7.0
    first_days: int = 14
    margin: float = 0.15
    days: int = 3
    pull: float = 20.0
    step: float = 0.02


class Moved(NamedTuple):
    """A store's cluster from a day on (days since the epoch); ``before`` None: its first one."""

    store: str
    before: int | None
    cluster: int
    day: int


class Clusters:
    """Call `learn` for every store of a day, then `close`; clusters are numbered from 0 and keep their numbers."""

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._names: dict[str, int] = {}
        self._sold: dict[str, dict[int, float]] = {}
        self._days: dict[str, int] = {}
        self._of: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._means: Any = None

    def learn(self, day: int, store: str, units: Mixes) -> None:
        """What a store sold on a day, in units by name in each mix (``{"category": {...}, "size": {...}}``).

        The weekday's mix is made of the first mix's total.
        """
        sold = self._sold.setdefault(store, {})
        keep = 0.5 ** (1.0 / self._rules.half_life_days)
        for at in sold:
            sold[at] *= keep
        total = sum(max(one, 0.0) for one in next(iter(units.values()), {}).values())
        for mix, shares in {**units, _WEEKDAYS: {str(day % 7): total}}.items():
            for name, one in sorted(shares.items()):
                at = self._names.setdefault(f"{mix}\n{name}", len(self._names))
                sold[at] = sold.get(at, 0.0) + max(one, 0.0)
        self._days[store] = self._days.get(store, 0) + 1

    def close(self, day: int) -> list[Moved]:
        """The day is over: centres move, and stores that have been elsewhere for long enough."""
        stores = [store for store in sorted(self._sold) if self._days[store] >= self._rules.first_days]
        profiles = dict(zip(stores, self._profiles(stores), strict=True))
        if self._means is None and len(stores) >= 2 * self._rules.clusters:
            self._start(profiles)
        if self._means is None:
            return []
        for profile in profiles.values():
            self._means.learn_one(dict(enumerate(profile.tolist())))
        centres = np.stack([_vector(centre, len(self._names)) for centre in self._means.centers.values()])
        apart = _distances(np.stack(list(profiles.values())), centres) if profiles else np.zeros((0, len(centres)))
        placed = (self._place(day, store, row) for store, row in zip(profiles, apart, strict=True))
        return [moved for moved in placed if moved]

    def cluster_of(self, store: str) -> int | None:
        """The store's cluster; None in its first weeks."""
        return self._of.get(store)

    def plain(self) -> dict[str, Any]:
        centres = None if self._means is None else [_vector(centre).tolist() for centre in self._means.centers.values()]
        sold = [[store, list(units), list(units.values())] for store, units in self._sold.items()]
        kept = [self._days, self._of, self._waiting]
        return {"names": list(self._names), "sold": sold, "kept": [dict(one) for one in kept], "centres": centres}

    @classmethod
    def restored(cls, saved: dict[str, Any], rules: Rules | None = None) -> "Clusters":
        made = cls(rules)
        made._names = {name: at for at, name in enumerate(saved["names"])}
        made._sold = {store: dict(zip(at, units, strict=True)) for store, at, units in saved["sold"]}
        made._days, made._of, made._waiting = saved["kept"]
        if saved["centres"] is not None:
            made._means = _means(np.array(saved["centres"]), made._rules.step)
        return made

    def _profiles(self, stores: list[str]) -> Array:
        """Roots of shares, (stores, names)."""
        units = np.zeros((len(stores), len(self._names)))
        for row, store in enumerate(stores):
            units[row, list(self._sold[store])] = list(self._sold[store].values())
        mixes = [name.split("\n")[0] for name in self._names]
        for mix in dict.fromkeys(mixes):
            mine = np.array([one == mix for one in mixes])
            units[:, mine] = self._shares(units[:, mine])
        return np.sqrt(units / max(len(set(mixes)), 1))

    def _shares(self, units: Array) -> Array:
        chain = units.sum(axis=0) / max(units.sum(), 1e-9)
        pulled = units + self._rules.pull * chain
        return np.asarray(pulled / np.maximum(pulled.sum(axis=1, keepdims=True), 1e-9))

    def _start(self, profiles: dict[str, Array]) -> None:
        """Centres at the stores chosen, then moved to the middle of those around them; without any they stay."""
        rows = np.stack(list(profiles.values()))
        centres = rows[_representatives(rows, self._rules.clusters)]
        for _ in range(10):
            nearest = _distances(rows, centres).argmin(axis=1)
            around = [rows[nearest == at] for at in range(len(centres))]
            centres = np.stack(
                [mine.mean(axis=0) if len(mine) else old for mine, old in zip(around, centres, strict=True)]
            )
        self._means = _means(centres, self._rules.step)

    def _place(self, day: int, store: str, distances: Array) -> Moved | None:
        """Move the store if another centre has been nearer for long enough, or give it its first one."""
        before, nearest = self._of.get(store), int(distances.argmin())
        if before is not None and distances[nearest] >= (1.0 - self._rules.margin) * distances[before]:
            self._waiting.pop(store, None)
            return None
        self._waiting[store] = self._waiting.get(store, 0) + 1
        if before is not None and self._waiting[store] < self._rules.days:
            return None
        del self._waiting[store]
        self._of[store] = nearest
        return Moved(store, before, nearest, day)


def _means(centres: Array, step: float) -> Any:
    """River's k-means with these centres; names it has not seen start at 0."""
    means = KMeans(n_clusters=len(centres), halflife=step, sigma=0.0, seed=0)
    for at, centre in enumerate(centres):
        means.centers[at].update(enumerate(centre.tolist()))
    return means


def _vector(centre: Mapping[int, float], size: int = 0) -> Array:
    return np.array([centre.get(at, 0.0) for at in range(max(size, len(centre)))])


def _distances(rows: Array, centres: Array) -> Array:
    """Euclidean, (rows, centres)."""
    return np.asarray(np.sqrt(np.square(rows[:, None, :] - centres[None, :, :]).sum(axis=2)))


def _representatives(rows: Array, size: int) -> list[int]:
    """Rows that, one added after the other, leave the least squared distance to the nearest (greedy k-medoids)."""
    apart = np.square(_distances(rows, rows))
    nearest, chosen = np.full(len(rows), np.inf), list[int]()
    for _ in range(size):
        left = np.minimum(nearest[None, :], apart).sum(axis=1)
        left[chosen] = np.inf
        chosen.append(int(left.argmin()))
        nearest = np.minimum(nearest, apart[chosen[-1]])
    return chosen
