"""Signals: the clock, weather, footfall and promotions."""

from functools import partial
from typing import Any

from schemas import topics
from simulators.chain.agenda import DAY, HOUR, MINUTE, next_time_of_day
from simulators.chain.outbox import rfc3339
from simulators.chain.slips import PROMOTION_OFF
from simulators.chain.till import HOUR_SHARES, OPENS
from simulators.chain.world import World

_PROMOTION_DAYS = 3
_SHOPPERS_A_BASKET = 4


class Signals:
    """Everything told on ``readings.signals``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, at_ms: int) -> None:
        agenda, settings = self._world.agenda, self._world.settings
        often_from_ms = at_ms + settings.devices_after_days * DAY
        for hour_ms in range(at_ms, often_from_ms, HOUR):
            agenda.at(hour_ms, self._clock)
        agenda.every(often_from_ms, settings.clock_minutes * MINUTE, self._clock)
        agenda.every(next_time_of_day(at_ms, 6 * HOUR), DAY, self._promote)
        for store in self._world.assortment.stores:
            agenda.every(next_time_of_day(at_ms, 7 * HOUR), DAY, partial(self._weather, store))
            agenda.every(next_time_of_day(at_ms, OPENS), DAY, partial(self._day, store))

    def _clock(self, at_ms: int) -> None:
        """One heartbeat per place, so that every partition of the topic hears the time."""
        for site in self._world.assortment.sites:
            self._say("clock", 0.0, at_ms, site)

    def _weather(self, store: int, at_ms: int) -> None:
        site = self._world.site(store)
        temperature = round(self._world.random.gauss(12, 6), 1)
        self._say("temperature_celsius", temperature, at_ms, site, location=site)
        self._say("rain_millimetres", round(self._world.random.expovariate(0.5), 1), at_ms, site, location=site)

    def _day(self, store: int, at_ms: int) -> None:
        for hour, share in enumerate(HOUR_SHARES):
            self._world.agenda.at(at_ms + (hour + 1) * HOUR, partial(self._footfall, store, share))

    def _footfall(self, store: int, share: float, at_ms: int) -> None:
        world, site = self._world, self._world.site(store)
        baskets = float(world.assortment.rates[store].sum()) * share / world.settings.mean_lines
        people = int(world.generator.poisson(baskets * _SHOPPERS_A_BASKET))
        self._say("footfall", float(people), at_ms, site, location=site)

    def _promote(self, at_ms: int) -> None:
        world = self._world
        if not world.chance(world.settings.promotions_per_day):
            return
        style = int(world.random.random() * world.settings.styles)
        name = next(a.style for a in world.assortment.articles if a.style_number == style)
        world.promoted[style] = at_ms + _PROMOTION_DAYS * DAY
        world.happened["promotions"] += 1
        self._say("promotion", PROMOTION_OFF, at_ms, name, style=name, until=rfc3339(world.promoted[style]))

    def _say(self, name: str, value: float, at_ms: int, key: str, **more: Any) -> None:
        message = {"name": name, "value": value, "occurred_at": rfc3339(at_ms), **more}
        self._world.outbox.say(topics.SIGNALS, key, message, at_ms, name)
