"""What staff do and what happens behind their backs."""

from functools import partial

import numpy as np

from simulators.chain.agenda import DAY, HOUR, MINUTE, next_time_of_day
from simulators.chain.devices import BACK, FITTING, FLOOR
from simulators.chain.till import CLOSES, OPENS, Leave
from simulators.chain.world import World

FLOOR_CAPACITY = 6
REFILL_BELOW = 3
COUNT_AT = CLOSES + 40 * MINUTE

_REFILL_EVERY = 2 * HOUR
_REFILL_IS_BOOKED = 0.7
_FOUND_AGAIN_A_DAY = 0.15
_COUNTED_WRONG = 0.02
_TRIED_ON_AN_HOUR = 4
_HEARD_WHEN_STOLEN = 0.5


class Staff:
    """Refills shelves, counts, throws damaged goods away, puts things in wrong places and finds them again."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, at_ms: int) -> None:
        agenda = self._world.agenda
        for store in self._world.assortment.stores:
            agenda.every(next_time_of_day(at_ms, OPENS), DAY, partial(self._day, store))
            agenda.every(next_time_of_day(at_ms, COUNT_AT), DAY, partial(self._count, store))

    def _day(self, store: int, at_ms: int) -> None:
        agenda = self._world.agenda
        for refill_ms in range(at_ms + 10 * MINUTE, at_ms + CLOSES - OPENS, _REFILL_EVERY):
            agenda.at(refill_ms, partial(self._refill, store))
        for hour_ms in range(at_ms, at_ms + CLOSES - OPENS, HOUR):
            agenda.at(hour_ms + 5 * MINUTE, partial(self._try_on, store))
        agenda.at(at_ms + 30 * MINUTE, partial(self._tidy, store))

    def _refill(self, store: int, at_ms: int) -> None:
        stock = self._world.stock[store]
        for article, on_floor in enumerate(stock.zones[FLOOR]):
            wanted = FLOOR_CAPACITY - len(on_floor)
            if len(on_floor) < REFILL_BELOW and stock.zones[BACK][article]:
                self._carry_to_floor(store, article, min(wanted, len(stock.zones[BACK][article])), at_ms)

    def _carry_to_floor(self, store: int, article: int, quantity: int, at_ms: int) -> None:
        world, stock = self._world, self._world.stock[store]
        for _ in range(quantity):
            unit = stock.move(article, BACK, FLOOR, world.random)
            if unit is not None and world.chance(world.settings.misplaced_share):
                world.happened["misplaced"] += 1
                stock.lose(unit, FLOOR, FLOOR if world.chance(0.5) else BACK)
        if world.chance(_REFILL_IS_BOOKED):
            world.move("zone_move", store, article, quantity, at_ms, zone=BACK, to_zone=FLOOR)

    def _try_on(self, store: int, at_ms: int) -> None:
        """Shoppers take pieces to the fitting room; they hang there for a while and nobody can buy them."""
        world, stock = self._world, self._world.stock[store]
        for _ in range(_TRIED_ON_AN_HOUR):
            article = self._any_article()
            if stock.move(article, FLOOR, FITTING, world.random) is not None:
                back_ms = at_ms + world.between(10 * MINUTE, 40 * MINUTE)
                world.agenda.at(back_ms, partial(self._hang_back, store, article))

    def _hang_back(self, store: int, article: int, at_ms: int) -> None:
        self._world.stock[store].move(article, FITTING, FLOOR, self._world.random)

    def _tidy(self, store: int, at_ms: int) -> None:
        world, stock = self._world, self._world.stock[store]
        for place in reversed(range(len(stock.astray))):
            if world.chance(_FOUND_AGAIN_A_DAY):
                stock.find(place)
        self._throw_away(store, at_ms)
        if world.chance(world.settings.supplier_returns_per_store_day):
            self._send_back(store, at_ms)
        if world.chance(world.settings.adjustments_per_store_day):
            self._adjust(store, at_ms)

    def _throw_away(self, store: int, at_ms: int) -> None:
        world, stock = self._world, self._world.stock[store]
        damaged = world.generator.binomial(stock.counts, world.settings.write_off_per_unit_day)
        for article in np.flatnonzero(damaged).tolist():
            if stock.take(article, world.random) is not None:
                account = world.account(store, article)
                account.thrown_away += 1
                account.write_offs += 1
                world.move("write_off", store, article, 1, at_ms, reason="damaged")

    def _send_back(self, store: int, at_ms: int) -> None:
        world, article = self._world, self._any_article()
        if world.stock[store].take(article, world.random, (BACK,)) is not None:
            account = world.account(store, article)
            account.sent_back += 1
            account.supplier_returns += 1
            supplier = world.assortment.suppliers[world.article(article).supplier].name
            world.move("supplier_return", store, article, 1, at_ms, counterpart=supplier)

    def _adjust(self, store: int, at_ms: int) -> None:
        """Somebody corrects the book of an article by feel: towards the truth if it is wrong, else away."""
        world, article = self._world, self._any_article()
        account = world.account(store, article)
        wrong = world.stock[store].counts[article] - account.booked
        change = 1 if wrong > 0 else -1 if wrong < 0 else world.random.choice((-1, 1))
        account.adjustments += change
        world.move("adjustment", store, article, change, at_ms, reason="correction")

    def _any_article(self) -> int:
        return int(self._world.random.random() * len(self._world.assortment.articles))

    def _count(self, store: int, at_ms: int) -> None:
        """After closing, some articles are counted; what is astray may be overlooked."""
        world, stock = self._world, self._world.stock[store]
        counted = world.generator.random(len(stock.counts)) < world.settings.counted_share_per_day
        for article in np.flatnonzero(counted).tolist():
            overlooked = sum(unit.article == article and world.chance(0.5) for _, unit in stock.astray)
            wrong = world.random.choice((-1, 1)) if world.chance(_COUNTED_WRONG) else 0
            seen = max(0, stock.counts[article] - overlooked + wrong)
            world.account(store, article).count(seen)
            world.move("count", store, article, seen, at_ms, reason="cycle count")


class Thieves:
    """Take units without a till: a rate per unit and day, uneven over articles, that no reading tells."""

    def __init__(self, world: World, leave: Leave) -> None:
        self._world = world
        self._leave = leave
        sigma, articles = world.settings.theft_sigma, len(world.assortment.articles)
        appeal = world.generator.lognormal(-sigma * sigma / 2, sigma, articles)
        self._rates = np.minimum(appeal * world.settings.theft_per_unit_day, 0.5)

    def begin(self, at_ms: int) -> None:
        for store in self._world.assortment.stores:
            self._world.agenda.every(next_time_of_day(at_ms, OPENS), DAY, partial(self._day, store))

    def _day(self, store: int, at_ms: int) -> None:
        world = self._world
        stolen = world.generator.binomial(world.stock[store].counts, self._rates)
        for article, units in zip(np.flatnonzero(stolen).tolist(), stolen[stolen > 0].tolist(), strict=True):
            for _ in range(units):
                world.agenda.at(world.between(at_ms, at_ms + CLOSES - OPENS), partial(self._steal, store, article))

    def _steal(self, store: int, article: int, at_ms: int) -> None:
        world = self._world
        unit = world.stock[store].take(article, world.random)
        if unit is None:
            return
        world.account(store, article).stolen += 1
        if world.chance(_HEARD_WHEN_STOLEN):
            self._leave(store, [unit], at_ms)
