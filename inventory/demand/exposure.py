"""Demand hidden by stock-outs, learned online from hourly sales and hours in stock.

A day that sold out early showed only part of its demand. With ``e`` the share of a usual
day's demand that falls into the hours in stock, the hidden part is ``level * f * (1 - e)``;
what was seen stays as it is. Dividing one day's sales by ``e`` instead reads far too high,
because a great demand is itself what empties the shelf.

Two levels are kept per series, both in units per day with factor 1, older days weighing less:

- over exposure, ``sum(sales) / sum(e f)`` of all days: free of that bias, but it includes the
  days of great demand that sold out;
- of full days, ``sum(sales) / sum(f)`` of the days without stock-out: right where stock-outs
  come regardless of demand, too low where demand causes them.

Which is nearer the truth shows in the sales of cut days while there still was stock: ``rho`` is
their ratio to what was expected of those hours. At 1 stock-outs come by chance, above 1 they follow demand;
the first level weighs ``2 (rho - 1)``, within 0 and 1.

``f`` is the product of factors of the day's kinds (weekday, discount, ...), pooled over series, and
the share of each hour in a day is pooled over the series of a group. One pass; no future is looked at.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inventory.demand.panel.arrays import grown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TINY = 1e-12


@dataclass(frozen=True)
class Rules:
    """Forgetting per day of exposure, and how much the pooled values weigh against a series' own.

    ``own_days``: days of own exposure that weigh as much as the pooled level; ``group_units``: sales
    of a group that weigh as much as the pooled profile; ``kind_units``: sales after which half
    of a kind's own factor is believed; ``warm_days``: days before factors and ``rho`` are learned.
    """

    keep_exposure: float = 0.92
    keep_full_days: float = 0.92
    keep_rho: float = 0.98
    own_days: float = 0.2
    group_units: float = 20.0
    kind_units: float = 50.0
    warm_days: int = 7


@dataclass(frozen=True)
class Day:
    """One day of ``n`` series: ``sales`` (n, hours) in units, ``in_stock`` (n, hours), ``kinds`` (n, columns).

    Column ``c`` of ``kinds`` holds numbers from 0 to ``kinds[c] - 1`` of `Exposure`. Sales booked in an
    hour without stock count as seen, but teach nothing; negative and missing sales count as none.
    """

    sales: Floats
    in_stock: Flags
    kinds: Ints


@dataclass
class Exposure:
    """What has been learned of ``len(group)`` series; ``group`` numbers from 0, ``kinds`` the size of each column."""

    KEPT: ClassVar[tuple[str, ...]] = (
        *("seen", "exposed", "full_seen", "full_exposed", "profile", "pooled_profile"),
        *("kind_seen", "kind_expected", "days", "cut_seen", "cut_expected"),
    )

    group: Ints
    hours: int
    kinds: tuple[int, ...] = ()
    rules: Rules = Rules()
    days: int = field(default=0, init=False)
    cut_seen: float = field(default=1.0, init=False)
    cut_expected: float = field(default=1.0, init=False)

    def __post_init__(self) -> None:
        series, groups = len(self.group), int(self.group.max(initial=-1)) + 1
        self.seen, self.exposed = np.zeros(series), np.zeros(series)
        self.full_seen, self.full_exposed = np.zeros(series), np.zeros(series)
        self.profile = np.zeros((groups, self.hours))
        self.pooled_profile = np.ones(self.hours)
        self.kind_seen = [np.full(size, self.rules.kind_units) for size in self.kinds]
        self.kind_expected = [np.full(size, self.rules.kind_units) for size in self.kinds]

    def grow(self, group: Ints) -> None:
        """More series at the end, and more groups; ``group`` is of all."""
        self.group, series = group, len(group)
        self.seen, self.exposed = grown(self.seen, series), grown(self.exposed, series)
        self.full_seen, self.full_exposed = grown(self.full_seen, series), grown(self.full_exposed, series)
        groups = max(len(self.profile), int(group.max(initial=-1)) + 1)
        self.profile = grown(self.profile, groups, axis=0)


def observe(state: Exposure, day: Day) -> Floats:
    """Estimate the day's demand from earlier days and what it showed, then learn from it; (n,) units."""
    demand = estimate(state, day)
    learn(state, day)
    return demand


def forecast(state: Exposure, kinds: Ints) -> Floats:
    """Demand of a whole day of these kinds, (n,) units."""
    weight = demand_driven(state)
    level = weight * _exposure_level(state) + (1.0 - weight) * _full_level(state)
    return level * _factor(state, kinds)


def estimate(state: Exposure, day: Day) -> Floats:
    """Demand of the day, (n,) units: what was sold, and what the hours without stock would have sold."""
    sold = np.fmax(day.sales, 0.0).sum(axis=1)
    return np.asarray(sold + forecast(state, day.kinds) * (1.0 - open_share(state, day.in_stock)))


def open_share(state: Exposure, in_stock: Flags) -> Floats:
    """Share of a usual day's demand that falls into the hours in stock, (n,), 0 to 1."""
    pooled = state.pooled_profile / state.pooled_profile.sum()
    profile = state.profile + state.rules.group_units * pooled
    profile /= profile.sum(axis=1, keepdims=True)
    share = np.einsum("ij,ij->i", in_stock, profile[state.group])
    return np.asarray(np.where(_full(in_stock), 1.0, np.minimum(share, 1.0)))


def demand_driven(state: Exposure) -> float:
    """How far stock-outs follow demand: 0 they come by chance, 1 it is demand that empties the shelf."""
    return float(np.clip(2.0 * (state.cut_seen / state.cut_expected - 1.0), 0.0, 1.0))


def learn(state: Exposure, day: Day) -> None:
    """Learn of one day, all series at once."""
    hourly = np.where(day.in_stock, np.fmax(day.sales, 0.0), 0.0)
    seen, share, full = hourly.sum(axis=1), open_share(state, day.in_stock), _full(day.in_stock)
    factor = _factor(state, day.kinds)
    if state.days >= state.rules.warm_days:
        _learn_rho(state, seen, share * factor, full)
        _learn_kinds(state, day.kinds, seen, share)
    _learn_levels(state, seen, share, factor, full)
    np.add.at(state.profile, state.group[full], hourly[full])
    state.pooled_profile += hourly[full].sum(axis=0)
    state.days += 1


def _learn_levels(state: Exposure, seen: Floats, share: Floats, factor: Floats, full: Flags) -> None:
    keep = state.rules.keep_exposure**share
    state.seen = keep * state.seen + seen
    state.exposed = keep * state.exposed + share * factor
    keep = np.where(full, state.rules.keep_full_days, 1.0)
    state.full_seen = keep * state.full_seen + full * seen
    state.full_exposed = keep * state.full_exposed + full * factor


def _learn_rho(state: Exposure, seen: Floats, exposed: Floats, full: Flags) -> None:
    keep, cut = state.rules.keep_rho, ~full
    state.cut_seen = keep * state.cut_seen + float(seen[cut].sum())
    state.cut_expected = keep * state.cut_expected + float((_exposure_level(state) * exposed)[cut].sum())


def _learn_kinds(state: Exposure, kinds: Ints, seen: Floats, share: Floats) -> None:
    """A kind's factor is its sales over what the level and the other kinds' factors led to expect."""
    expected = _exposure_level(state) * share * _factor(state, kinds)
    for column, (units, usual) in enumerate(zip(state.kind_seen, state.kind_expected, strict=True)):
        kind = kinds[:, column]
        others = expected / (units / usual)[kind]
        np.add.at(units, kind, seen)
        np.add.at(usual, kind, others)


def _factor(state: Exposure, kinds: Ints) -> Floats:
    factor = np.ones(len(state.group))
    for column, (units, usual) in enumerate(zip(state.kind_seen, state.kind_expected, strict=True)):
        factor *= (units / usual)[kinds[:, column]]
    return factor


def _exposure_level(state: Exposure) -> Floats:
    return _shrunk(state.seen, state.exposed, state)


def _full_level(state: Exposure) -> Floats:
    """Level of full days; with few of them that over exposure stands in."""
    own = state.rules.own_days
    return (state.full_seen + own * _exposure_level(state)) / (state.full_exposed + own)


def _shrunk(seen: Floats, exposed: Floats, state: Exposure) -> Floats:
    own = state.rules.own_days
    pooled = seen.sum() / max(exposed.sum(), _TINY)
    return np.asarray((seen + own * pooled) / (exposed + own))


def _full(in_stock: Flags) -> Flags:
    return np.asarray(in_stock.all(axis=1))
