"""Stock that is there and stock in the book, day by day, under one policy's orders."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.closed_loop.scene import Array, Scene, Units


@dataclass
class Record:
    """What came of one policy: columns are played days; ``moves`` are ``(day, origin, destination, units)``."""

    opened_with: Units
    """On hand when a day's customers come, after its deliveries."""
    closed_with: Units
    sold: Units
    stolen: Units
    ordered: Units
    received: Units
    moves: list[tuple[int, int, int, int]] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    """The day of each count somebody was sent to make."""


def blank(scene: Scene) -> Record:
    """Nothing has happened yet."""

    def none() -> Units:
        return np.zeros((len(scene.item), scene.days), dtype=np.int64)

    return Record(none(), none(), none(), none(), none(), none())


class World:
    """The stores. A day is ``open``, ``trade``, then orders and moves at its end, and ``close``.

    An order placed at the end of day t with a lead time of L days is there before day t + 1 + L opens; a move is
    there before day t + 1 opens. ``book`` is what papers and tills add up to; a count sets it right.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.day = 0
        self.on_hand, self.book = scene.opening.copy(), scene.opening.copy()
        reach = scene.days + int(scene.lead_days.max()) + 2
        self._coming = np.zeros((len(scene.item), reach), dtype=np.int64)
        self.record = blank(scene)

    @property
    def on_order(self) -> Units:
        """Units on their way, (n,)."""
        units: Units = self._coming[:, self.day + 1 :].sum(axis=1)
        return units

    def open(self) -> Units:
        """Take in what is due, let those count whose turn it is; returns what came, (n,)."""
        came = self._coming[:, self.day]
        self.on_hand += came
        self.book += came
        counted = self.scene.counted[:, self.day]
        self.book[counted] = self.on_hand[counted]
        self.record.received[:, self.day] = came
        self.record.opened_with[:, self.day] = self.on_hand
        return came

    def look(self, series: int) -> int:
        """Somebody is sent to count now; returns what is there."""
        self.record.looks.append(self.day)
        self.book[series] = self.on_hand[series]
        return int(self.on_hand[series])

    def trade(self) -> tuple[Units, Units]:
        """Customers first, then thieves; returns units sold and stolen, (n,)."""
        sold = np.minimum(self.scene.demand_on(self.day), self.on_hand)
        stolen = np.minimum(self.scene.stolen[:, self.day], self.on_hand - sold)
        self.on_hand -= sold + stolen
        self.book -= sold
        self.record.sold[:, self.day], self.record.stolen[:, self.day] = sold, stolen
        return sold, stolen

    def order(self, units: Units) -> Units:
        """Place orders at the end of the day, (n,); returns the day before whose opening each is there."""
        arrives = self.day + 1 + self.scene.lead_days[:, self.day]
        self._coming[np.arange(len(units)), arrives] += units
        self.record.ordered[:, self.day] += units
        return arrives

    def move(self, origin: int, destination: int, units: int) -> int:
        """Send units from one series to another of the same SKU; returns how many were there to be sent."""
        sent = min(units, int(self.on_hand[origin]))
        if sent > 0:
            self.on_hand[origin] -= sent
            self.book[origin] -= sent
            self._coming[destination, self.day + 1] += sent
            self.record.moves.append((self.day, origin, destination, sent))
        return sent

    def close(self) -> None:
        """The night begins."""
        self.record.closed_with[:, self.day] = self.on_hand
        self.day += 1


def holding_per_day(scene: Scene) -> Array:
    """Of a unit that is there at night, (n,)."""
    return scene.cost * scene.money.holding_share_per_year / 365.0
