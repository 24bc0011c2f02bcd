"""How demand of a store and family divides over the sizes of a size-set: curves corrected for sizes that were out.

With N units expected in all, a size of share c that was on the shelf for a part e of the demand sells ``Poisson(N c
e)``. Towards a parent curve p of weight k the posterior is ``c = (k p + units) / (k + N e)``, made to sum to 1, with
``N = sum(units) / sum(c e)`` (a Dirichlet prior ``k p`` and counts weighted by exposure, FORMULAS.md 3.12; without
stock-outs exactly ``(k p + units) / (k + N)``). A size that was never on the shelf keeps its parent's share. The
parent of a store is its cluster, of a cluster the chain, of the chain even shares.

How far stores differ, the weight k, is learned too: of several weights the one whose curves foretold the sizes sold
best, day by day, before they were learned (prequential likelihood, Dawid 1984).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inventory.demand.plain import Array, Index, Mask, grown, summed

_TINY = 1e-12
_ROUNDS = 4


@dataclass(frozen=True)
class Rules:
    """Weights in units of sales; ``weights``: those to choose from, ``weights[0]`` until something is known."""

    half_life_days: float = 180.0
    weights: tuple[float, ...] = (40.0, 10.0, 20.0, 80.0, 160.0, 640.0)
    cluster_weight: float = 60.0
    chain_weight: float = 4.0
    head_start: float = 1.0


@dataclass
class SizeCurves:
    """``cluster`` (curves,): the cluster curve of each store's curve; ``chain`` (clusters,): the chain curve of that.

    ``sizes`` (chains, S): which sizes a size-set has; ``units`` and ``exposed`` (curves, S), the latter in days of
    demand, of ``demand`` (curves,) days; ``foretold`` (chains, weights): log likelihoods. `grow` says again what hangs
    together.
    """

    KEPT: ClassVar[tuple[str, ...]] = ("units", "exposed", "demand", "foretold")

    cluster: Index
    chain: Index
    sizes: Mask
    units: Array
    exposed: Array
    demand: Array
    foretold: Array
    rules: Rules = Rules()


def new(sizes: int, rules: Rules | None = None) -> SizeCurves:
    """No curves yet, of up to ``sizes`` sizes; `grow` brings them."""
    known, none = rules or Rules(), np.zeros(0, dtype=np.int64)
    rows = np.zeros((0, sizes))
    return SizeCurves(none, none, rows > 0.0, rows, rows, np.zeros(0), np.zeros((0, len(known.weights))), rules=known)


def grow(state: SizeCurves, cluster: Index, chain: Index, sizes: Mask) -> None:
    """All curves' clusters, all clusters' chains, all chains' sizes; curves known so far first. A store may move."""
    state.cluster, state.chain, state.sizes = cluster, chain, sizes
    state.units, state.exposed = grown(state.units, len(cluster)), grown(state.exposed, len(cluster))
    state.demand = grown(state.demand, len(cluster))
    state.foretold = grown(state.foretold, len(sizes))


def learn(state: SizeCurves, units: Array, exposure: Array, demand: Array | None = None) -> None:
    """One day of all curves, (curves, S): units sold, and the part of the day each size was on the shelf, 0 to 1.

    ``demand`` (curves,): how much of a usual day's demand the day had, where that is known. Days on which no size was
    on the shelf teach nothing; units of a size that was not there are no evidence of when it was.
    """
    shown = np.clip(np.nan_to_num(exposure), 0.0, 1.0) * (units >= 0.0)
    sold = np.where(shown > 0.0, np.maximum(units, 0.0), 0.0)
    _learn_weights(state, sold, shown)
    keep = 0.5 ** (1.0 / state.rules.half_life_days)
    day = (np.ones(len(units)) if demand is None else demand) * (shown.sum(axis=1) > 0.0)
    state.units = keep * state.units + sold
    state.exposed = keep * state.exposed + shown * day[:, None]
    state.demand = keep * state.demand + day


def curves(state: SizeCurves) -> Array:
    """Shares of sizes, (curves, S), rows sum to 1; 0 for sizes that the size-set does not have."""
    parent, on_shelf = cluster_curves(state)[state.cluster], _on_shelf(state)
    return _posterior(state.units, on_shelf, parent, weights(state)[state.chain[state.cluster]][:, None])


def cluster_curves(state: SizeCurves) -> Array:
    """Curves of clusters, (clusters, S)."""
    start = chain_curves(state)[state.chain]
    return _pooled(state, state.cluster, start, state.rules.cluster_weight)


def chain_curves(state: SizeCurves) -> Array:
    """Curves of the chain, (chains, S)."""
    even = state.sizes / np.maximum(state.sizes.sum(axis=1, keepdims=True), 1)
    return _pooled(state, state.chain[state.cluster], even, state.rules.chain_weight)


def weights(state: SizeCurves) -> Array:
    """Units of sales that a cluster's curve weighs beside a store's own, (chains,)."""
    ahead = np.zeros(len(state.rules.weights))
    ahead[0] = state.rules.head_start
    known: Array = np.array(state.rules.weights)
    return np.asarray(known[np.argmax(state.foretold + ahead, axis=1)])


def size_run_coverage(curve: Array, in_stock: Mask) -> Array:
    """Share of demand whose size is there, (n,), of shares and stock (n, S).

    >>> size_run_coverage(np.array([[0.2, 0.5, 0.3]]), np.array([[True, False, True]])).round(6).tolist()
    [0.5]
    """
    return np.asarray((curve * in_stock).sum(axis=1))


def major_sizes(curve: Array, share: float = 0.5) -> Mask:
    """The sizes most asked for that together make at least ``share`` of the demand, (n, S).

    >>> major_sizes(np.array([[0.2, 0.4, 0.3, 0.1]])).tolist()
    [[False, True, True, False]]
    """
    order = np.argsort(-curve, axis=1, kind="stable")
    ranked = np.take_along_axis(curve, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    major = np.zeros(curve.shape, dtype=bool)
    np.put_along_axis(major, order, (before < share - _TINY) & (ranked > 0.0), axis=1)
    return major


def broken_run(curve: Array, in_stock: Mask, share: float = 0.5) -> Mask:
    """Whether a major size is out while others remain (Caro and Gallien 2010), (n,)."""
    out = (major_sizes(curve, share) & ~in_stock).any(axis=1)
    return np.asarray(out & in_stock.any(axis=1))


def _posterior(units: Array, on_shelf: Array, parent: Array, weight: Array | float) -> Array:
    """The fixed point of shares and units in all; four rounds come within a thousandth."""
    curve, total = parent, units.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        demand = total / np.maximum(np.einsum("ij,ij->i", curve, on_shelf)[:, None], _TINY)
        curve = _even_sum((weight * parent + units) / (weight + demand * on_shelf))
    return curve


def _pooled(state: SizeCurves, of: Index, parent: Array, weight: float) -> Array:
    """As `_posterior`, of the sums over the curves of each group ``of`` (curves,)."""
    curve, on_shelf = parent, _on_shelf(state)
    units, total = summed(of, state.units, len(parent)), state.units.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        demand = total / np.maximum((curve[of] * on_shelf).sum(axis=1, keepdims=True), _TINY)
        exposed = summed(of, demand * on_shelf, len(parent))
        curve = _even_sum((weight * parent + units) / (weight + exposed))
    return curve


def _on_shelf(state: SizeCurves) -> Array:
    """Part of the demand for which each size was there; of nothing seen all of it."""
    seen = state.demand[:, None]
    return np.divide(state.exposed, seen, out=np.ones_like(state.exposed), where=seen > 0.0)


def _learn_weights(state: SizeCurves, sold: Array, shown: Array) -> None:
    """Log likelihood of the sizes sold, given how many were, under each weight's curves of before."""
    parent, on_shelf, chain = cluster_curves(state)[state.cluster], _on_shelf(state), state.chain[state.cluster]
    rows = sold.sum(axis=1) > 0.0
    for at, weight in enumerate(state.rules.weights):
        curve = _posterior(state.units[rows], on_shelf[rows], parent[rows], weight)
        chance = _even_sum(curve * shown[rows])
        said = np.einsum("ij,ij->i", sold[rows], np.log(np.maximum(chance, _TINY)))
        state.foretold[:, at] += np.bincount(chain[rows], said, len(state.foretold))
    state.foretold -= state.foretold.max(axis=1, keepdims=True, initial=-np.inf)


def _even_sum(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.einsum("ij->i", rows)[:, None], _TINY))
