"""Reference data as a whole: which records name a location, supplier or item that nobody has told of.

Records may come in any order, so a name that is not known is no fault of the record: it is one only if it stays so.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from schemas.catalogue import MODELS, Catalogue
from schemas.reference import Budget, Device, Item, Lane, Location, Offer, Supplier, TagMapping
from schemas.wording import meant

_NOUNS: dict[type[BaseModel], str] = {
    Item: "item",
    Lane: "lane",
    Offer: "offer",
    Device: "device",
    TagMapping: "tag",
    Budget: "budget",
}


class UnknownReference(NamedTuple):
    """A record that names what is not known."""

    record: str
    key: str
    field: str
    value: str
    hint: str

    def __str__(self) -> str:
        return f"{self.record} {self.key}: {self.field} {self.value!r} is not known{self.hint}"


class References(Catalogue):
    """A catalogue that keeps every record, the newest of each key."""

    def __init__(self) -> None:
        super().__init__()
        self._newest: dict[tuple[type[BaseModel], str], BaseModel] = {}

    def add(self, record: BaseModel) -> None:
        """Take in one record; raises ``RejectedReading`` as a catalogue does."""
        super().add(record)
        self._newest[type(record), str(getattr(record, "key", ""))] = record

    def withdraw(self, topic: str, key: str) -> None:
        """Forget the record of a key: it names nothing any more, and what names it names what is not known."""
        super().withdraw(topic, key)
        self._newest.pop((MODELS[topic], key), None)

    def unknown(self) -> Iterator[UnknownReference]:
        """Every name of the records that none of them explains, in the order they came in."""
        known = {
            "location": self._ids(Location),
            "place": self.location_names,
            "supplier": self._ids(Supplier),
            "item": self._ids(Item),
            "category": sorted({record.category for record in self._newest.values() if isinstance(record, Item)}),
        }
        seen = {kind: frozenset(names) for kind, names in known.items()}
        for (model, key), record in self._newest.items():
            for kind, field, value in _names(record):
                if value not in seen[kind]:
                    yield UnknownReference(_NOUNS[model], key, field, value, meant(value, known[kind]))

    def _ids(self, model: type[BaseModel]) -> list[str]:
        return sorted(key for kind, key in self._newest if kind is model)


def _names(record: BaseModel) -> Iterator[tuple[str, str, str]]:
    """What a record names of others: of what kind, in which field, by which name."""
    match record:
        case Item(supplier=supplier) if supplier:
            yield "supplier", "supplier", supplier
        case Lane(origin=origin, destination=destination):
            yield "location", "origin", origin
            yield "location", "destination", destination
        case Offer(retired=False, supplier=supplier):
            yield "supplier", "supplier", supplier
        case Device(location=location):
            yield "place", "location", location
        case TagMapping(sku=sku):
            yield "item", "sku", sku
        case Budget(retired=False):
            yield from _budget_names(record)
        case Location() | Supplier() | _:
            return


def _budget_names(budget: Budget) -> Iterator[tuple[str, str, str]]:
    for kind, field, values in (
        ("supplier", "suppliers", budget.suppliers),
        ("category", "categories", budget.categories),
        ("location", "locations", budget.locations),
    ):
        for value in values:
            yield kind, field, value
