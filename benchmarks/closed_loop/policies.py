"""What people do without restockd: policies on book stock, each told what has been seen and nothing more."""

from typing import NamedTuple, Protocol

import numpy as np

from benchmarks.closed_loop.scene import Array, Scene, Units
from benchmarks.closed_loop.world import Record, World
from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.policies.case import Case
from inventory.replenishment.policies.z_formula import ZFormula

MEAN_DAYS = 56
"""Of a moving average, and of the weeks that fix a minimum."""


class View(NamedTuple):
    """What a policy sees at the end of a day, (n,) each; ``sales`` are (n, days) from the history on."""

    day: int
    book: Units
    on_order: Units
    sales: Units

    @property
    def position(self) -> Units:
        """A negative book counts as nothing on hand."""
        return np.maximum(self.book, 0) + self.on_order


class BookPolicy(Protocol):
    """A policy on book stock; it may remember."""

    def needs(self, view: View) -> Units:
        """Units to order, (n,), before packs."""


def play(scene: Scene, policy: BookPolicy) -> Record:
    """Every day of the scene under a policy."""
    world = World(scene)
    past = scene.demand[:, : scene.history_days]
    sales = np.concatenate([past, world.record.sold], axis=1)
    for day in range(scene.days):
        world.open()
        sold, _ = world.trade()
        sales[:, scene.history_days + day] = sold
        if scene.reviewed(day):
            view = View(day, world.book.copy(), world.on_order, sales[:, : scene.history_days + day + 1])
            world.order(in_packs(policy.needs(view), scene.pack))
        world.close()
    return world.record


def in_packs(units: Units, pack: Units) -> Units:
    """Rounded up to whole packs, nothing below zero."""
    whole: Units = -(-np.maximum(units, 0) // pack) * pack
    return whole


def first_weeks(scene: Scene) -> Array:
    """Mean units a day of the last weeks before the play, (n,)."""
    mean: Array = scene.demand[:, : scene.history_days][:, -MEAN_DAYS:].mean(axis=1)
    return mean


class StaticMinMax:
    """Fixed minimum and maximum: at or below the minimum, order up to the maximum.

    The minimum covers lead time, review period and ``cover_days`` of the mean demand of the last weeks before the
    play; the maximum is a review period's demand more, at least a unit (packs come on top).
    """

    def __init__(self, scene: Scene, cover_days: float) -> None:
        rate = first_weeks(scene)
        days = scene.lead_mean_days + scene.review_days + cover_days
        self.minimum = np.ceil(rate * days).astype(np.int64)
        self.maximum = self.minimum + np.maximum(np.ceil(rate * scene.review_days), 1).astype(np.int64)

    def needs(self, view: View) -> Units:
        return np.where(view.position <= self.minimum, self.maximum - view.position, 0)


class Classic:
    """The z-formula on the moving average and deviation of sales; sales, not demand: stock-outs lower it."""

    def __init__(self, scene: Scene, cycle_service_level: float) -> None:
        self._policy = ZFormula(cycle_service_level)
        self._lead_times: list[LeadTime] = [
            stated(mean, sd)
            for mean, sd in zip(scene.lead_mean_days.tolist(), scene.lead_sd_days.tolist(), strict=True)
        ]
        self._review_days = float(scene.review_days)

    def needs(self, view: View) -> Units:
        recent = view.sales[:, -MEAN_DAYS:]
        mean, variance = recent.mean(axis=1), recent.var(axis=1, ddof=1)
        columns = (mean.tolist(), variance.tolist(), self._lead_times, view.position.tolist())
        return np.array(
            [
                self._policy.decide(Case(a_day, spread, lead_time, self._review_days, position)).need_units
                for a_day, spread, lead_time, position in zip(*columns, strict=True)
            ],
            dtype=np.int64,
        )


class DynamicBuffers:
    """Theory of constraints: a target a third of which is red, a third yellow, a third green (FORMULAS.md 3.14).

    Every review orders up to the target. Stock that stays in the red for a replenishment time makes the target grow
    by a third, in the green for three of them makes it shrink by a third; after a change the target rests for a
    replenishment time (Schragenheim and Dettmer, Manufacturing at Warp Speed, 2000).
    """

    def __init__(self, scene: Scene) -> None:
        rate = first_weeks(scene)
        self._wait = np.ceil(scene.lead_mean_days + scene.review_days)
        self.target: Array = np.maximum(1.5 * rate * self._wait, 1.0)
        self._rested = np.zeros(len(rate))
        self._red, self._green = np.zeros(len(rate)), np.zeros(len(rate))

    def needs(self, view: View) -> Units:
        self._resize(view.book)
        needed: Units = np.ceil(self.target).astype(np.int64) - view.position
        return needed

    def _resize(self, book: Units) -> None:
        self._rested += 1
        self._red = np.where(book <= self.target / 3.0, self._red + 1, 0)
        self._green = np.where(book >= self.target * 2.0 / 3.0, self._green + 1, 0)
        rested = self._rested > self._wait
        grows, shrinks = rested & (self._red >= self._wait), rested & (self._green >= 3.0 * self._wait)
        self.target = np.where(grows, self.target * 4.0 / 3.0, np.where(shrinks, self.target * 2.0 / 3.0, self.target))
        self.target = np.maximum(self.target, 1.0)
        changed = grows | shrinks
        self._rested[changed] = self._red[changed] = self._green[changed] = 0.0
