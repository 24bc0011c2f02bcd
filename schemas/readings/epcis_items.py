"""Which items an EPCIS event speaks of, and how many units of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import Epc, read_epc
from schemas.readings.epcis_event import EpcisEvent, Epcs, QuantityElement
from schemas.readings.fields import LARGEST_QUANTITY
from schemas.reference import Item

PIECES = frozenset({"", "EA", "C62", "H87"})
"""Units of measure that count pieces (UN/CEFACT Recommendation 20): none given, each, one, piece."""


@dataclass(slots=True)
class Units:
    """The units of one item: tags, and pieces if they were ``told`` as a number."""

    item: Item
    epcs: list[str] = field(default_factory=list)
    pieces: int = 0
    told: bool = False

    @property
    def count(self) -> int:
        return len(self.epcs) + self.pieces


@dataclass(slots=True)
class _Stranger:
    """Tags of one unknown GTIN (or one unreadable tag)."""

    epc: Epc
    text: str
    field: str
    tags: int = 0


class EventItems:
    """The items of one event by SKU, and a rejection per item or quantity not understood.

    Tags of boxes, assets and people are no items and say nothing of stock. A tag
    listed twice is one tag.
    """

    def __init__(self, event: EpcisEvent, prefix: str, catalogue: Catalogue) -> None:
        self.by_sku: dict[str, Units] = {}
        self.rejections: list[RejectedReading] = []
        self._prefix = prefix
        self._catalogue = catalogue
        self._strangers: dict[str, _Stranger] = {}
        for name, epcs, list_name, quantities in _lists(event):
            self._take_tags(name, epcs)
            self._take_quantities(list_name, quantities)
        self.rejections += [self._strange(stranger) for stranger in self._strangers.values()]

    def _take_tags(self, list_name: str, epcs: Epcs) -> None:
        seen: set[str] = set()
        for place, text in enumerate(epcs):
            epc = read_epc(text)
            item = self._catalogue.item_of_tag(epc)
            if epc.id in seen or (item is None and epc.reason == "epc_other_key"):
                continue
            seen.add(epc.id)
            if item is None:
                self._note_stranger(epc, text, f"{self._prefix}{list_name}[{place}]")
            else:
                self._units(item).epcs.append(epc.id)

    def _take_quantities(self, list_name: str, quantities: tuple[QuantityElement, ...]) -> None:
        for place, element in enumerate(quantities):
            epc = read_epc(element.epc_class)
            if epc.gtin is None and epc.reason == "epc_other_key":
                continue
            field = f"{self._prefix}{list_name}[{place}]"
            item = self._catalogue.item_of_tag(epc)
            pieces = _pieces(element)
            if item is None:
                self._refuse("unknown_item", f"{field}.epcClass", element.epc_class, "is no known item", pieces)
            elif pieces is None:
                self._refuse("invalid_quantity", f"{field}.quantity", _told(element), "is no number of pieces", None)
            else:
                units = self._units(item)
                units.pieces += pieces
                units.told = True

    def _units(self, item: Item) -> Units:
        return self.by_sku.setdefault(item.sku, Units(item))

    def _note_stranger(self, epc: Epc, text: str, field: str) -> None:
        stranger = self._strangers.setdefault(epc.gtin or epc.id, _Stranger(epc, text, field))
        stranger.tags += 1

    def _strange(self, stranger: _Stranger) -> RejectedReading:
        epc = stranger.epc
        problem = f"no item has GTIN {epc.gtin}" if epc.gtin else epc.problem
        message = f"{stranger.field}: {problem} ({stranger.tags} tags)"
        reason = "unknown_item" if epc.gtin else epc.reason
        return RejectedReading(reason, message, field=stranger.field, value=stranger.text, units=stranger.tags)

    def _refuse(self, reason: str, field: str, value: str, problem: str, units: int | None) -> None:
        message = f"{field}: {value} {problem}"
        self.rejections.append(RejectedReading(reason, message, field=field, value=value, units=units))


def _lists(event: EpcisEvent) -> Iterator[tuple[str, Epcs, str, tuple[QuantityElement, ...]]]:
    yield "epcList", event.epc_list, "quantityList", event.quantity_list
    yield "childEPCs", event.child_epcs, "childQuantityList", event.child_quantity_list


def _pieces(element: QuantityElement) -> int | None:
    quantity = element.quantity
    if quantity is None or element.uom.upper() not in PIECES:
        return None
    return int(quantity) if quantity == int(quantity) and quantity <= LARGEST_QUANTITY else None


def _told(element: QuantityElement) -> str:
    return f"{element.quantity} {element.uom}".strip()
