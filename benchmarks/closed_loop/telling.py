"""What stores would tell of a scene, as observations of the log."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from benchmarks.closed_loop.scene import Scene, Units
from benchmarks.closed_loop.tags import Tags
from schemas import observations as log
from schemas.observations import Observation

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
_FLOOR = "sales_floor"
_OPENS, _SELLS_HOURS = 8, 12.0
_OVERNIGHT_DAYS = 0.25

Line = tuple[int, str, str, str]


class Telling:
    """Times, names and keys. The style of a SKU is the SKU itself: M5 has no sizes."""

    def __init__(self, scene: Scene, tags: Tags) -> None:
        self._scene, self._tags = scene, tags
        pairs = zip(scene.item.tolist(), scene.store.tolist(), strict=True)
        self.names = [(scene.items[item].sku, scene.stores[store]) for item, store in pairs]
        self.series = {name: series for series, name in enumerate(self.names)}
        first = datetime.combine(scene.first_date, datetime.min.time(), UTC)
        self.first_ms = int(first.timestamp() * 1000)
        self._key = 0

    def at_ms(self, day: int, hour: float = 0.0) -> int:
        """Of a played day; the history has days below zero."""
        return self.first_ms + (self._scene.history_days + day) * DAY_MS + int(hour * HOUR_MS)

    def reference(self, *, lanes: bool) -> Iterator[Observation]:
        """Items, suppliers (one a category) and lanes."""
        scene, at_ms = self._scene, self.first_ms
        for item in scene.items:
            yield log.ItemDefined(
                item.sku, item.sku, at_ms, category=item.department, price=item.price, cost=item.cost, currency="USD",
                pack=item.pack, supplier=item.category,
            )  # fmt: skip
        rows = {scene.items[item].category: row for row, item in enumerate(scene.item.tolist())}
        for category, row in sorted(rows.items()):
            mean, sd = float(scene.lead_mean_days[row]), float(scene.lead_sd_days[row])
            yield log.SupplierDefined(category, at_ms, mean, sd, float(scene.review_days))
        ways = [(one, other) for one in scene.stores for other in scene.stores if lanes and one != other]
        for origin, destination in ways:
            money = scene.money
            yield log.LaneDefined(origin, destination, at_ms, _OVERNIGHT_DAYS, money.per_unit_moved, money.per_trip)

    def locations(self, at_ms: int, *, replenished: bool) -> Iterator[Observation]:
        for store in self._scene.stores:
            yield log.LocationDefined(store, "store", at_ms, country="US", replenished=replenished)

    def opening(self, at_ms: int) -> Iterator[Observation]:
        """The first stock of every series, its tags named."""
        for series, units in enumerate(self._scene.opening.tolist()):
            tags = self._tags.make(series, units)
            yield log.QuantityMeasured(*self._line(series), "opening", units, at_ms, _FLOOR, epcs=tags)

    def sales(self, day: int, demand: Units, sold: Units) -> Iterator[list[Observation]]:
        """By store, in order of time: a series' sales as one line when its last unit goes.

        Customers of a day come evenly over its hours, so what sells out early is told early.
        """
        for store in range(len(self._scene.stores)):
            rows = np.flatnonzero((self._scene.store == store) & (sold > 0))
            hours = _OPENS + _SELLS_HOURS * (sold[rows] - 0.5) / demand[rows]
            lines = sorted(zip(hours.tolist(), rows.tolist(), strict=True))
            yield [self._sale(row, int(sold[row]), day, hour) for hour, row in lines]

    def _sale(self, series: int, units: int, day: int, hour: float) -> Observation:
        price = float(self._scene.price[series, day]) if day >= 0 else None
        return log.SaleMade(*self._line(series), "sale", units, self.at_ms(day, hour), price, _FLOOR)

    def count(self, series: int, units: int, at_ms: int) -> Observation:
        return log.QuantityMeasured(*self._line(series), "count", units, at_ms)

    def received(self, series: int, units: int, order_id: str, tags: tuple[str, ...], at_ms: int) -> Observation:
        return log.QuantityMoved(
            *self._line(series), "receipt", units, at_ms, _FLOOR, order_id=order_id, epcs=tags
        )  # fmt: skip

    def moved(
        self, series: int, units: int, other: int, order_id: str, tags: tuple[str, ...], at_ms: int
    ) -> Observation:
        """A part of a transfer: ``units`` below zero leave for the other series, above zero come from it."""
        reason: log.MoveReason = "transfer_in" if units > 0 else "transfer_out"
        counterpart = self.names[other][1]
        return log.QuantityMoved(
            *self._line(series), reason, units, at_ms, _FLOOR, order_id=order_id, counterpart=counterpart, epcs=tags
        )

    def sweep(self, at_ms: int) -> Iterator[list[Observation]]:
        """By store: a reader walks past everything."""
        for store, name in enumerate(self._scene.stores):
            reader = f"reader-{name}"
            heard = {row: self._tags.sweep(row, at_ms) for row in np.flatnonzero(self._scene.store == store).tolist()}
            told: list[Observation] = [
                log.ItemsSeen(*self._line(row), _FLOOR, reader, at_ms, tags) for row, tags in heard.items() if tags
            ]
            tags_heard = sum(map(len, heard.values()))
            yield [
                *told,
                log.DeviceReported(name, _FLOOR, reader, "reader", "sweep_ended", at_ms, tags_heard=tags_heard),
            ]

    def _line(self, series: int) -> Line:
        """Key, location, SKU and style."""
        self._key += 1
        sku, location = self.names[series]
        return self._key, location, sku, sku
