"""The product in the world: the fold hears what stores would tell, and what it orders and moves is done.

Nothing of its decisions is in here. The history comes as sales while its locations are not replenished yet; then
openings, deliveries, sales, counts and sweeps as they happen, and a tick at every day's end. At night the suggestions
and transfers that stand are carried out as they are; where a task asks for a count, somebody counts the next morning.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.closed_loop.ear import Ear
from benchmarks.closed_loop.scene import Scene
from benchmarks.closed_loop.tags import Tags
from benchmarks.closed_loop.telling import DAY_MS, Telling
from benchmarks.closed_loop.world import Record, World
from schemas import observations as log
from schemas.facts import Reorder, Transfer
from schemas.observations import Observation

RuleValue = float | str | bool


class Variant(NamedTuple):
    """What of the product is switched on."""

    belief: bool = True
    """Readers sweep, and tasks to count are done; without them decisions count with the book."""
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


class _Due(NamedTuple):
    """What comes in one morning; ``origin`` of -1 is a supplier."""

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
        self._say = Telling(scene, self._tags)
        self._due: dict[int, list[_Due]] = defaultdict(list)

    def run(self) -> Record:
        self._begin()
        for day in range(self._scene.days):
            self._open(day)
            self._trade(day)
            self._carry_out(day)
            self._world.close()
        return self._world.record

    def _begin(self) -> None:
        scene, say, hear = self._scene, self._say, self._ear.hear
        hear(say.first_ms, [log.RulesChanged("closed-loop", self._rules, say.first_ms)])
        hear(say.first_ms, say.reference(lanes=self._variant.transfers))
        hear(say.first_ms, say.locations(say.first_ms, replenished=False))
        for day in range(-scene.history_days, 0):
            sold = scene.demand_on(day)
            for lines in say.sales(day, sold, sold):
                hear(say.at_ms(day, 21), lines)
            self._end_day(day)
        at_ms = say.at_ms(0, 1)
        hear(at_ms, say.opening(at_ms))
        hear(at_ms, say.locations(at_ms, replenished=True))

    def _end_day(self, day: int) -> None:
        at_ms = self._say.at_ms(day + 1)
        self._ear.hear(at_ms, [log.Tick(at_ms)])

    def _open(self, day: int) -> None:
        self._world.open()
        at_ms = self._say.at_ms(day, 6)
        self._ear.hear(at_ms, [self._receive(one, at_ms) for one in self._due.pop(day, [])])
        at_ms = self._say.at_ms(day, 7)
        counted = np.flatnonzero(self._scene.counted[:, day]).tolist()
        told = [self._say.count(series, int(self._world.on_hand[series]), at_ms) for series in counted]
        if self._variant.belief:
            tasks, self._ear.counts = self._ear.counts, {}
            asked = {self._say.series[task.sku, task.location] for task in tasks.values()}
            told += [self._say.count(series, self._world.look(series), at_ms) for series in sorted(asked)]
        self._ear.hear(at_ms, told)

    def _receive(self, one: _Due, at_ms: int) -> Observation:
        if one.origin < 0:
            made = self._tags.make(one.series, one.units)
            return self._say.received(one.series, one.units, one.order_id, made, at_ms)
        self._tags.put(one.series, one.tags)
        return self._say.moved(one.series, one.units, one.origin, one.order_id, one.tags, at_ms)

    def _trade(self, day: int) -> None:
        sold, stolen = self._world.trade()
        for lines in self._say.sales(day, self._scene.demand_on(day), sold):
            self._ear.hear(self._say.at_ms(day, 21), lines)
        self._tags.take_all(sold)
        self._tags.take_all(stolen)
        if self._variant.belief and day % self._scene.chances.sweep_every_days == 0:
            at_ms = self._say.at_ms(day, 22)
            for told in self._say.sweep(at_ms):
                self._ear.hear(at_ms, told)
        self._end_day(day)

    def _carry_out(self, day: int) -> None:
        """Transfers go first, with what is there, then orders."""
        at_ms = self._say.at_ms(day) + DAY_MS
        transfers, self._ear.transfers = self._ear.transfers, {}
        for transfer in transfers.values():
            self._ear.hear(at_ms, self._send(transfer, day, at_ms))
        if self._scene.reviewed(day):
            orders, self._ear.orders = self._ear.orders, {}
            self._ear.hear(at_ms, self._place(list(orders.values()), day, at_ms))

    def _send(self, transfer: Transfer, day: int, at_ms: int) -> list[Observation]:
        origin = self._say.series[transfer.sku, transfer.origin]
        destination = self._say.series[transfer.sku, transfer.destination]
        sent = self._world.move(origin, destination, transfer.quantity)
        if not sent:
            return [log.OrderAcknowledged(transfer.order_id, "rejected", at_ms, message="none there")]
        tags = self._tags.take(origin, sent)
        self._due[day + 1].append(_Due(transfer.order_id, destination, sent, origin, tags))
        return [
            log.OrderAcknowledged(transfer.order_id, "acknowledged", at_ms, quantity=sent),
            self._say.moved(origin, -sent, destination, transfer.order_id, tags, at_ms),
        ]

    def _place(self, orders: list[Reorder], day: int, at_ms: int) -> list[Observation]:
        """The buyer takes what stands as it is; the supplier promises its mean lead time."""
        units = np.zeros(len(self._scene.item), dtype=np.int64)
        placed = [(self._say.series[order.sku, order.location], order) for order in orders]
        for series, order in placed:
            units[series] += order.quantity
        arrives = self._world.order(units)
        told: list[Observation] = []
        for series, order in placed:
            self._due[int(arrives[series])].append(_Due(order.order_id, series, order.quantity))
            promised_ms = at_ms + int(self._scene.lead_mean_days[series] * DAY_MS)
            told.append(log.OrderAcknowledged(order.order_id, "acknowledged", at_ms, expected_at_ms=promised_ms))
        return told
