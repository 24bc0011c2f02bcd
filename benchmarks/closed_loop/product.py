"""The product in the world: the fold hears what stores would tell, and what it orders and moves is done.

Nothing of its decisions is in here. The history comes as sales while its locations are not replenished yet; then
openings, deliveries, sales, counts and sweeps as they happen, and a tick at every day's end. At night the suggestions
and transfers that stand are carried out; who is sent to look counts the next morning.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from benchmarks.closed_loop.scene import Scene, Units
from benchmarks.closed_loop.tags import Tags
from benchmarks.closed_loop.world import Record, World
from inventory import fold
from inventory.facts import origin_of
from inventory.state import PartitionState
from schemas import observations as log
from schemas.facts import Fact, Reorder, Task, Transfer
from schemas.observations import Entry, Observation, ObservationBatch, Source

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
_SOURCE = "readings.pos"
_FLOOR, _READER = "sales_floor", "reader"
_OPENS, _SELLS_HOURS = 8, 12.0

RuleValue = float | str | bool


class Variant(NamedTuple):
    """What of the product is switched on."""

    belief: bool = True
    """Readers sweep, and who is sent to look goes; without them, decisions count with the book."""
    transfers: bool = True
    conformal: bool = True


VARIANTS = {
    "restockd": Variant(),
    "restockd_without_belief": Variant(belief=False),
    "restockd_without_transfers": Variant(transfers=False),
    "restockd_without_conformal": Variant(conformal=False),
}


def play(scene: Scene, variant: Variant, rules: Mapping[str, RuleValue]) -> Record:
    """Every day of the scene under what the fold decides."""
    return _Play(scene, variant, rules).run()


class Ear:
    """The fold: one message after the other, and what it wants done by then."""

    def __init__(self) -> None:
        self.state = PartitionState(0)
        self.orders: dict[str, Reorder] = {}
        self.transfers: dict[str, Transfer] = {}
        self.looks: dict[str, Task] = {}

    def hear(self, at_ms: int, observations: Iterable[Observation]) -> None:
        """Fold them as one message, if there are any."""
        told = tuple(observations)
        if not told:
            return
        last = self.state.core.sources.get(f"{_SOURCE}|0", -1)
        batch = ObservationBatch(
            log.VERSION, Source(_SOURCE, 0, last, last + 1, last + 1), (Entry(last + 1, at_ms, told),)
        )
        offset = self.state.core.applied + 1
        for fact in fold.step(self.state, batch, origin_of("closed-loop", 0, offset, b"%d" % offset)):
            self._note(fact)

    def _note(self, fact: Fact) -> None:
        if isinstance(fact, Reorder):
            _keep(self.orders, fact.order_id, fact, open_=fact.status in {"proposed", "amended"})
        elif isinstance(fact, Transfer):
            _keep(self.transfers, fact.order_id, fact, open_=fact.status == "proposed")
        elif isinstance(fact, Task) and fact.kind == "look":
            _keep(self.looks, fact.task_id, fact, open_=fact.status == "open")


class _Delivery(NamedTuple):
    order_id: str
    series: int
    units: int
    origin: int = -1
    tags: tuple[str, ...] = ()


class _Play:
    def __init__(self, scene: Scene, variant: Variant, rules: Mapping[str, RuleValue]) -> None:
        self._scene, self._variant = scene, variant
        self._rules = {**rules, "conformal": variant.conformal}
        self._world, self._tags, self._ear = World(scene), Tags(scene), Ear()
        self._due: dict[int, list[_Delivery]] = defaultdict(list)
        self._series = {
            (scene.items[item].sku, scene.stores[store]): series
            for series, (item, store) in enumerate(zip(scene.item.tolist(), scene.store.tolist(), strict=True))
        }
        self._names = {series: name for name, series in self._series.items()}
        first = datetime.combine(scene.first_date, datetime.min.time(), UTC)
        self._first_ms = int(first.timestamp() * 1000)
        self._key = 0

    def run(self) -> Record:
        self._begin()
        for day in range(self._scene.days):
            self._open(day)
            sold, stolen = self._world.trade()
            self._tell_sales(self._ms(day), self._scene.demand_on(day), sold)
            self._tags.take_all(sold)
            self._tags.take_all(stolen)
            if self._variant.belief and day % self._scene.chances.sweep_every_days == 0:
                self._sweep(self._ms(day, 21))
            self._ear.hear(self._ms(day + 1), [log.Tick(self._ms(day + 1))])
            self._carry_out(day)
            self._world.close()
        return self._world.record

    def _ms(self, day: int, hour: float = 0.0) -> int:
        """Of a played day."""
        return self._first_ms + (self._scene.history_days + day) * DAY_MS + int(hour * HOUR_MS)

    def _names_of(self, series: int) -> dict[str, object]:
        self._key += 1
        sku, location = self._names[series]
        return {"key": self._key, "location": location, "sku": sku, "style": sku}

    def _begin(self) -> None:
        self._tell_reference()
        for day in range(self._scene.history_days):
            at_ms = self._first_ms + day * DAY_MS
            sold = self._scene.demand[:, day]
            self._tell_sales(at_ms, sold, sold)
            self._ear.hear(at_ms + DAY_MS, [log.Tick(at_ms + DAY_MS)])
        at_ms = self._ms(0, 1)
        self._ear.hear(at_ms, (self._opening(series, at_ms) for series in range(len(self._scene.item))))
        self._ear.hear(at_ms, (self._location(store, at_ms, replenished=True) for store in self._scene.stores))

    def _tell_reference(self) -> None:
        scene, at_ms = self._scene, self._first_ms
        told: list[Observation] = [log.RulesChanged("closed-loop", self._rules, at_ms)]
        told += [self._location(store, at_ms, replenished=False) for store in scene.stores]
        for category in sorted({item.category for item in scene.items}):
            row = next(at for at, item in enumerate(scene.item.tolist()) if scene.items[item].category == category)
            mean, sd = float(scene.lead_mean_days[row]), float(scene.lead_sd_days[row])
            told.append(log.SupplierDefined(category, at_ms, mean, sd, float(scene.review_days)))
        told += [
            log.ItemDefined(
                item.sku, item.sku, at_ms, category=item.department, price=item.price, cost=item.cost, currency="USD",
                pack=item.pack, supplier=item.category,
            )
            for item in scene.items
        ]  # fmt: skip
        if self._variant.transfers:
            told += [
                log.LaneDefined(one, other, at_ms, 0.25, scene.money.per_unit_moved, scene.money.per_trip)
                for one in scene.stores
                for other in scene.stores
                if one != other
            ]
        self._ear.hear(at_ms, told)

    def _location(self, store: str, at_ms: int, *, replenished: bool) -> Observation:
        return log.LocationDefined(store, "store", at_ms, country="US", replenished=replenished)

    def _opening(self, series: int, at_ms: int) -> Observation:
        units = int(self._scene.opening[series])
        tags = self._tags.make(series, units)
        return log.QuantityMeasured(
            **self._names_of(series), source="opening", quantity=units, occurred_at_ms=at_ms, zone=_FLOOR,
            epcs=tags,
        )  # fmt: skip

    def _open(self, day: int) -> None:
        self._world.open()
        at_ms = self._ms(day, 6)
        self._ear.hear(at_ms, [self._delivered(one, at_ms) for one in self._due.pop(day, [])])
        at_ms = self._ms(day, 7)
        counted = np.flatnonzero(self._scene.counted[:, day]).tolist()
        self._ear.hear(
            at_ms, [self._count(series, int(self._world.on_hand[series]), at_ms) for series in counted]
        )
        if self._variant.belief:
            asked = [self._series[task.sku, task.location] for task in self._ear.looks.values()]
            self._ear.looks.clear()
            self._ear.hear(at_ms, [self._count(series, self._world.look(series), at_ms) for series in asked])

    def _delivered(self, one: _Delivery, at_ms: int) -> Observation:
        moved = one.origin >= 0
        if moved:
            self._tags.put(one.series, one.tags)
        tags = one.tags if moved else self._tags.make(one.series, one.units)
        return log.QuantityMoved(
            **self._names_of(one.series), reason="transfer_in" if moved else "receipt", quantity=one.units,
            occurred_at_ms=at_ms, zone=_FLOOR, order_id=one.order_id,
            counterpart=self._names[one.origin][1] if moved else "", epcs=tags,
        )  # fmt: skip

    def _count(self, series: int, units: int, at_ms: int) -> Observation:
        return log.QuantityMeasured(
            **self._names_of(series), source="count", quantity=units, occurred_at_ms=at_ms
        )

    def _tell_sales(self, midnight_ms: int, demand: Units, sold: Units) -> None:
        """One message a store; a series' sales as one line when its last unit goes.

        Customers of a day come evenly over its hours, so what sells out early is sold out early.
        """
        for store in range(len(self._scene.stores)):
            rows = np.flatnonzero((self._scene.store == store) & (sold > 0))
            hours = _OPENS + _SELLS_HOURS * (sold[rows] - 0.5) / demand[rows]
            lines = sorted(zip(hours.tolist(), rows.tolist(), strict=True))
            at_ms = midnight_ms + 21 * HOUR_MS
            self._ear.hear(at_ms, [self._line(row, int(sold[row]), midnight_ms + int(h * HOUR_MS)) for h, row in lines])

    def _line(self, series: int, units: int, at_ms: int) -> Observation:
        return log.SaleMade(
            **self._names_of(series), line_type="sale", quantity=units, occurred_at_ms=at_ms, zone=_FLOOR,
            unit_price=self._price(series, at_ms),
        )  # fmt: skip

    def _price(self, series: int, at_ms: int) -> float | None:
        day = (at_ms - self._first_ms) // DAY_MS - self._scene.history_days
        return float(self._scene.price[series, day]) if day >= 0 else None

    def _sweep(self, at_ms: int) -> None:
        """A reader in each store walks past everything."""
        for store, name in enumerate(self._scene.stores):
            told: list[Observation] = []
            heard = 0
            for series in np.flatnonzero(self._scene.store == store).tolist():
                tags = self._tags.sweep(series, at_ms)
                heard += len(tags)
                if tags:
                    names = self._names_of(series)
                    told.append(
                        log.ItemsSeen(**names, zone=_FLOOR, reader=_READER, occurred_at_ms=at_ms, tags=tags)
                    )
            told.append(
                log.DeviceReported(name, _FLOOR, f"{_READER}-{name}", "reader", "sweep_ended", at_ms, tags_heard=heard)
            )
            self._ear.hear(at_ms, told)

    def _carry_out(self, day: int) -> None:
        """At night: transfers go first, with what is there, then orders."""
        at_ms = self._ms(day + 1)
        transfers, self._ear.transfers = self._ear.transfers, {}
        for transfer in transfers.values():
            self._ear.hear(at_ms, self._send(transfer, day, at_ms))
        if self._scene.reviewed(day):
            orders, self._ear.orders = self._ear.orders, {}
            self._ear.hear(at_ms, self._order(list(orders.values()), day, at_ms))

    def _send(self, transfer: Transfer, day: int, at_ms: int) -> list[Observation]:
        origin = self._series[transfer.sku, transfer.origin]
        destination = self._series[transfer.sku, transfer.destination]
        sent = self._world.move(origin, destination, transfer.quantity)
        if not sent:
            return [log.OrderAcknowledged(transfer.order_id, "rejected", at_ms, message="none there")]
        tags = self._tags.take(origin, sent)
        self._due[day + 1].append(_Delivery(transfer.order_id, destination, sent, origin, tags))
        out = log.QuantityMoved(
            **self._names_of(origin), reason="transfer_out", quantity=-sent, occurred_at_ms=at_ms, zone=_FLOOR,
            order_id=transfer.order_id, counterpart=transfer.destination, epcs=tags,
        )  # fmt: skip
        return [log.OrderAcknowledged(transfer.order_id, "acknowledged", at_ms, quantity=sent), out]

    def _order(self, orders: list[Reorder], day: int, at_ms: int) -> list[Observation]:
        """The buyer takes what stands as it is; the supplier promises its mean lead time."""
        units = np.zeros(len(self._scene.item), dtype=np.int64)
        placed = [(self._series[order.sku, order.location], order) for order in orders]
        for series, order in placed:
            units[series] += order.quantity
        arrives = self._world.order(units)
        told: list[Observation] = []
        for series, order in placed:
            self._due[int(arrives[series])].append(_Delivery(order.order_id, series, order.quantity))
            promised_ms = at_ms + int(self._scene.lead_mean_days[series] * DAY_MS)
            told.append(log.OrderAcknowledged(order.order_id, "acknowledged", at_ms, expected_at_ms=promised_ms))
        return told


def _keep(kept: dict[str, object], key: str, fact: object, *, open_: bool) -> None:
    if open_:
        kept[key] = fact
    else:
        kept.pop(key, None)
