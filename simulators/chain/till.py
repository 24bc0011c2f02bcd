"""Shoppers and what the tills say about them."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from simulators.chain import devices
from simulators.chain.agenda import DAY, HOUR, MINUTE, next_time_of_day
from simulators.chain.assortment import Article
from simulators.chain.slips import Slips
from simulators.chain.stock import Unit
from simulators.chain.world import World

OPENS, CLOSES = 9 * HOUR, 20 * HOUR
HOUR_SHARES = (0.04, 0.06, 0.08, 0.1, 0.1, 0.09, 0.1, 0.12, 0.14, 0.11, 0.06)
WEEKDAYS = (0.8, 0.8, 0.9, 1.0, 1.3, 1.7, 0.5)
PROMOTION_LIFT = 2.0

_CROWD_SHAPE = 8.0
_FETCHED_FROM_BACK = 0.7
_TWO_OF_ONE = 0.08
_FIRST_DAY_IS = 3  # 1970-01-01 was a Thursday

Leave = Callable[[int, list[Unit], int], None]


class Till:
    """Sells, takes back, voids and exchanges; ``leave`` is told which units go through the door."""

    def __init__(self, world: World, leave: Leave) -> None:
        self._world = world
        self._leave = leave
        self._slips = Slips(world)
        self._siblings = [world.assortment.siblings(article) for article in world.assortment.articles]

    def begin(self, at_ms: int) -> None:
        """Opens the stores from here on."""
        for store in self._world.assortment.stores:
            self._world.agenda.every(next_time_of_day(at_ms, OPENS), DAY, partial(self._day, store))

    def _day(self, store: int, at_ms: int) -> None:
        for hour in range(len(HOUR_SHARES)):
            self._world.agenda.at(at_ms + hour * HOUR, partial(self._hour, store, HOUR_SHARES[hour]))

    def _hour(self, store: int, share: float, at_ms: int) -> None:
        """Draws the shoppers of an hour: a gamma-Poisson number of baskets with geometric numbers of lines."""
        world, generator = self._world, self._world.generator
        weights = self._weights(store, at_ms)
        weekday = WEEKDAYS[(at_ms // DAY + _FIRST_DAY_IS) % 7]
        crowd = generator.gamma(_CROWD_SHAPE) / _CROWD_SHAPE
        lines_a_basket = world.settings.mean_lines
        cumulative = np.cumsum(weights)
        baskets = int(generator.poisson(cumulative[-1] * weekday * share * crowd / lines_a_basket))
        lines = generator.geometric(1 / lines_a_basket, baskets)
        wanted = np.searchsorted(cumulative, generator.random(int(lines.sum())) * cumulative[-1]).tolist()
        times = np.sort(generator.integers(at_ms, at_ms + HOUR, baskets)).tolist()
        for time_ms, (begin, end) in zip(times, pairwise([0, *np.cumsum(lines).tolist()]), strict=True):
            world.agenda.at(time_ms, partial(self._shop, store, wanted[begin:end]))
        if world.chance(world.settings.reservations_per_store_hour):
            self._reserve(store, at_ms)

    def _weights(self, store: int, at_ms: int) -> npt.NDArray[np.float64]:
        rates: npt.NDArray[np.float64] = self._world.assortment.rates[store]
        promoted = {style for style, until_ms in self._world.promoted.items() if until_ms > at_ms}
        if not promoted:
            return rates
        lift = [PROMOTION_LIFT if a.style_number in promoted else 1.0 for a in self._world.assortment.articles]
        return np.asarray(rates * np.array(lift))

    def _shop(self, store: int, wanted: list[int], at_ms: int) -> None:
        taken = [(article, units) for article in wanted if (units := self._take(store, article))]
        if taken:
            self._ring_up(store, taken, at_ms)

    def _take(self, store: int, article: int) -> list[Unit]:
        """One or two pieces off the shelf, or fetched from the back room, or none: a lost sale."""
        world, stock = self._world, self._world.stock[store]
        pieces = []
        for _ in range(2 if world.chance(_TWO_OF_ONE) else 1):
            unit = stock.take(article, world.random, (devices.FLOOR,))
            if unit is None and world.chance(_FETCHED_FROM_BACK):
                unit = stock.take(article, world.random, (devices.BACK,))
            if unit is None:
                world.account(store, article).lost_sales += 1
            else:
                pieces.append(unit)
        return pieces

    def _ring_up(self, store: int, taken: list[tuple[int, list[Unit]]], at_ms: int, channel: str = "store") -> None:
        world, settings = self._world, self._world.settings
        if world.chance(settings.cancelled_share):
            self._put_back(store, taken)
            lines = [self._slips.line("sale", article, units, at_ms) for article, units in taken]
            self._slips.say(store, lines, at_ms, "cancelled_basket", channel, cancelled=True)
            return
        scanned = [(self._scan(article), units) for article, units in taken]
        lines = [self._slips.line("sale", article, units, at_ms) for article, units in scanned]
        voided = world.chance(settings.void_share)
        for place, (article, units) in enumerate(scanned):
            world.account(store, article).sales += len(units)
            self._carry_out(store, article, units, at_ms, may_return=not (voided and place == 0))
        self._slips.add_noise(lines)
        self._slips.say(store, lines, at_ms, "basket", channel)
        self._leave(store, [unit for _, units in scanned[voided:] for unit in units], at_ms)
        if voided:
            later_ms = at_ms + world.between(MINUTE, 10 * MINUTE)
            world.agenda.at(later_ms, partial(self._void, store, *scanned[0]))

    def _scan(self, article: int) -> int:
        """The article the till believes it is."""
        others = self._siblings[article]
        if others and self._world.chance(self._world.settings.misscan_share):
            return self._world.random.choice(others).number
        return article

    def _carry_out(self, store: int, scanned: int, units: list[Unit], at_ms: int, *, may_return: bool) -> None:
        world = self._world
        for unit in units:
            account = world.account(store, unit.article)
            account.carried_out += 1
            account.misscanned += unit.article != scanned
            if may_return and world.chance(world.settings.return_share):
                days = 1 + int(world.random.expovariate(1 / 5))
                open_ms = world.between(OPENS, CLOSES - HOUR)
                world.agenda.at(at_ms - at_ms % DAY + days * DAY + open_ms, partial(self._return, store, unit))

    def _put_back(self, store: int, taken: list[tuple[int, list[Unit]]]) -> None:
        for _, units in taken:
            for unit in units:
                self._world.stock[store].put(unit, devices.FLOOR)

    def _bring_back(self, store: int, unit: Unit) -> None:
        self._world.stock[store].put(unit, devices.FLOOR)
        self._world.account(store, unit.article).brought_back += 1

    def _return(self, store: int, unit: Unit, at_ms: int) -> None:
        world, settings = self._world, self._world.settings
        account = world.account(store, unit.article)
        if world.chance(settings.exchange_share) and self._exchange(store, unit, at_ms):
            return
        line = self._slips.line("return", unit.article, [unit], at_ms)
        if world.chance(settings.damaged_return_share):
            account.damaged_returns += 1
            line["disposition"] = "damaged"
        else:
            account.returns += 1
            self._bring_back(store, unit)
        self._slips.say(store, [line], at_ms, "return_basket", "store")

    def _exchange(self, store: int, unit: Unit, at_ms: int) -> bool:
        """Another article of the style for the unit; False when there is none on the floor."""
        world = self._world
        for other in self._siblings[unit.article]:
            handed_out = world.stock[store].take(other.number, world.random, (devices.FLOOR,))
            if handed_out is not None:
                self._hand_over(store, unit, handed_out, other, at_ms)
                return True
        return False

    def _hand_over(self, store: int, unit: Unit, handed_out: Unit, other: Article, at_ms: int) -> None:
        world = self._world
        self._bring_back(store, unit)
        world.account(store, unit.article).returns += 1
        world.account(store, other.number).sales += 1
        world.account(store, other.number).carried_out += 1
        line = self._slips.line("exchange", other.number, [handed_out], at_ms)
        line |= {"returned_item_id": world.article(unit.article).sku, "returned_quantity": 1}
        self._slips.say(store, [line], at_ms, "exchange_basket", "store")
        self._leave(store, [handed_out], at_ms)

    def _void(self, store: int, scanned: int, units: list[Unit], at_ms: int) -> None:
        """The shopper changes their mind at the till: the units never really left."""
        self._world.account(store, scanned).voids += len(units)
        for unit in units:
            self._bring_back(store, unit)
        self._slips.say(store, [self._slips.line("void", scanned, units, at_ms)], at_ms, "void_basket", "store")

    def _reserve(self, store: int, at_ms: int) -> None:
        world = self._world
        article = int(world.random.random() * len(world.assortment.articles))
        if world.stock[store].counts[article] == 0:
            return
        document = f"R{world.erp_documents:08d}"
        world.move("reservation", store, article, 1, at_ms, document=document)
        picked_up_ms = at_ms + world.between(HOUR, 5 * HOUR)
        world.agenda.at(picked_up_ms, partial(self._pick_up, store, article, document))

    def _pick_up(self, store: int, article: int, document: str, at_ms: int) -> None:
        world = self._world
        world.move("release", store, article, 1, at_ms, document=document)
        unit = world.stock[store].take(article, world.random) if world.chance(0.8) else None
        if unit is not None:
            self._ring_up(store, [(article, [unit])], at_ms, "click_and_collect")
