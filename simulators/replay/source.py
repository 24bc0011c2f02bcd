"""A replayed file: its reference data, its baskets in event-time order, and its own sums."""

from collections import defaultdict
from collections.abc import Iterator

from pydantic import ValidationError

from schemas import topics
from schemas.reference import Item, Location, Supplier
from schemas.topics import Topic
from simulators.records import Record, Units, exact_sum
from simulators.replay.baskets import baskets
from simulators.replay.sheet import Sheet

DEFAULT_SUPPLIER = Supplier(supplier="default", name="Default supplier", lead_time_days=7.0, lead_time_sd_days=2.0)

_COLUMNS_AT_ONCE = 65_536


class ReplaySource:
    """A file of sales as a source of records.

    ``sum(record.units for record in records()) == total_units`` exactly; every row of the file is a
    line of exactly one record, whatever is wrong with it.
    """

    def __init__(self, name: str, sheet: Sheet) -> None:
        self.name = name
        self._sheet = sheet

    @property
    def rows(self) -> int:
        """Rows in the file."""
        return self._sheet.lines.num_rows

    @property
    def notes(self) -> dict[str, int]:
        """How often the file holds something odd: negative prices, zero or missing quantities, ..."""
        return dict(self._sheet.notes)

    @property
    def total_units(self) -> Units:
        """The exact sum of the file's quantity column; null counts as 0."""
        return exact_sum(total for batch in self._quantity_batches() for total in batch)

    def units_by_location_sku(self) -> dict[tuple[str, str], Units]:
        """The file's quantities summed per (location, SKU); what is missing is the empty string."""
        sums: defaultdict[tuple[str, str], list[int | float]] = defaultdict(list)
        for batch in self._sheet.lines.select(["location", "sku", "quantity"]).to_batches(_COLUMNS_AT_ONCE):
            for location, sku, quantity in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                sums[location or "", sku or ""].append(quantity or 0)
        return {key: exact_sum(values) for key, values in sums.items()}

    def reference(self) -> Iterator[Record]:
        """The default supplier, then every location and every item the file speaks of.

        A name that cannot be an identifier has no record: its lines are unknown items downstream.
        """
        yield _reference(topics.SUPPLIERS, DEFAULT_SUPPLIER)
        for location in sorted(name for name in self._sheet.lines["location"].unique().to_pylist() if name):
            yield from _valid(topics.LOCATIONS, Location, location=location, kind=self._sheet.location_kind)
        for row in self._sheet.items.to_pylist():
            known = {name: value for name, value in row.items() if value is not None}
            yield from _valid(
                topics.ITEMS, Item, **known, currency=self._sheet.currency, supplier=DEFAULT_SUPPLIER.supplier
            )

    def records(self) -> Iterator[Record]:
        """The baskets in event-time order; the same bytes every time."""
        return baskets(self._sheet.lines, self._sheet.channel)

    def _quantity_batches(self) -> Iterator[list[int | float]]:
        for batch in self._sheet.lines.select(["quantity"]).to_batches(_COLUMNS_AT_ONCE):
            yield [quantity for quantity in batch.column(0).to_pylist() if quantity is not None]


def _valid(topic: Topic, model: type[Item] | type[Location], **values: object) -> Iterator[Record]:
    try:
        yield _reference(topic, model.model_validate(values))
    except ValidationError:
        return


def _reference(topic: Topic, record: Item | Location | Supplier) -> Record:
    value = record.model_dump_json(exclude_none=True).encode()
    return Record(topic, record.key, value, 0, topic.name.removeprefix("reference."))
