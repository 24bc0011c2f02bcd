"""The oracle's ear: it stands inside the simulator and passes on what it may know.

Only the benchmark does this. The simulator's own methods are wrapped before it starts; nothing of it changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import exp
from typing import Any

import numpy as np

from benchmarks.belief.oracle import Shelf
from simulators.chain import Chain
from simulators.chain.stock import Unit

DAY_MS = 86_400_000


class Oracle:
    """The shelves of every store, told by the chain while it runs."""

    def __init__(self, chain: Chain, seed: int) -> None:
        self._world: Any = chain._world
        self._random = np.random.default_rng(seed)
        self._stolen = chain._thieves._rates
        self._shelves: dict[tuple[int, int], Shelf] = {}
        self._at_ms: dict[int, int] = {}
        self._sweeps: dict[int, dict[str, tuple[float, list[bool]]]] = defaultdict(dict)
        self._heard: dict[int, set[int]] = defaultdict(set)
        self._swept_ms: dict[int, int] = {}
        self._now: tuple[int, str] = (0, "")
        self._till_of = 0
        self._wrap(chain)

    def _wrap(self, chain: Chain) -> None:
        supply, readers, till = chain._supply, chain._readers, chain._till
        self._opens, supply._open = supply._open, self._open  # type: ignore[method-assign]
        self._receives, supply._receive = supply._receive, self._receive  # type: ignore[method-assign]
        self._sweeps_one, readers._sweep = readers._sweep, self._sweep  # type: ignore[method-assign]
        readers._heard = self._hear  # type: ignore[method-assign]
        self._rings_up, till._ring_up = till._ring_up, self._ring_up  # type: ignore[method-assign]
        self._takes_back, till._return = till._return, self._return  # type: ignore[method-assign]
        self._prints, till._slips.line = till._slips.line, self._line  # type: ignore[method-assign]
        self._makes = self._world.factory.unit
        self._world.factory.unit = self._make
        self._made: list[Unit] = []

    def _make(self, article: int) -> Unit:
        unit: Unit = self._makes(article)
        self._made.append(unit)
        return unit

    def _open(self, site: int, article: int, at_ms: int) -> None:
        self._made = []
        self._opens(site, article, at_ms)
        self._arrive(site, article, list(self._made), None, at_ms, wrong=False)

    def _receive(self, site: int, article: int, quantity: int, paper: Any, told: Any, at_ms: int) -> None:
        self._flush(site)
        self._made = []
        self._receives(site, article, quantity, paper, told, at_ms)
        extra = self._made[quantity] if len(self._made) > quantity else None
        self._arrive(site, article, self._made[:quantity], extra, at_ms, wrong=True)

    def _arrive(
        self, site: int, article: int, units: list[Unit], extra: Unit | None, at_ms: int, *, wrong: bool
    ) -> None:
        if site not in self._world.assortment.stores:
            return
        key = (site, article)
        if key not in self._shelves:
            rate = float(self._world.assortment.rates[site, article])
            self._shelves[key] = Shelf(self._random, rate, float(self._stolen[article]))
            self._at_ms.setdefault(site, at_ms)
        self._shelves[key].arrive([*units], extra, wrong=wrong)

    def _line(self, kind: str, article: int, units: list[Unit], at_ms: int) -> dict[str, Any]:
        line = self._prints(kind, article, units, at_ms)
        self._flush(self._till_of)
        shelf = self._shelves[self._till_of, article]
        named = line.get("epcs", [])
        for unit in units:
            known = bool(unit.tags) and unit.tags[0][0] in named
            if kind == "return":
                shelf.bring_back(unit)
            elif not (known and shelf.take(unit)):
                shelf.sell()
        return line

    def _ring_up(self, store: int, *arguments: Any, **named: Any) -> None:
        self._till_of = store
        self._rings_up(store, *arguments, **named)

    def _return(self, store: int, unit: Unit, at_ms: int) -> None:
        self._till_of = store
        self._takes_back(store, unit, at_ms)

    def _sweep(self, store: int, zone: str, reader: str, write: Any, kind: str, at_ms: int) -> None:
        if self._swept_ms.get(store) != at_ms:
            self._flush(store)
        self._swept_ms[store] = at_ms
        self._now = (store, zone)
        self._sweeps_one(store, zone, reader, write, kind, at_ms)

    def _hear(self, units: Iterable[Unit], skipped: list[bool]) -> list[tuple[str, int]]:
        """``Readers._heard``, with the shift of the sweep written down."""
        store, zone = self._now
        world = self._world
        articles, radio, generator = world.assortment.articles, world.settings.radio, world.generator
        sections = len(skipped)
        mine = [
            (unit, epc, section, logit)
            for unit in units
            if not skipped[section := articles[unit.article].style_number % sections]
            for epc, logit in unit.tags
        ]
        shift = float(generator.normal(0, radio.sweep_logit_sd))
        rates = 1 / (1 + np.exp(-(np.array([logit for *_, logit in mine]) + shift)))
        hits = np.flatnonzero(generator.random(len(mine)) < rates).tolist()
        self._sweeps[store][zone] = (shift, skipped)
        self._heard[store].update(id(mine[hit][0]) for hit in hits)
        return [(mine[hit][1], mine[hit][2]) for hit in hits]

    def _flush(self, store: int) -> None:
        """Weigh the sweeps of one moment together: a unit is in one zone only."""
        sweeps, heard = self._sweeps.pop(store, {}), self._heard.pop(store, set())
        if not sweeps:
            return
        self._pass(store, self._swept_ms[store])
        for (site, article), shelf in self._shelves.items():
            if site == store:
                shares = self._shares(store, article)
                missed = np.array([self._missed(unit, article, sweeps, shares) for unit in shelf.units])
                shelf.sweep(np.array([id(unit) in heard for unit in shelf.units], dtype=np.bool_), missed)

    def _shares(self, store: int, article: int) -> dict[str, float]:
        zones = self._world.stock[store].zones
        counts = {zone: len(zones[zone][article]) + 0.25 for zone in zones}
        return {zone: count / sum(counts.values()) for zone, count in counts.items()}

    def _missed(
        self,
        unit: Any,
        article: int,
        sweeps: Mapping[str, tuple[float, list[bool]]],
        shares: Mapping[str, float],
    ) -> float:
        """P(no tag of the unit is heard | it is here)."""
        style = self._world.assortment.articles[article].style_number
        tags = [logit for _, logit in unit.tags] if isinstance(unit, Unit) else [2.9]
        missed = 0.0
        for zone, share in shares.items():
            shift, skipped = sweeps.get(zone, (0.0, None))
            if skipped is None or skipped[style % len(skipped)]:
                missed += share
            else:
                missed += share * float(np.prod([1 / (1 + exp(logit + shift)) for logit in tags]))
        return missed

    def _pass(self, store: int, at_ms: int) -> None:
        days = (at_ms - self._at_ms[store]) / DAY_MS
        self._at_ms[store] = at_ms
        for (site, _), shelf in self._shelves.items():
            if site == store:
                shelf.pass_time(days)

    def likeliest(self, at_ms: int) -> dict[tuple[str, str], int]:
        """The most probable units of every store and SKU."""
        assortment = self._world.assortment
        for store in assortment.stores:
            self._flush(store)
            self._pass(store, at_ms)
        return {
            (assortment.sites[site], assortment.articles[article].sku): shelf.likeliest()
            for (site, article), shelf in self._shelves.items()
        }
