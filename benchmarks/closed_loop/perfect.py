"""Perfect information: the best that could be earned by whoever knows demand, thefts and lead times in advance.

Each series for itself, exactly: backwards over the days, what the days to come are worth by stock on hand. Packs can
come before each day that some order reaches; which those are is known too. It starts with whatever stock it likes,
worth what it cost, and needs no transfers, since it orders in time. So nobody can earn more.
"""

import numpy as np

from benchmarks.closed_loop.scene import Array, Scene, Units
from benchmarks.closed_loop.world import Record, blank, holding_per_day

_REACH_DAYS = 14


def play(scene: Scene) -> Record:
    """The scored days under the best plan; nothing is recorded of the days before."""
    record = blank(scene)
    holding, cost, pack = holding_per_day(scene), scene.cost, scene.pack
    for series in range(len(scene.item)):
        reached = _reached(scene, series)
        demand = scene.demand[series, scene.history_days :]
        margins = scene.price[series] - cost[series]
        plan = _Plan(
            demand, scene.stolen[series], margins, float(holding[series]), float(cost[series]), int(pack[series])
        )
        _follow(record, series, scene.scored_from, plan, reached)
    return record


def _reached(scene: Scene, series: int) -> Units:
    """Whether an order of some reviewed day comes before each day, (days,)."""
    reached = np.zeros(scene.days, dtype=np.int64)
    for day in filter(scene.reviewed, range(scene.days)):
        arrives = day + 1 + int(scene.lead_days[series, day])
        if arrives < scene.days:
            reached[arrives] = 1
    return reached


class _Plan:
    """One series: what a day brings, by the stock it opens with."""

    def __init__(self, demand: Units, stolen: Units, margins: Array, holding: float, cost: float, pack: int) -> None:
        self.demand, self.stolen, self.pack = demand, stolen, pack
        self._margins, self._holding, self._cost = margins, holding, cost
        taken = np.convolve(demand + stolen, np.ones(_REACH_DAYS, dtype=np.int64)).max()
        self.stock = np.arange(int(taken) + 2 * pack + 1)

    def outcome(self, day: int) -> tuple[Units, Units, Units]:
        """Units sold, stolen and left, by stock."""
        sold = np.minimum(self.stock, self.demand[day])
        stolen = np.minimum(self.stock - sold, self.stolen[day])
        return sold, stolen, self.stock - sold - stolen

    def worth(self, day: int, later: Array) -> Array:
        """Of the day and all later ones, by the stock it opens with; ``later`` by the stock it leaves."""
        sold, stolen, left = self.outcome(day)
        gain: Array = self._margins[day] * sold - self._cost * stolen - self._holding * left + later[left]
        return gain

    def best(self, worth: Array) -> Array:
        """By stock, when any number of packs may be added first."""
        wide = -(-len(worth) // self.pack) * self.pack
        padded = np.full(wide, -np.inf)
        padded[: len(worth)] = worth
        steps = padded.reshape(-1, self.pack)
        return np.maximum.accumulate(steps[::-1])[::-1].reshape(-1)[: len(worth)]


def _follow(record: Record, series: int, first: int, plan: _Plan, reached: Units) -> None:
    """Plan backwards, then live by it forwards."""
    worths: list[Array] = []
    later = np.zeros(len(plan.stock))
    for day in reversed(range(first, len(reached))):
        worths.append(plan.worth(day, later))
        later = plan.best(worths[-1]) if reached[day] else worths[-1]
    on_hand = int(np.argmax(worths[-1]))
    for day, worth in zip(range(first, len(reached)), reversed(worths), strict=True):
        before = on_hand
        if reached[day]:
            on_hand += plan.pack * int(np.argmax(worth[on_hand :: plan.pack]))
        sold, stolen, left = (int(column[on_hand]) for column in plan.outcome(day))
        record.opened_with[series, day], record.received[series, day] = on_hand, on_hand - before
        record.sold[series, day], record.stolen[series, day], record.closed_with[series, day] = sold, stolen, left
        on_hand = left
