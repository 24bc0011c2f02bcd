"""Tills: baskets modelled on ARTS/OMG POSLog (topic ``readings.pos``).

A basket whose envelope is good counts line by line: each bad line is a rejection
of its own. ``units`` of a rejection is its effect on net units sold (a sale +,
a return or void -), so that accepted and rejected units add up to the input's.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeVar

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import canonical_epc, event_key
from schemas.observations import LineType, SaleMade
from schemas.readings.decoding import Records, Salvaged, is_plain_number, parsed, salvage
from schemas.readings.fields import Level, Name, Number, Quantity, Reading, Text, Time, milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.reference import Item


class Line(Reading):
    """One line. An ``exchange`` hands out ``item_id`` and takes back ``returned_item_id``.

    A line with ``void_flag`` was cancelled within its basket and has no effect; a
    line of type ``void`` takes back an earlier sale. ``returned_quantity`` is by
    default ``quantity``.
    """

    line_no: Level
    type: Literal["sale", "return", "void", "exchange"]
    item_id: Name
    quantity: Quantity
    unit_price: Number | None = None
    epcs: tuple[Name, ...] = ()
    void_flag: bool = False
    zone: Text = ""
    disposition: Literal["sellable", "damaged"] = "sellable"
    returned_item_id: Name | None = None
    returned_quantity: Quantity | None = None

    def units(self) -> int:
        """The line's effect on net units sold."""
        return _net(self.type, self.quantity, self.returned_quantity, self.void_flag)


class Basket(Reading):
    """One transaction of one till; ``cancelled`` (POSLog CancelFlag) means it never happened.

    ``business_day`` is by default the day of ``occurred_at`` in its own offset.
    """

    schema_version: Literal[1] = 1
    transaction_id: Name
    store: Name
    workstation: Name = "1"
    business_day: datetime.date | None = None
    occurred_at: Time
    cancelled: bool = False
    channel: Text = "store"
    currency: Text = ""
    lines: tuple[Line, ...]


N = TypeVar("N", int, float)
_LINE_TYPES = ("sale", "return", "void", "exchange")
_BASKETS: Records[Basket] = Records(Basket)
_LINES: Records[Line] = Records(Line)


class PosFormat:
    """Baskets of tills."""

    name = "pos"
    topic = topics.POS

    def decode(self, values: Sequence[bytes]) -> list[Basket | Salvaged[Basket] | RejectedReading]:
        return [_decoded(value) for value in values]

    def interpret(self, reading: Basket | Salvaged[Basket], catalogue: Catalogue) -> Meaning:
        if isinstance(reading, Basket):
            return _interpret(reading, enumerate(reading.lines), catalogue)
        basket = reading.whole
        meaning = _interpret(basket, zip(reading.places, basket.lines, strict=True), catalogue)
        meaning.rejections.extend(reading.bad)
        return meaning


def _interpret(basket: Basket, numbered: Iterator[tuple[int, Line]], catalogue: Catalogue) -> Meaning:
    meaning = Meaning(latest_ms=milliseconds(basket.occurred_at))
    if basket.cancelled:
        return meaning
    store = catalogue.location(basket.store)
    if store is None:
        meaning.rejections.append(_unknown_store(basket))
        return meaning
    till = _Till(basket, store.location, catalogue, meaning)
    for place, line in numbered:
        if not line.void_flag:
            till.ring_up(place, line)
    return meaning


class _Till:
    """Goes through the lines of one basket at a known store."""

    def __init__(self, basket: Basket, store: str, catalogue: Catalogue, meaning: Meaning) -> None:
        self._basket = basket
        self._store = store
        self._catalogue = catalogue
        self._observations = meaning.observations
        self._rejections = meaning.rejections
        self._at_ms = milliseconds(basket.occurred_at)
        self._day = str(basket.business_day or basket.occurred_at.date())
        self._seen: set[int] = set()

    def ring_up(self, place: int, line: Line) -> None:
        """Add what the line means, or why it means nothing."""
        if line.line_no in self._seen:
            problem = f"line number {line.line_no} stands twice in the basket"
            self._refuse("duplicate_line", place, "line_no", line.line_no, line, problem)
            return
        self._seen.add(line.line_no)
        item = self._catalogue.item(line.item_id)
        if item is None:
            self._refuse_item(place, "item_id", line.item_id, line)
        elif line.type == "exchange":
            self._exchange(place, line, item)
        else:
            self._add(line, line.type, item, line.quantity)

    def _exchange(self, place: int, line: Line, item: Item) -> None:
        if line.returned_item_id is None:
            problem = "an exchange says which item came back"
            self._refuse("missing_field", place, "returned_item_id", None, line, problem)
            return
        returned = self._catalogue.item(line.returned_item_id)
        if returned is None:
            self._refuse_item(place, "returned_item_id", line.returned_item_id, line)
            return
        self._add(line, "return", returned, line.returned_quantity or line.quantity, part="returned")
        self._add(line, "sale", item, line.quantity)

    def _add(self, line: Line, line_type: LineType, item: Item, quantity: int, part: str = "") -> None:
        basket = self._basket
        coming_back = line_type == "return"
        sale = SaleMade(
            event_key(
                "pos", self._store, basket.workstation, self._day, basket.transaction_id, str(line.line_no), part
            ),
            self._store,
            item.sku,
            item.style,
            line_type,
            quantity,
            self._at_ms,
            None if part else line.unit_price,
            line.zone,
            () if part else tuple(map(canonical_epc, line.epcs)),
            basket.channel,
            basket.transaction_id,
            not (coming_back and line.disposition == "damaged"),
        )
        self._observations.append(Routed(item.style, sale))

    def _refuse_item(self, place: int, field: str, value: str, line: Line) -> None:
        self._refuse("unknown_item", place, field, value, line, f"no item has the SKU, GTIN or alias {value}")

    def _refuse(self, reason: str, place: int, field: str, value: Any, line: Line, problem: str) -> None:
        field = f"lines[{place}].{field}"
        self._rejections.append(
            RejectedReading(reason, f"{field}: {problem}", field=field, value=value, units=line.units())
        )


def _unknown_store(basket: Basket) -> RejectedReading:
    return RejectedReading(
        "unknown_location",
        f"store: no location has the id, GLN or alias {basket.store}",
        field="store",
        value=basket.store,
        units=sum(line.units() for line in basket.lines),
    )


def _decoded(value: bytes) -> Basket | Salvaged[Basket] | RejectedReading:
    basket = _BASKETS.one(value)
    if isinstance(basket, Basket):
        return basket
    raw = parsed(value)
    cancelled = isinstance(raw, dict) and raw.get("cancelled") is True
    salvaged = salvage(value, _BASKETS, _LINES, "lines", lambda line: _raw_units(line, cancelled))
    if salvaged is None:
        basket.units = _raw_basket_units(raw, cancelled)
    return salvaged or basket


def _raw_basket_units(raw: Any, cancelled: bool) -> float | None:
    lines = raw.get("lines") if isinstance(raw, dict) else None
    if not isinstance(lines, list):
        return None
    known = [units for line in lines if (units := _raw_units(line, cancelled)) is not None]
    return sum(known) if known else None


def _raw_units(line: Any, cancelled: bool) -> float | None:
    """The units a line that did not validate speaks of, if that is plain."""
    if not isinstance(line, dict) or line.get("type") not in _LINE_TYPES:
        return None
    quantity, returned = line.get("quantity"), line.get("returned_quantity")
    if not is_plain_number(quantity):
        return None
    void = cancelled or bool(line.get("void_flag"))
    return _net(line["type"], quantity, returned if is_plain_number(returned) else None, void)


def _net(line_type: str, quantity: N, returned: N | None, void: bool) -> N | Literal[0]:
    if void:
        return 0
    if line_type == "sale":
        return quantity
    return quantity - (returned or quantity) if line_type == "exchange" else -quantity


FORMAT = PosFormat()
