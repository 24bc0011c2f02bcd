"""What sells much less at a location than others of the same on the same days lead to expect there.

What is presented together (the sizes of a style in one colour at a location, or a single item) stands or lies badly
together. Of each SKU a day leads to expect there, from what all *other* locations sold of it that day,

    e = x F sum(y') / sum(x' F')        x = share of the day in stock * what prices, promotions and holidays do to it

with F how much the location sells of the category, beside the chain, without that presentation's own sales (their
ratio over some weeks, drawn to the location's over all categories and that to 1). So neither a stock-out, a season
that ends everywhere, nor a small store is a lack.

Sales and expectations of a presentation add up from the last day on which they gave no reason to think of a lack:
Page's cumulative sum (Biometrika 1954) for a Poisson rate of ``_LACK`` times the expected one is ``(1 - _LACK)
expected + units log(_LACK)``, and where it falls to 0 both begin anew. They are held to what is recent: days of weeks
ago weigh less, and more than ``_MOST_EXPECTED`` units are never remembered.

The chance of so few is that of a negative binomial, whose variance holds that the others are a sample (of K units:
1 / K), that the location's level is one, and how much presentations scatter around such expectations anyhow, learned
by moments from all of them: where every second one sells half of it, that is no news.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from inventory.demand.panel.arrays import Array, Index, Mask, added, grown, ratio
from inventory.demand.register import Register
from inventory.demand.size_runs import Look

_KEEP = 0.5 ** (1.0 / 28.0)
_LACK = 0.5
_MOST_EXPECTED = 40.0
_FIRST_DAYS = 7.0
"""Of a series on the shelf, which say nothing: what is new has to be put up and found."""
_LEVEL_UNITS = 20.0
_FIRST_SCATTER, _FIRST_WEIGHT = 0.25, 2000.0
"""Squared coefficient of variation of presentations, and the squared units that this guess weighs."""
_LEAST_SCATTER, _MOST_SCATTER = 0.02, 2.0
_STEADY = 0.5
"""Of the variance that a sum of independent days has is left when each older one weighs a little less."""
_ALONE = 1e-9

Sums = npt.NDArray[Any]
"""In single precision: a few units."""


class Lacks(NamedTuple):
    """Of presentations, (m,) each: units ``sold`` and ``expected`` from ``since`` (a day) on, the ``chance`` of so few.

    ``lost_per_day`` are the units that are lacking a day of late; ``first`` is the first of the series that count.
    """

    first: Index
    sold: Array
    expected: Array
    since: Index
    chance: Array
    lost_per_day: Array


class Peers:
    """Call `place` when series, styles or looks may have changed, then `learn` for a day."""

    KEPT: ClassVar[tuple[str, ...]] = ("_sold", "_expected", "_since", "_seen", "_usual")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._sold, self._expected = _none(), _none()
        self._since = np.zeros(0, dtype=np.int32)
        """The day their sums began with."""
        self._seen, self._usual = _none(), _none()
        """Units of some weeks, and what the chain's sales made of them if all locations sold alike."""
        self._placed: tuple[int, list[int], list[Look]] = -1, [], []
        self._item, self._place, self._pair, self._group = (np.zeros(0, dtype=np.intp) for _ in range(4))

    def place(self, looks: Sequence[Look]) -> None:
        """``looks`` are of items, those after the last look like nothing known; no style: an item stands by itself."""
        register, n = self._register, len(self._register)
        if (n, register.style_of, list(looks)) == self._placed:
            return
        self._placed = n, list(register.style_of), list(looks)
        self._item, self._place = (np.array(of, dtype=np.intp) for of in (register.item, register.location))
        category = register.categories_of_series()
        self._pair = category * len(register.locations) + self._place
        numbers: dict[tuple[int, int, str], int] = {}
        colours = [look.colour for look in looks] + [""] * (len(register.items) - len(looks))
        together = [
            numbers.setdefault((style, -1, colour) if register.styles[style] else (-1, item, ""), len(numbers))
            for item, (style, colour) in enumerate(zip(register.style_of, colours, strict=True))
        ]
        key = np.array(together, dtype=np.intp)[self._item] * len(register.categories) * len(register.locations)
        self._group = np.unique(key + self._pair, return_inverse=True)[1].astype(np.intp)
        for name in ("_sold", "_expected", "_since", "_seen", "_usual"):
            setattr(self, name, grown(getattr(self, name), n))

    def learn(self, day: int, units: Array, exposure: Array, age: Array) -> None:
        """One day, (n,) all: own units, exposure as in the formula above, and days on the shelf before."""
        level, watched = self._level(), age >= _FIRST_DAYS
        exposure, units = exposure * watched, np.maximum(units, 0.0) * (watched & (exposure > 0.0))
        weight, items = exposure * level, len(self._register.items)
        sold, shown = (added(self._item, one, items)[self._item] for one in (units, weight))
        others = shown - weight
        others[others <= _ALONE * shown] = 0.0
        units = units * (others > 0.0)
        self._seen = _recent(self._seen, units)
        self._usual = _recent(self._usual, exposure * ratio(sold, shown) * (others > 0.0))
        self._add(day, units, weight * ratio(sold - units, others))

    def lacks(self, counted: Mask, age: Array) -> Lacks:
        """Of all presentations that are expected to sell, without what is not ``counted`` of them, (n,) both."""
        groups = self._groups()
        mine = np.flatnonzero(counted[: len(self._sold)])
        first = np.full(groups, len(self._sold), dtype=np.intp)
        np.minimum.at(first, self._group[mine], mine)
        since = np.zeros(groups, dtype=np.intp)
        np.maximum.at(since, self._group[mine], self._since[mine])
        sold, expected = (self._by_group(one * counted) for one in (self._sold, self._expected))
        level = self._level()
        usual = self._usual * level * counted
        days = (1.0 - _KEEP ** np.maximum(age - _FIRST_DAYS, 1.0)) / (1.0 - _KEEP)
        rate = self._by_group(usual / days)
        sampled = ratio(self._by_group(self._expected * counted * self._sampled(usual)), expected**2)
        spread = self._scatter(self._usual * level) + sampled + 1.0 / self._level_units()
        size = 1.0 / spread
        chance = special.betainc(size, sold + 1.0, size / (size + expected))
        known = np.flatnonzero((expected > 0.0) & (first < len(self._sold)))
        lacking = rate * np.maximum(1.0 - ratio(sold, expected), 0.0)
        return Lacks(first[known], sold[known], expected[known], since[known], chance[known], lacking[known])

    def members(self, series: int) -> Index:
        """What is presented together with a series."""
        return np.flatnonzero(self._group == self._group[series])

    def _add(self, day: int, units: Array, expected: Array) -> None:
        """To the sums that go back to the last day without a lack."""
        self._sold, self._expected = _recent(self._sold, units), _recent(self._expected, expected)
        sold, hoped = self._by_group(self._sold), self._by_group(self._expected)
        over = (1.0 - _LACK) * hoped + sold * math.log(_LACK) <= 0.0
        keep = np.where(over, 0.0, np.minimum(1.0, _MOST_EXPECTED / np.maximum(hoped, _ALONE)))[self._group]
        self._sold, self._expected = ((one * keep).astype(np.float32) for one in (self._sold, self._expected))
        self._since = np.where(over[self._group], day + 1, self._since).astype(np.int32)

    def _level(self) -> Array:
        """F of the location for the category, without the presentation's own sales, (n,)."""
        level = np.ones(len(self._seen))
        own = [self._by_group(one)[self._group] for one in (self._seen, self._usual)]
        for of in (self._place, self._pair):
            seen, usual = (
                np.maximum(added(of, one, int(of.max(initial=-1)) + 1)[of] - mine, 0.0)
                for one, mine in zip((self._seen, self._usual), own, strict=True)
            )
            level = (seen + _LEVEL_UNITS * level) / (usual + _LEVEL_UNITS)
        return level

    def _level_units(self) -> Array:
        """Units that a presentation's level rests on, (groups,)."""
        pair = added(self._pair, self._seen, int(self._pair.max(initial=-1)) + 1)[self._pair]
        of_group = np.zeros(self._groups())
        of_group[self._group] = pair
        return np.maximum(of_group - self._by_group(self._seen), 0.0) + _LEVEL_UNITS

    def _sampled(self, usual: Array) -> Array:
        """What a series is expected to sell beside what is expected of it everywhere else, (n,)."""
        others = added(self._item, usual, len(self._register.items))[self._item] - usual
        return ratio(usual, np.where(others > _ALONE * usual, others, 0.0))

    def _scatter(self, usual: Array) -> float:
        """``E[(units - m)^2 - m - m^2 / K] / m^2`` of presentations over some weeks; ``usual`` (n,) make up m."""
        units, mean = self._by_group(self._seen), self._by_group(usual)
        by_chance = _STEADY * (mean + self._by_group(usual * self._sampled(usual)))
        beyond = float(((units - mean) ** 2 - by_chance - mean**2 / self._level_units()).sum())
        weight = float((mean**2).sum()) + _FIRST_WEIGHT
        return float(np.clip((beyond + _FIRST_SCATTER * _FIRST_WEIGHT) / weight, _LEAST_SCATTER, _MOST_SCATTER))

    def _groups(self) -> int:
        return int(self._group.max(initial=-1)) + 1

    def _by_group(self, values: Array) -> Array:
        return added(self._group, values, self._groups())


def _none() -> Sums:
    return np.zeros(0, dtype=np.float32)


def _recent(sums: Sums, today: Array) -> Sums:
    return (_KEEP * sums + today).astype(np.float32)
