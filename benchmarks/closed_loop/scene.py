"""What happens whatever anybody orders: demand, prices, lead times, thefts, counts. Drawn once, the same for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Units = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PACKS = (1, 2, 3, 6, 12, 24)
PACK_DAYS = 5.0
"""A pack is the largest of ``PACKS`` that a store sells within so many days."""
OPENING_COVER_DAYS = 7.0
LEAD_TIMES = {"FOODS": (2.0, 0.7), "HOUSEHOLD": (5.0, 1.5), "HOBBIES": (7.0, 2.0)}
"""Mean and sd in days by category; goods from far vary more."""
OTHER_LEAD_TIME = (5.0, 1.5)


class Money(NamedTuple):
    """What the comparison is paid in, the currency of the prices.

    ``gross_margin`` is a share of the mean price, ``holding_share_per_year`` of a
    unit's cost; a trip costs once a lane and day, whatever it carries; ``look`` is a
    count that somebody is sent to make.
    """

    gross_margin: float = 0.35
    holding_share_per_year: float = 0.25
    per_trip: float = 2.0
    per_unit_moved: float = 0.05
    look: float = 0.5


class Chances(NamedTuple):
    """What goes wrong, and what is done about it."""

    stolen_share: float = 0.015
    """Units stolen a unit of demand."""
    read_rate: float = 0.95
    stray_share: float = 0.02
    """Tags of strangers heard, a tag that is there."""
    sweep_every_days: int = 7
    count_every_days: int = 91
    """Everything is counted that often, each day a part of it, for every policy alike."""


class Item(NamedTuple):
    """One SKU, the same in all stores."""

    sku: str
    category: str
    department: str
    pack: int
    cost: float
    price: float


@dataclass(frozen=True)
class Scene:
    """``items`` x ``stores`` series, n of them, over the days from ``first_date`` on.

    The first ``history_days`` are over when the play begins: their sales are known, and nothing else. Of the days that
    are played, ``scored_from`` is the first that is scored. ``demand`` is (n, history and played days), the rest has
    one column a played day: ``price``, ``stolen`` units that a thief asks for after the day's customers, ``lead_days``
    of an order placed at the end of a day, ``counted`` whether somebody counts before a day begins.
    """

    first_date: date
    history_days: int
    scored_from: int
    items: Sequence[Item]
    stores: Sequence[str]
    item: Units
    store: Units
    demand: Units
    price: Array
    stolen: Units
    lead_days: Units
    counted: Mask
    opening: Units
    lead_mean_days: Array
    lead_sd_days: Array
    money: Money
    chances: Chances
    review_days: int
    seed: int

    @property
    def days(self) -> int:
        """That are played."""
        return int(self.stolen.shape[1])

    @property
    def pack(self) -> Units:
        """(n,)"""
        return np.array([item.pack for item in self.items], dtype=np.int64)[self.item]

    @property
    def cost(self) -> Array:
        """Of a unit, (n,)."""
        return np.array([item.cost for item in self.items])[self.item]

    def demand_on(self, day: int) -> Units:
        """Of a played day, (n,)."""
        return self.demand[:, self.history_days + day]

    def reviewed(self, day: int) -> bool:
        """Whether orders can be placed at the end of a day."""
        return day % self.review_days == 0


class Drawn(NamedTuple):
    """Demand and prices (n, days) as they were, and who the series are; n = items x stores, store by store."""

    first_date: date
    skus: Sequence[str]
    categories: Sequence[str]
    departments: Sequence[str]
    stores: Sequence[str]
    demand: Units
    price: Array


MONEY, CHANCES = Money(), Chances()


def scene(
    drawn: Drawn,
    history_days: int,
    scored_from: int,
    seed: int,
    money: Money = MONEY,
    chances: Chances = CHANCES,
    review_days: int = 1,
) -> Scene:
    """The world around the demand; costs, packs and openings follow from the history alone."""
    random = np.random.default_rng([seed, 1])
    played = drawn.demand.shape[1] - history_days
    items = _items(drawn, history_days, money)
    places = len(drawn.stores)
    item = np.tile(np.arange(len(items)), places)
    mean, sd = (np.array(column)[item] for column in zip(*(_lead_time(one) for one in items), strict=True))
    rate = drawn.demand[:, :history_days].mean(axis=1)
    n = len(item)
    first_count = random.integers(chances.count_every_days, size=n)
    pack = np.array([one.pack for one in items])[item]
    return Scene(
        first_date=drawn.first_date,
        history_days=history_days,
        scored_from=scored_from,
        items=items,
        stores=drawn.stores,
        item=item,
        store=np.repeat(np.arange(places), len(items)),
        demand=drawn.demand,
        price=drawn.price[:, history_days:],
        stolen=random.poisson(chances.stolen_share * rate[:, None], (n, played)),
        lead_days=_lead_days(random, mean, sd, played),
        counted=(np.arange(played) + first_count[:, None]) % chances.count_every_days == 0,
        opening=np.ceil(rate * (mean + review_days + OPENING_COVER_DAYS) / pack).astype(np.int64) * pack,
        lead_mean_days=mean,
        lead_sd_days=sd,
        money=money,
        chances=chances,
        review_days=review_days,
        seed=seed,
    )


def _items(drawn: Drawn, history_days: int, money: Money) -> list[Item]:
    """A SKU's pack and cost: of its mean demand and price in all stores."""
    shape = (len(drawn.stores), len(drawn.skus), history_days)
    rate = drawn.demand[:, :history_days].reshape(shape).mean(axis=(0, 2))
    price = drawn.price[:, :history_days].reshape(shape).mean(axis=(0, 2))
    return [
        Item(sku, category, department, _pack(a_day), round(float(asked) * (1.0 - money.gross_margin), 4), float(asked))
        for sku, category, department, a_day, asked in zip(
            drawn.skus, drawn.categories, drawn.departments, rate.tolist(), price.tolist(), strict=True
        )
    ]


def _pack(units_a_day: float) -> int:
    return max(pack for pack in PACKS if pack <= max(units_a_day * PACK_DAYS, 1.0))


def _lead_time(item: Item) -> tuple[float, float]:
    return LEAD_TIMES.get(item.category, OTHER_LEAD_TIME)


def _lead_days(random: np.random.Generator, mean: Array, sd: Array, played: int) -> Units:
    """Gamma, in whole days, at least one."""
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    days = random.gamma(shape[:, None], scale[:, None], (len(mean), played))
    return np.maximum(np.rint(days), 1.0).astype(np.int64)
