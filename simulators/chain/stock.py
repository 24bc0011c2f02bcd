"""Where every unit truly is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from random import Random

from simulators.chain.assortment import Article
from simulators.chain.devices import BACK, FITTING, FLOOR
from simulators.chain.settings import Radio

ZONES = (FLOOR, BACK, FITTING)


@dataclass(slots=True, eq=False)
class Unit:
    """One physical piece. ``tags`` are the tags on it with the logit of each one's detection rate.

    ``papers`` are those of its EPCs that delivery notes name.
    """

    article: int
    tags: tuple[tuple[str, float], ...]
    papers: tuple[str, ...] = ()


class Factory:
    """Makes units with their tags; no tag is made twice."""

    def __init__(self, articles: tuple[Article, ...], radio: Radio, random: Random) -> None:
        self._bases = [article.tag_base for article in articles]
        self._serials = [0] * len(articles)
        self._radio = radio
        self._random = random

    def unit(self, article: int) -> Unit:
        draw = self._random.random()
        untagged = self._radio.untagged_share
        count = 0 if draw < untagged else 2 if draw < untagged + self._radio.double_share else 1
        tags = tuple((self.tag(article), self._logit_of_rate()) for _ in range(count))
        named = 1 if count == 2 and self._random.random() >= self._radio.double_listed_share else count
        return Unit(article, tags, tuple(epc for epc, _ in tags[:named]))

    def tag(self, article: int) -> str:
        """A new EPC of the article, as hex."""
        self._serials[article] += 1
        return f"{self._bases[article] | self._serials[article]:024X}"

    def _logit_of_rate(self) -> float:
        mean, spread = self._radio.mean_rate, self._radio.spread
        rate = self._random.betavariate(spread * mean, spread * (1 - mean))
        rate = min(max(rate, 1e-6), 1 - 1e-6)
        return log(rate / (1 - rate))


@dataclass
class SiteStock:
    """The units of one place by zone and article; ``counts`` per article includes what is astray."""

    articles: int
    zones: dict[str, list[list[Unit]]] = field(init=False)
    astray: list[tuple[str, Unit]] = field(default_factory=list)
    counts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.zones = {zone: [[] for _ in range(self.articles)] for zone in ZONES}
        self.counts = [0] * self.articles

    def put(self, unit: Unit, zone: str) -> None:
        """The unit comes to this place."""
        self.zones[zone][unit.article].append(unit)
        self.counts[unit.article] += 1

    def take(self, article: int, random: Random, zones: tuple[str, ...] = (FLOOR, BACK)) -> Unit | None:
        """Any one unit leaves, from the first of the zones that has one in its place."""
        for zone in zones:
            units = self.zones[zone][article]
            if units:
                self.counts[article] -= 1
                return units.pop(int(random.random() * len(units)))
        return None

    def move(self, article: int, zone: str, to_zone: str, random: Random) -> Unit | None:
        """Any one unit changes its zone."""
        unit = self.take(article, random, (zone,))
        if unit is not None:
            self.put(unit, to_zone)
        return unit

    def lose(self, unit: Unit, zone: str, to_zone: str) -> None:
        """A unit in ``zone`` is put where nobody looks for it."""
        self.zones[zone][unit.article].remove(unit)
        self.astray.append((to_zone, unit))

    def find(self, place: int) -> None:
        """The astray unit at ``place`` of the list is put back where it belongs."""
        _, unit = self.astray.pop(place)
        self.zones[FLOOR][unit.article].append(unit)

    def in_zone(self, zone: str) -> Iterator[Unit]:
        """Every unit that is in the zone, in its place or not."""
        for units in self.zones[zone]:
            yield from units
        for where, unit in self.astray:
            if where == zone:
                yield unit
