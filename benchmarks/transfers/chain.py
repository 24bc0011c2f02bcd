"""A chain whose stock does not lie where it is sold, told as messages of the log."""

import itertools
from collections.abc import Iterator, Sequence
from random import Random

from inventory import fold
from inventory.facts import Saying, origin_of
from inventory.state import PartitionState
from inventory.turn import Turn
from schemas import observations as log
from schemas.facts import Fact
from schemas.observations import Entry, Observation, ObservationBatch, Source

START = 1_700_006_400_000
HOUR, DAY = 3_600_000, 86_400_000
SIZES = ("S", "M", "L", "XL")
_SHARES = (0.2, 0.35, 0.3, 0.15)
_A_MESSAGE = 500


class Told:
    """One partition and what was said of it."""

    def __init__(self) -> None:
        self.state = PartitionState(0)
        self.keys = itertools.count(1)

    def tell(self, observations: Sequence[Observation]) -> list[Fact]:
        """One message."""
        at = self.state.core.sources.get("readings.pos|0", -1)
        entry = Entry(at + 1, START, tuple(observations))
        batch = ObservationBatch(log.VERSION, Source("readings.pos", 0, at, at + 1, at + 1), (entry,))
        origin = origin_of("benchmark", 0, self.state.core.applied + 1, b"")
        return fold.step(self.state, batch, origin)

    def turn(self, offset: int) -> Turn:
        """A turn in which nothing was told yet."""
        return Turn(self.state, Saying(origin_of("benchmark", 0, offset, b"")))


def chain(styles: int, stores: int, seed: int) -> Told:
    """Every store sells every SKU on its first day, some far more than it has; lanes open when that is learned."""
    told, chance = Told(), Random(seed)
    places = [f"store-{number:02}" for number in range(stores)]
    for style in range(styles):
        rate = chance.lognormvariate(-1.0, 1.0)
        told.tell([item for size in SIZES for item in _items(style, size)])
        told.tell(
            [
                one
                for size, share in zip(SIZES, _SHARES, strict=True)
                for one in _day(told, chance, (style, size), places, 4.0 * share * rate)
            ]
        )
    told.tell([log.Tick(START + DAY + HOUR), log.Tick(START + DAY + 4 * HOUR)])
    told.tell([log.LaneDefined(a, b, 0, 1.0, 0.5, 12.0) for a, b in itertools.permutations(places, 2)])
    return told


def _items(style: int, size: str) -> Iterator[Observation]:
    yield log.ItemDefined(f"style-{style}-{size}", f"style-{style}", 0, size=size, price=50.0, cost=20.0)


def _day(
    told: Told, chance: Random, item: tuple[int, str], places: Sequence[str], rate: float
) -> Iterator[Observation]:
    style, size = item
    sku, name = f"style-{style}-{size}", f"style-{style}"
    for place in places:
        there = chance.choice((0, 1, 2, 4, 8, 16))
        sold = min(_poisson(chance, rate * chance.lognormvariate(0.0, 0.5)), there)
        yield log.QuantityMeasured(next(told.keys), place, sku, name, "opening", there, START)
        if sold:
            yield log.SaleMade(next(told.keys), place, sku, name, "sale", sold, START + 12 * HOUR)


def _poisson(chance: Random, mean: float) -> int:
    arrived, count = chance.expovariate(1.0), 0
    while arrived < mean:
        arrived, count = arrived + chance.expovariate(1.0), count + 1
    return count
