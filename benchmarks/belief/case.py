"""One case with one period of sweeps, played and scored."""

import time
from collections.abc import Iterable
from random import Random
from typing import Any

from benchmarks.belief.cases import settings_of
from benchmarks.belief.play import Product
from benchmarks.belief.scores import Exactness, Phantoms, Tags, empty_tags
from benchmarks.belief.watch import Oracle
from inventory.stock.belief import chances, zone_if_here
from schemas.facts import Alert, Fact, Reorder, ReorderInputs
from schemas.identifiers import read_epc
from simulators.chain import Chain, Settings, Truth

START_MS = 1_767_225_600_000  # 2026-01-01
DAY_MS = 86_400_000
_STEPS = 288
_STEP_MS = DAY_MS // _STEPS


class Case:
    """A chain, the product that hears it, and the scores so far."""

    def __init__(self, settings: Settings) -> None:
        self.chain = Chain(settings)
        self.product = Product()
        self.exactness = Exactness(Random(settings.seed))
        self.phantoms = Phantoms()
        self.zones = [0, 0]
        self.false_orders = 0
        self.oracle = Oracle(self.chain, settings.seed)
        self.oracle_exact = 0
        self._firing: set[tuple[str, str]] = set()
        self._rates = self.chain.sale_rates()

    def play(self, days: int) -> None:
        """Run the chain; score at the end of every day."""
        self.product.hear(self.chain.start(START_MS))
        for day in range(days):
            facts = [
                fact for step in range(1, _STEPS + 1) for fact in self._hear(START_MS + day * DAY_MS + step * _STEP_MS)
            ]
            self._score(day, self.chain.truth(), facts)

    def _hear(self, until_ms: int) -> list[Fact]:
        """A few minutes; an order is judged by what was there when it was made, not by what came later that day."""
        facts = self.product.hear(self.chain.advance(until_ms))
        made = [fact for fact in facts if isinstance(fact, Reorder) and fact.status == "proposed"]
        if any(order.inputs and order.inputs.blind_devices for order in made):
            there = self.chain.truth().true_on_hand
            false = [order.inputs and is_false(order.inputs, there[order.location, order.sku]) for order in made]
            self.false_orders += sum(map(bool, false))
        return facts

    def _score(self, day: int, truth: Truth, facts: list[Fact]) -> None:
        new = self._note_alerts(facts)
        heard = _heard(self.product)
        best = self.oracle.likeliest(START_MS + (day + 1) * DAY_MS)
        for at, units in truth.true_on_hand.items():
            if at not in self._rates:
                continue
            belief = self.product.belief(*at)
            known = chances(belief) if belief else {0: 1.0}
            self.exactness.add(known, units, truth.booked[at], len(heard[at]))
            self.oracle_exact += best[at] == units
            firing = at in self._firing
            self.phantoms.day(day, at, units, truth.booked[at], self._rates[at], firing=firing, new=at in new)
        self._score_zones(truth)

    def _note_alerts(self, facts: Iterable[Fact]) -> set[tuple[str, str]]:
        new = set()
        for fact in facts:
            if isinstance(fact, Alert) and fact.kind == "phantom_stock":
                at = (fact.location, fact.sku)
                if fact.state == "firing":
                    self._firing.add(at)
                    new.add(at)
                else:
                    self._firing.discard(at)
        return new

    def _score_zones(self, truth: Truth) -> None:
        """Where the tags that are here are believed to be, if they are; whether they are is scored by the number."""
        for epc, tag in truth.tags.items():
            belief = self.product.belief(tag.location, tag.sku)
            known = read_epc(epc).id
            if belief is not None and (tag.location, tag.sku) in self._rates and known in belief.tags:
                self.zones[0] += zone_if_here(belief.tags[known]) == tag.zone
                self.zones[1] += 1

    def result(self) -> dict[str, Any]:
        """The scores."""
        return {
            **self.exactness.shares(),
            "oracle_exact": round(100 * self.oracle_exact / max(self.exactness.days, 1), 2),
            **self.phantoms.shares(),
            "zone_accuracy": round(self.zones[0] / self.zones[1], 4) if self.zones[1] else None,
            "false_orders": self.false_orders,
        }


def is_false(inputs: ReorderInputs, there: int) -> bool:
    """Whether a device at fault brought the order about: with the ``there`` units it would not have been made."""
    if not inputs.blind_devices or inputs.on_hand >= there:
        return False
    return there + inputs.on_order - inputs.reserved > inputs.reorder_point


def play(case: str, period: str, seed: int, stores: int, skus: int, days: int) -> dict[str, Any]:
    """Play one case; returns its scores and the seconds it took."""
    began = time.perf_counter()
    one = Case(settings_of(case, period, seed, stores, skus))
    one.play(days)
    return {**one.result(), "seconds": round(time.perf_counter() - began, 1)}


def _heard(product: Product) -> Tags:
    """Distinct tags of the last sweeps, by location and SKU: what counting reads alone would say."""
    heard = empty_tags()
    for sku, state in product.state.skus.items():
        for location, stock in state.locations.items():
            last = max((tag.heard_at_ms for tag in stock.belief.tags.values()), default=-1)
            swept_ms = stock.belief.swept_at_ms
            for epc, tag in stock.belief.tags.items():
                if tag.hits and last >= 0 and tag.heard_at_ms >= swept_ms - DAY_MS // 24:
                    heard[location, sku].add(epc)
    return heard
