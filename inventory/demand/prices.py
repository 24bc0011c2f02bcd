"""What a price and a promotion do to an item's sales, learned online from all its series (an item in a store).

A series sells ``Poisson(forecast * exp(b1 log(price / usual price) + b2 (promoted - usually promoted)))``; ``b1`` is
the elasticity, ``b2`` the log uplift of a promotion at an unchanged price. "Usual" is the mean of late, of the memory
of the forecast's level: what lasts is in the forecast already. A promotion may come with a price cut or without.

Each day is one step of scoring (McCullagh and Nelder 1989, ch. 2.5): with ``m`` the mean at the coefficients believed
that morning, rows ``x``, units ``y`` and overdispersion ``f``, an item's information ``H += sum(m x x') / f`` and its
products ``s += H_day b + sum(x (y - m)) / f``, so that ``H^-1 s`` is what the item alone would say. Items scatter
around their category with variance ``T``, categories around the prior: the category is the mean of ``H^-1 s`` with
variances ``H^-1 + T``, and an item believes ``(H + T^-1)^-1 (s + T^-1 category)`` (Lindley and Smith 1972).

The prior: Tellis 1988 found a mean elasticity of -1.76 in 367 estimates, Bijmolt, van Heerde and Pieters 2005 found
-2.62 in 1,851. Both are mostly of brands, where buyers change to another one; within a shop less: -1.5. Uplift 30 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inventory.demand.plain import Array, Index, Mask, grown

_FARTHEST, _NEAREST = -6.0, -0.1
_WIDEST_LOG_PRICE = 1.5


@dataclass(frozen=True)
class Rules:
    """Pairs are of elasticity and log uplift; scatters are standard deviations.

    ``promotion_sd``: how promotions of one item differ; ``planner_sd``: how far off a planner's uplift is; in logs.
    """

    prior: tuple[float, float] = (-1.5, 0.26)
    category_scatter: tuple[float, float] = (0.7, 0.4)
    item_scatter: tuple[float, float] = (0.5, 0.3)
    promotion_sd: float = 0.25
    planner_sd: float = 0.35
    half_life_days: float = 365.0
    usual_days: float = 28.0


@dataclass
class Prices:
    """``item`` (series,): whose item each is; ``category`` (items,): numbers from 0.

    ``information`` (items, 2, 2), ``products`` (items, 2); ``usual`` (series, 2) log price and share of days promoted,
    over ``days`` (series,); ``squares`` and ``means`` (categories,) are of the overdispersion.
    """

    item: Index
    category: Index
    information: Array
    products: Array
    usual: Array
    days: Array
    squares: Array
    means: Array
    rules: Rules = Rules()


class Promotion(NamedTuple):
    """Planned for some series, first to last day (days since the epoch); an ``uplift`` of 1.5 is half as much more."""

    series: Index
    first_day: int
    last_day: int
    uplift: float | None = None


class Markdown(NamedTuple):
    """Share off the usual price, units it should sell, and whether that is enough; all (n,)."""

    share: Array
    units: Array
    enough: Mask


def new(rules: Rules | None = None) -> Prices:
    """Nothing learned of nobody; `grow` brings series."""
    none = np.zeros(0, dtype=np.int64)
    arrays = (np.zeros((0, 2, 2)), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0))
    return Prices(none, none, *arrays, rules=rules or Rules())


def grow(state: Prices, item: Index, category: Index) -> None:
    """``item`` and ``category`` of all series and items, those known so far first and as they were."""
    state.item, state.category = item, category
    items, categories = len(category), int(category.max(initial=-1)) + 1
    state.information, state.products = grown(state.information, items), grown(state.products, items)
    state.usual, state.days = grown(state.usual, len(item)), grown(state.days, len(item))
    state.squares, state.means = grown(state.squares, categories, 30.0), grown(state.means, categories, 30.0)


def learn(state: Prices, units: Array, forecast: Array, price: Array, promoted: Array) -> None:
    """One day of all series, (series,): ``forecast`` for the hours on the shelf, without `effect`.

    ``price`` NaN: not known, and nothing learned of it, nor of units or forecasts that are no numbers;
    ``promoted`` from 0 to 1, the share of the day.
    """
    mean, _ = believed(state)
    known = np.isfinite(units) & np.isfinite(forecast)
    units, usually = np.where(known, units, 0.0), np.where(known, np.maximum(forecast, 0.0), 0.0)
    promoted = np.nan_to_num(promoted)
    x = _rows(state, price, promoted)
    expected = usually * np.exp((x * mean[state.item]).sum(axis=1))
    spread = _spread(state)[state.item]
    surprise = np.clip(
        units - expected, -4.0 * np.sqrt(spread * expected) - 2.0, 4.0 * np.sqrt(spread * expected) + 2.0
    )
    _learn_spread(state, surprise, expected)
    _learn_items(state, x, expected / spread, surprise / spread, mean)
    _learn_usual(state, price, promoted)


def believed(state: Prices) -> tuple[Array, Array]:
    """Elasticity and log uplift of every item, (items, 2), and their covariances (items, 2, 2)."""
    between = np.diag(np.square(state.rules.item_scatter))
    pull = _inverse(between)
    category, doubt = _categories(state, between)
    covariance = _inverse(state.information + pull)
    mean = np.einsum("nij,nj->ni", covariance, state.products + category[state.category] @ pull)
    through = covariance @ pull
    covariance = covariance + through @ doubt[state.category] @ through.transpose(0, 2, 1)
    mean[:, 0] = np.clip(mean[:, 0], _FARTHEST, _NEAREST)
    return mean, covariance


def effect(state: Prices, price: Array, promoted: Array) -> Array:
    """What a price and a promotion add on the log scale against what was usual, (series, 2)."""
    mean, _ = believed(state)
    return np.asarray(_rows(state, price, promoted) * mean[state.item])


def planned(state: Prices, promotions: Sequence[Promotion], days: Sequence[int]) -> Array:
    """Log effect of planned promotions and of their absence on coming days, (series, days).

    An uplift the planner gave and the learned one are averaged by how sure they are; of two at once the greater counts.
    """
    mean, covariance = believed(state)
    learned, doubt = mean[state.item, 1], covariance[state.item, 1, 1] + state.rules.promotion_sd**2
    uplift, active = np.zeros((len(state.item), len(days))), np.zeros((len(state.item), len(days)), dtype=bool)
    for promotion in promotions:
        on = np.array([promotion.first_day <= day <= promotion.last_day for day in days])
        log_uplift = _uplift(promotion, learned, doubt, state.rules)
        now = np.where(active[promotion.series], uplift[promotion.series], -np.inf)
        uplift[promotion.series] = np.where(on, np.maximum(now, log_uplift[:, None]), uplift[promotion.series])
        active[promotion.series] |= on
    usually = state.usual[:, 1]
    return np.where(active, uplift * (1.0 - usually[:, None]), -(learned * usually)[:, None])


def usual_price(state: Prices) -> Array:
    """Of every series, (series,); NaN where none was ever told."""
    return np.where(state.days > 0.0, np.exp(state.usual[:, 0]), np.nan)


def markdown_needed(forecast: Array, wanted: Array, elasticity: Array, most: float = 0.7) -> Markdown:
    """The markdown with which ``wanted`` units sell over the days that ``forecast`` units are expected for; all (n,).

    ``wanted = forecast * (1 - share) ** elasticity``, the share never over ``most``. Twice the units at an
    elasticity of -2 need ``1 - 2 ** (-1 / 2)``:

    >>> found = markdown_needed(np.array([10.0]), np.array([20.0]), np.array([-2.0]))
    >>> found.share.round(4).tolist(), found.units.round(6).tolist(), found.enough.tolist()
    ([0.2929], [20.0], [True])
    """
    times = np.divide(wanted, forecast, out=np.full(len(forecast), np.inf), where=forecast > 0.0)
    bent = np.clip(elasticity, _FARTHEST, _NEAREST)
    needed = 1.0 - np.maximum(times, 1.0) ** (1.0 / bent)
    share = np.minimum(needed, most)
    return Markdown(share, forecast * (1.0 - share) ** bent, needed <= most)


def _rows(state: Prices, price: Array, promoted: Array) -> Array:
    """Regressors against what is usual, (series, 2)."""
    known = (state.days > 0.0) & (price > 0.0)
    logs = np.log(np.where(price > 0.0, price, 1.0)) - state.usual[:, 0]
    return np.column_stack(
        [np.where(known, np.clip(logs, -_WIDEST_LOG_PRICE, _WIDEST_LOG_PRICE), 0.0), promoted - state.usual[:, 1]]
    )


def _categories(state: Prices, between: Array) -> tuple[Array, Array]:
    """Means (categories, 2) and covariances (categories, 2, 2)."""
    size, unit = len(state.squares), np.eye(2)
    shrink = _inverse(unit + state.information @ between)
    precision = np.tile(np.diag(1.0 / np.square(state.rules.category_scatter)), (size, 1, 1))
    total = precision @ np.array(state.rules.prior)
    np.add.at(precision, state.category, shrink @ state.information)
    np.add.at(total, state.category, np.einsum("nij,nj->ni", shrink, state.products))
    covariance = _inverse(precision)
    return np.einsum("nij,nj->ni", covariance, total), covariance


def _spread(state: Prices) -> Array:
    """Overdispersion of each item's category, at least that of Poisson, (items,)."""
    return np.asarray(np.maximum(state.squares / state.means, 1.0)[state.category])


def _learn_spread(state: Prices, surprise: Array, expected: Array) -> None:
    keep, of = 0.5 ** (1.0 / state.rules.half_life_days), state.category[state.item]
    state.squares = keep * state.squares + np.bincount(of, surprise * surprise, len(state.squares))
    state.means = keep * state.means + np.bincount(of, expected, len(state.means))


def _learn_items(state: Prices, x: Array, weight: Array, surprise: Array, mean: Array) -> None:
    items, keep = len(state.category), 0.5 ** (1.0 / state.rules.half_life_days)
    today = np.zeros((items, 2, 2))
    for row in range(2):
        for column in range(2):
            today[:, row, column] = np.bincount(state.item, weight * x[:, row] * x[:, column], items)
    score = np.column_stack([np.bincount(state.item, surprise * x[:, column], items) for column in range(2)])
    state.information = keep * state.information + today
    state.products = keep * state.products + np.einsum("nij,nj->ni", today, mean) + score


def _learn_usual(state: Prices, price: Array, promoted: Array) -> None:
    """The first price is the usual one; promotions are not usual at first."""
    known, rate = price > 0.0, 1.0 / state.rules.usual_days
    logs = np.log(np.where(known, price, 1.0))
    step = np.where(known, np.maximum(rate, 1.0 / (state.days + 1.0)), 0.0)
    state.usual[:, 0] += step * (logs - state.usual[:, 0])
    state.usual[:, 1] += rate * (promoted - state.usual[:, 1])
    state.days += known


def _inverse(matrices: Array) -> Array:
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def _uplift(promotion: Promotion, learned: Array, doubt: Array, rules: Rules) -> Array:
    """Log uplift of the promotion's series: learned, and what the planner expects."""
    mine, variance = learned[promotion.series], doubt[promotion.series]
    if promotion.uplift is None or promotion.uplift <= 0.0:
        return mine
    trust = variance / (variance + rules.planner_sd**2)
    return np.asarray(mine + trust * (np.log(promotion.uplift) - mine))
