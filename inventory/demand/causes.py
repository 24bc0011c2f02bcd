"""What moves demand besides the calendar: signals of places, prices and promotions of goods.

The panel learns demand with these effects taken out, and forecasts get those that are known ahead put in. All
effects are logs, against what was usual of late.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, NamedTuple

import numpy as np

from inventory.demand import prices
from inventory.demand.notices import Notice, Notices, Places
from inventory.demand.panel.arrays import Array, Index, Mask, added, ratio
from inventory.demand.prices import Promotion
from inventory.demand.register import Register
from inventory.demand.signals import Key, Signals
from schemas.signal_names import CLOSED, PRICE, PROMOTION, UPLIFT

_EPOCH = date(1970, 1, 1).toordinal()
_WIDEST = 1.5
"""No cause moves demand by more than e to this."""
_LEAST_UNITS = 0.5

Holidays = Callable[[date, str], dict[str, float]]
"""Flags of a day at a location."""


class Effects(NamedTuple):
    """Log effects on series and days, (n, h) both."""

    signals: Array
    prices: Array

    def together(self) -> Array:
        whole: Array = np.clip(self.signals + self.prices, -_WIDEST, _WIDEST)
        return whole


class Sold(NamedTuple):
    """A day of n series, (n,) each."""

    units: Array
    demand: Array
    """With what stock-outs hid."""
    usual: Array
    """What was forecast without any causes; 0 where it was not heard of."""
    seen: Array
    """The share of the day's demand that fell into hours in stock."""
    paid: Array
    """Mean price paid, NaN where nothing was sold."""


class Causes:
    """Learns what signals, prices and promotions do to the series of a register."""

    KEPT: ClassVar[tuple[str, ...]] = ("_signals", "_prices", "_price")

    def __init__(self, register: Register) -> None:
        self._register = register
        self._signals = Signals()
        self._prices = prices.new()
        self._price = np.zeros(0)
        """The last price of each series, NaN where none was told."""
        self._pairs: tuple[list[tuple[int, int]], Index] = [], _index([])

    def grow(self) -> None:
        """More series in the register."""
        register = self._register
        prices.grow(self._prices, _index(register.item), _index(register.category_of))
        missing = len(register) - len(self._price)
        self._price = np.concatenate([self._price, np.full(missing, np.nan)])
        numbers: dict[tuple[int, int], int] = {}
        pairs = zip((register.category_of[item] for item in register.item), register.location, strict=True)
        of = [numbers.setdefault(pair, len(numbers)) for pair in pairs]
        self._pairs = list(numbers), _index(of)

    def price(self, day: int, notices: Notices, paid: Array, asked: Array) -> None:
        """Prices paid that day, (n,), NaN where nothing was; the last one holds, before any the one ``asked``."""
        self._price = np.where(np.isnan(self._price), asked, self._price)
        for notice in _on(day, notices.of_goods()):
            if notice.name == PRICE:
                self._price[self._meant(notice)] = notice.value
        self._price = np.where(np.isnan(paid), self._price, paid)

    def prices(self) -> Array:
        """The last price of every series, (n,); NaN where none was told."""
        return self._price

    def elasticities(self) -> Array:
        """Of every series' item, (n,): demand is as ``price ** elasticity``."""
        mean, _ = prices.believed(self._prices)
        return np.asarray(mean[self._prices.item, 0])

    def of_place(self) -> Array:
        """Log effect of what is usual at a location and not elsewhere, a price or promotions, (n,); 0: none known."""
        usual, promoted, item = np.log(prices.usual_price(self._prices)), self._prices.usual[:, 1], self._prices.item
        known = np.isfinite(usual)
        coefficients = prices.believed(self._prices)[0][item]
        effect = coefficients[:, 0] * _beside_others(np.where(known, usual, 0.0), known, item)
        effect += coefficients[:, 1] * _beside_others(promoted, np.ones_like(known), item)
        return np.clip(effect, -_WIDEST, _WIDEST)

    def pairs(self) -> tuple[list[tuple[int, int]], Index]:
        """Categories in locations, in the order they first appear, and the one of each series (n,)."""
        return self._pairs

    def on(self, days: Sequence[int], notices: Notices, holidays: Holidays) -> Effects:
        """Effects on days (since the epoch), as far as they are known by now."""
        return Effects(self._of_signals(days, notices.of_places(), holidays), self._of_prices(days, notices.of_goods()))

    def learn(self, day: int, notices: Notices, holidays: Holidays, effects: Effects, sold: Sold) -> None:
        """A day of n series, and the ``effects`` that were expected of it with all that is known of the day now."""
        units, demand, usual, seen, paid = sold
        self._learn_signals(day, notices.of_places(), holidays, demand / np.exp(effects.prices[:, 0]), usual)
        goods = notices.of_goods()
        told = self._price_on(day, goods)
        price = np.where(np.isnan(paid), told, paid)
        prices.learn(
            self._prices, units, usual * np.exp(effects.signals[:, 0]) * seen, price, self._promoted(day, goods)
        )

    def _learn_signals(self, day: int, places: Places, holidays: Holidays, demand: Array, usual: Array) -> None:
        pairs, of = self._pairs
        sold, expected = added(of, demand, len(pairs)), added(of, usual, len(pairs))
        for (category, place), came, forecast in zip(pairs, sold, expected, strict=True):
            key, features = self._told(day, category, place, places, holidays)
            if forecast >= _LEAST_UNITS and (features or self._knows()):
                ratio = float(np.log((came + _LEAST_UNITS) / (forecast + _LEAST_UNITS)))
                self._signals.learn(day, key, features, ratio, float(forecast))

    def _of_signals(self, days: Sequence[int], places: Places, holidays: Holidays) -> Array:
        pairs, of = self._pairs
        effects = np.zeros((len(pairs), len(days)))
        if self._knows():
            for row, (category, place) in enumerate(pairs):
                for column, day in enumerate(days):
                    key, features = self._told(day, category, place, places, holidays)
                    effects[row, column] = sum(self._signals.effect(key, features).values())
        return effects[of]

    def _told(
        self, day: int, category: int, place: int, places: Places, holidays: Holidays
    ) -> tuple[Key, dict[str, float]]:
        location = self._register.locations[place]
        features = {**holidays(date.fromordinal(_EPOCH + day), location), **places.on(day, location)}
        features.pop(CLOSED, None)
        return Key(location, self._register.categories[category]), features

    def _knows(self) -> bool:
        """Whether any signal was ever heard."""
        return self._signals.day >= 0

    def _of_prices(self, days: Sequence[int], notices: Sequence[Notice]) -> Array:
        promotions = [promotion for notice in notices if (promotion := self._promotion(notice)) is not None]
        effects, none = prices.planned(self._prices, promotions, days), np.zeros(len(self._price))
        known: dict[tuple[tuple[Notice, bool], ...], Array] = {}
        for column, day in enumerate(days):
            told = tuple((notice, notice.last_day >= day) for notice in notices if _prices(notice, day))
            if told not in known:
                known[told] = prices.effect(self._prices, self._price_on(day, notices), none)[:, 0]
            effects[:, column] += known[told]
        return effects

    def _price_on(self, day: int, notices: Sequence[Notice]) -> Array:
        """The last price, but for prices told ahead and price cuts; after a cut the usual price.

        Of a price and cuts of the same goods and day the lowest counts, in whatever order they were told.
        """
        price, usual = self._price.copy(), prices.usual_price(self._prices)
        told = np.zeros(len(price), dtype=np.bool_)
        for notice in _on(day, notices):
            meant = self._meant(notice)
            base = np.where(np.isnan(usual[meant]), price[meant], usual[meant])
            if notice.name == PRICE:
                price[meant] = notice.value
                told[meant] = True
            elif notice.last_day >= day:
                lowered = base * (1.0 - notice.value)
                price[meant] = np.where(told[meant], np.minimum(price[meant], lowered), lowered)
                told[meant] = True
            else:
                price[meant] = base
                told[meant] = False
        return price

    def _promoted(self, day: int, notices: Sequence[Notice]) -> Array:
        """1 for series that are promoted on a day, (n,)."""
        promoted = np.zeros(len(self._price))
        for notice in notices:
            if notice.name in (PROMOTION, UPLIFT) and notice.first_day <= day <= notice.last_day:
                promoted[self._meant(notice)] = 1.0
        return promoted

    def _promotion(self, notice: Notice) -> Promotion | None:
        if notice.name not in (PROMOTION, UPLIFT):
            return None
        uplift = notice.value if notice.name == UPLIFT and notice.value > 0.0 else None
        return Promotion(self._meant(notice), notice.first_day, notice.last_day, uplift)

    def _meant(self, notice: Notice) -> Index:
        return self._register.series_of(notice.location, notice.style, notice.sku)


def _beside_others(values: Array, known: Mask, item: Index) -> Array:
    """Values less the mean of their item's, 0 where none is known; (n,) all."""
    size = int(item.max(initial=-1)) + 1
    mean = ratio(added(item, values * known, size), added(item, known, size))
    return np.asarray((values - mean[item]) * known)


def _index(numbers: Sequence[int]) -> Index:
    return np.array(numbers, dtype=np.intp)


def _prices(notice: Notice, day: int) -> bool:
    """Whether it says anything of prices on a day."""
    cut = notice.name == PROMOTION and 0.0 < notice.value < 1.0
    return notice.first_day <= day and (cut or (notice.name == PRICE and notice.value > 0.0))


def _on(day: int, notices: Sequence[Notice]) -> list[Notice]:
    """Prices and cuts told of a day or of earlier ones: what is over first, by when it ended; cuts after prices."""
    told = (notice for notice in notices if _prices(notice, day))
    return sorted(told, key=lambda notice: (min(notice.last_day, day), notice.name == PROMOTION))
