"""How much of the demand for a size that is out goes to its siblings, and their own demand without it.

Series hang together by relations, usually two: other sizes of the same colour, other colours of the same size. While
a series is on the shelf for a part ``e`` of a day it sells ``f e`` of its forecast f, and ``f (1 - e)`` is lost to
it. Of that a share ``a_k`` goes to its siblings by relation k, in proportion to what they have on the shelf:

    units_j = r f_j e_j + sum_k a_k x_jk        x_jk = r f_j e_j / sum_siblings(f e) * sum_siblings(f (1 - e))

with r the style's own level of late. A style in fashion runs out of sizes and sells more of the others too; so that
this is not taken for switching, a style's day may be off its level as a whole: residuals have the covariance ``s
diag(m) + t m m'``, m what was expected of the style's series, and ``t`` is learned from the days' sums (a random
effect, Laird and Ware 1982). What then tells is which siblings sell more, and how the sum rises on days when more is
out.

The shares of a category are a ridge regression over all its series and days, towards a prior. Second choices in
apparel are little known: 20 % to other sizes, 10 % to other colours (Gruen, Corsten and Bharadwaj 2002 found 45 % of
shoppers to substitute in groceries).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand.plain import Array, Index, Mask, grown, summed

_TINY, _LEAST = 1e-9, 0.01
_FIRST_WHOLE, _FIRST_WEIGHT = 0.05, 100.0


@dataclass(frozen=True)
class Rules:
    """``prior`` shares by relation, known to ``prior_sd``; ``level_units``: sales that say half of a style's level."""

    prior: tuple[float, ...] = (0.2, 0.1)
    prior_sd: float = 0.15
    half_life_days: float = 365.0
    level_half_life_days: float = 21.0
    level_units: float = 20.0
    spread: float = 1.5


@dataclass
class Substitution:
    """``relations`` (relations, n): groups of siblings; ``style``, ``category`` (n,): numbers from 0.

    ``squares`` (categories, relations, relations) and ``products`` (categories, relations) of the regression;
    ``seen`` and ``expected`` (styles,) units on days when all of a style was there. Which series hang together is not
    kept: `grow` says it.
    """

    KEPT: ClassVar[tuple[str, ...]] = ("squares", "products", "moments", "seen", "expected")

    relations: Index
    style: Index
    category: Index
    squares: Array
    products: Array
    moments: Array
    seen: Array
    expected: Array
    rules: Rules = Rules()


class Day(NamedTuple):
    """Of n series: forecast units of a whole day on the shelf, and the part of the day they were there, 0 to 1."""

    forecast: Array
    exposure: Array


def new(rules: Rules | None = None) -> Substitution:
    """No series yet; `grow` brings them."""
    known, none = rules or Rules(), np.zeros(0, dtype=np.int64)
    size = len(known.prior)
    empty = np.zeros((size, 0), dtype=np.int64)
    sums = np.zeros((0, size, size)), np.zeros((0, size)), np.zeros((0, 2)), np.zeros(0), np.zeros(0)
    return Substitution(empty, none, none, *sums, rules=known)


def grow(state: Substitution, relations: Index, style: Index, category: Index) -> None:
    """All series, those known so far first and as they were."""
    state.relations, state.style, state.category = relations, style, category
    categories, styles = int(category.max(initial=-1)) + 1, int(style.max(initial=-1)) + 1
    state.squares, state.products = grown(state.squares, categories), grown(state.products, categories)
    state.moments = grown(state.moments, categories)
    state.seen, state.expected = grown(state.seen, styles), grown(state.expected, styles)


def learn(state: Substitution, units: Array, day: Day) -> None:
    """One day of all series, (n,) units sold; what is no number counts as nothing sold, nothing expected."""
    known = np.isfinite(units) & np.isfinite(day.forecast) & np.isfinite(day.exposure)
    units, day = np.where(known, units, 0.0), Day(*(np.where(known, np.maximum(column, 0.0), 0.0) for column in day))
    own, gains, spread = _own(state, day), _gains(state, day), state.rules.spread
    taken = _taken(state, gains)
    asked = _own_part(units, own, taken)
    weight = np.divide(1.0, spread * own, out=np.zeros_like(own), where=own > _LEAST)
    own, gains = own * (weight > 0.0), gains * (weight > 0.0)
    off = (units - own) * (weight > 0.0)
    _learn_regression(state, weight, own, gains, off)
    _learn_whole(state, own, off - taken * (weight > 0.0))
    _learn_levels(state, asked, day)


def shares(state: Substitution) -> Array:
    """Share of what is lost that goes to siblings, (categories, relations); never below 0, nor over 1 in sum."""
    pull = np.eye(len(state.rules.prior)) / state.rules.prior_sd**2
    target = state.products + pull @ np.array(state.rules.prior)
    found = np.clip(np.linalg.solve(state.squares + pull, target[..., None])[..., 0], 0.0, 1.0)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1.0))


def known(state: Substitution) -> Mask:
    """Categories whose shares rest on what was seen at least as much as on the prior, (categories,)."""
    evidence = np.diagonal(state.squares, axis1=1, axis2=2) * state.rules.prior_sd**2
    return np.asarray(((evidence >= 1.0) | (evidence <= _TINY)).all(axis=1) & (evidence >= 1.0).any(axis=1))


def gained(state: Substitution, day: Day) -> Array:
    """Units that each series is expected to sell for siblings that are out, (n,)."""
    return _taken(state, _gains(state, day))


def own_demand(state: Substitution, units: Array, day: Day) -> Array:
    """Of the units sold those asked for in the first place, (n,): in proportion to what was expected of both kinds.

    A sum of two Poisson numbers splits binomially, so the expected own part of u units is ``u own / (own + gained)``.
    Where nothing was expected, nothing is known of either.
    """
    return _own_part(units, _own(state, day), gained(state, day))


def lost(state: Substitution, day: Day) -> Array:
    """Units lost to all: expected of hours off the shelf, and not bought as a sibling that was there, (n,)."""
    missing = day.forecast * (1.0 - day.exposure)
    there = np.stack([_others(day.forecast * day.exposure, of) > _TINY for of in state.relations])
    return np.asarray(missing * (1.0 - (shares(state)[state.category].T * there).sum(axis=0)))


def _own(state: Substitution, day: Day) -> Array:
    level = (state.seen + state.rules.level_units) / (state.expected + state.rules.level_units)
    return np.asarray(level[state.style] * day.forecast * day.exposure)


def _gains(state: Substitution, day: Day) -> Array:
    """Units of siblings that each series could take over by each relation, (relations, n)."""
    own, missing = _own(state, day), day.forecast * (1.0 - day.exposure)
    rows = []
    for of in state.relations:
        on_shelf = np.bincount(of, day.forecast * day.exposure)[of]
        rows.append(np.divide(own * _others(missing, of), on_shelf, out=np.zeros_like(own), where=on_shelf > _TINY))
    return np.stack(rows)


def _taken(state: Substitution, gains: Array) -> Array:
    return np.asarray((shares(state).T[:, state.category] * gains).sum(axis=0))


def _own_part(units: Array, own: Array, taken: Array) -> Array:
    return np.asarray(units * np.divide(own, own + taken, out=np.ones_like(own), where=own > _TINY))


def _others(values: Array, of: Index) -> Array:
    """Sums over a group without the series itself, (n,)."""
    return np.asarray(np.maximum(np.bincount(of, values)[of] - values, 0.0))


def _learn_regression(state: Substitution, weight: Array, own: Array, gains: Array, off: Array) -> None:
    """Rows weighted by the inverse covariance, ``(diag(1 / m) - t / (s + t sum(m)) 1 1') / s`` of a style's."""
    styles, spread = len(state.seen), state.rules.spread
    keep = 0.5 ** (1.0 / state.rules.half_life_days)
    of = _category_of_styles(state)
    common = _whole(state)[of] / (spread + _whole(state)[of] * np.bincount(state.style, own, styles)) / spread
    by_style = np.stack([np.bincount(state.style, row, styles) for row in gains])
    missed = np.bincount(state.style, off, styles)
    categories = len(state.squares)
    state.squares = keep * state.squares + summed(
        state.category, np.einsum("n,jn,kn->njk", weight, gains, gains), categories
    )
    state.products = keep * state.products + summed(state.category, (weight * off * gains).T, categories)
    state.squares -= summed(of, np.einsum("n,jn,kn->njk", common, by_style, by_style), categories)
    state.products -= summed(of, (common * missed * by_style).T, categories)


def _learn_whole(state: Substitution, own: Array, rest: Array) -> None:
    """``sum((sum rest)^2 - s sum m)`` over ``sum((sum m)^2)`` of styles and days."""
    styles, of = len(state.seen), _category_of_styles(state)
    keep = 0.5 ** (1.0 / state.rules.half_life_days)
    expected, missed = np.bincount(state.style, own, styles), np.bincount(state.style, rest, styles)
    moments = np.column_stack([missed**2 - state.rules.spread * expected, expected**2])
    state.moments = keep * state.moments + summed(of, moments, len(state.moments))


def _whole(state: Substitution) -> Array:
    """Variance of a style's day around its level, (categories,)."""
    squares = state.moments + _FIRST_WEIGHT * np.array([_FIRST_WHOLE, 1.0])
    return np.asarray(np.maximum(squares[:, 0], 0.0) / squares[:, 1])


def _category_of_styles(state: Substitution) -> Index:
    of = np.zeros(len(state.seen), dtype=np.int64)
    of[state.style] = state.category
    return of


def _learn_levels(state: Substitution, asked: Array, day: Day) -> None:
    """Of what was on the shelf, without what was bought for want of a sibling."""
    styles, keep = len(state.seen), 0.5 ** (1.0 / state.rules.level_half_life_days)
    state.seen = keep * state.seen + np.bincount(state.style, asked, styles)
    state.expected = keep * state.expected + np.bincount(state.style, day.forecast * day.exposure, styles)
