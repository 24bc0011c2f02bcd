"""A chain's records through the product: the real formats, the real fold, one partition."""

from collections.abc import Iterable

from inventory import fold
from inventory.facts import origin_of
from inventory.state import PartitionState
from inventory.stock import belief as believed
from schemas import observations as log
from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.facts import Fact
from schemas.observations import Entry, ObservationBatch, Source, Tick
from schemas.readings.registry import all_formats
from simulators.records import Record

HOUR_MS = 3_600_000
_LOOKED_UP = (topics.ITEMS, topics.LOCATIONS, topics.DEVICES, topics.TAGS)


class Product:
    """What an intake and a fold would do with the records, without a broker between them."""

    def __init__(self) -> None:
        self.state = PartitionState(0)
        self._catalogue = Catalogue()
        self._formats = all_formats()
        self._hours: dict[str, int] = {}

    def hear(self, records: Iterable[Record]) -> list[Fact]:
        """Fold the records, in order; returns what is said."""
        return [fact for record in records for fact in self._fold(record)]

    def _fold(self, record: Record) -> list[Fact]:
        form = self._formats[record.topic.name]
        reading = form.decode([record.value])[0]
        if isinstance(reading, RejectedReading):
            return []
        if record.topic in _LOOKED_UP:
            self._catalogue.add(reading)
        meaning = form.interpret(reading, self._catalogue)
        seen = tuple(observation for _, observation in meaning.observations) + self._ticks(record, meaning.latest_ms)
        if not seen:
            return []
        last = self.state.core.sources.get(f"{record.topic.name}|0", -1)
        source = Source(record.topic.name, 0, last, last + 1, last + 1)
        batch = ObservationBatch(log.VERSION, source, (Entry(last + 1, record.event_time_ms, seen),))
        offset = self.state.core.applied + 1
        return fold.step(self.state, batch, origin_of("benchmark", 0, offset, b"%d" % offset))

    def _ticks(self, record: Record, latest_ms: int | None) -> tuple[Tick, ...]:
        """A tick when the event time of the record's source enters a new hour, as the intake says it."""
        hour = -1 if latest_ms is None else latest_ms // HOUR_MS
        if hour <= self._hours.get(record.topic.name, -1):
            return ()
        self._hours[record.topic.name] = hour
        return (Tick(hour * HOUR_MS),)

    def belief(self, location: str, sku: str) -> believed.Belief | None:
        """The belief about a SKU at a location, if anything is known of it."""
        state = self.state.skus.get(sku)
        stock = state.locations.get(location) if state else None
        return stock.belief if stock and stock.belief.cells else None
