"""Shelf cameras: they count what they see, now and then nonsense, and when stuck what they saw last."""

from functools import partial
from typing import Any

import numpy as np

from schemas import topics
from simulators.chain import devices
from simulators.chain.agenda import DAY, MINUTE, next_time_of_day
from simulators.chain.outbox import rfc3339
from simulators.chain.till import CLOSES, OPENS
from simulators.chain.world import World

SEEN_AT_MOST = 8
SEEN_EACH = 0.85
NONSENSE = 0.05
STUCK_DAYS_MEAN = 5.0


class Cameras:
    """One camera a store on a share of its articles, each with a facing of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        articles = len(world.assortment.articles)
        watched = world.generator.random((len(world.assortment.stores), articles)) < world.settings.camera_share
        self._watched = [np.flatnonzero(row).tolist() for row in watched]
        self._stuck_until_ms = [-1] * len(self._watched)
        self._last: list[list[dict[str, Any]]] = [[] for _ in self._watched]

    def begin(self, at_ms: int) -> None:
        settings = self._world.settings
        if settings.camera_minutes is None:
            return
        first_ms = next_time_of_day(at_ms + settings.devices_after_days * DAY, OPENS)
        for store in self._world.assortment.stores:
            self._world.agenda.every(first_ms, DAY, partial(self._day, store))

    def _day(self, store: int, at_ms: int) -> None:
        world = self._world
        if world.chance(world.settings.camera_stuck_per_day) and at_ms > self._stuck_until_ms[store]:
            world.happened["cameras_stuck"] += 1
            self._stuck_until_ms[store] = at_ms + int(world.random.expovariate(1 / STUCK_DAYS_MEAN) * DAY)
        period_ms = (world.settings.camera_minutes or 60) * MINUTE
        for look_ms in range(at_ms, at_ms + CLOSES - OPENS, period_ms):
            self._world.agenda.at(look_ms, partial(self._look, store))

    def _look(self, store: int, at_ms: int) -> None:
        camera = devices.camera(self._world.site(store))
        stuck = at_ms <= self._stuck_until_ms[store] and self._last[store]
        facings = self._last[store] if stuck else [self._facing(store, article) for article in self._watched[store]]
        self._last[store] = facings
        message = {"camera": camera, "detected_at": rfc3339(at_ms), "facings": facings}
        self._world.outbox.say(topics.CAMERAS, camera, message, at_ms, "camera")

    def _facing(self, store: int, article: int) -> dict[str, Any]:
        world, random = self._world, self._world.random
        there = min(len(world.stock[store].zones[devices.FLOOR][article]), SEEN_AT_MOST)
        occlusion = round(random.betavariate(1.5, 8), 2)
        count = sum(random.random() < SEEN_EACH for _ in range(there))
        confidence = round(random.betavariate(20, 2), 2)
        if world.chance(NONSENSE):
            world.happened["camera_nonsense"] += 1
            count = int(random.random() * (SEEN_AT_MOST + 1))
        return {
            "facing": f"F{article:03d}",
            "item_id": world.article(article).sku,
            "count": count,
            "capacity": SEEN_AT_MOST,
            "confidence": confidence,
            "occlusion": occlusion,
            "gap": count == 0,
        }
