"""ERP: movements other than sales, orders with suppliers and counts (topic ``readings.erp``).

``quantity`` is positive and the type gives the sign; only an ``adjustment`` is
signed. Its effect on book on-hand at ``location``:

    receipt, transfer_received                            +
    transfer_shipped, write_off, supplier_return          -
    adjustment                                            as given
    opening, count                                        set to (0 or more)
    ordered, shipment, order_cancelled, reservation,
    release, zone_move                                    none

``shipment`` means the supplier has shipped to ``location``. ``counterpart`` is
the other location of a transfer and the supplier otherwise. ``epcs`` are the tags
of the units, where the ERP knows them (an advance shipping notice with EPCs).
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import canonical_epc, event_key
from schemas.observations import MoveReason, Observation, QuantityMeasured, QuantityMoved, StockReserved, Supplied
from schemas.order_ids import as_given
from schemas.readings.decoding import Records, is_plain_number, parsed
from schemas.readings.fields import Name, Reading, SignedQuantity, Text, Time, milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.reference import Item, Location

MOVES: dict[str, tuple[MoveReason, int]] = {
    "receipt": ("receipt", 1),
    "transfer_received": ("transfer_in", 1),
    "transfer_shipped": ("transfer_out", -1),
    "write_off": ("write_off", -1),
    "supplier_return": ("supplier_return", -1),
    "adjustment": ("adjustment", 1),
    "zone_move": ("zone_move", 1),
}
SUPPLY: dict[str, Literal["ordered", "shipped", "cancelled"]] = {
    "ordered": "ordered",
    "shipment": "shipped",
    "order_cancelled": "cancelled",
}
MEASURES: dict[str, Literal["opening", "count"]] = {"opening": "opening", "count": "count"}
RESERVATIONS = {"reservation": 1, "release": -1}
TRANSFERS = ("transfer_shipped", "transfer_received")
EPCIS_MAY_OWN = ("receipt", "supplier_return", *TRANSFERS)


class Movement(Reading):
    """One movement of one item at one location; ``movement_id`` is the ERP's own identity of it."""

    schema_version: Literal[1] = 1
    movement_id: Name
    type: Literal[
        "opening",
        "receipt",
        "shipment",
        "ordered",
        "order_cancelled",
        "transfer_shipped",
        "transfer_received",
        "adjustment",
        "count",
        "reservation",
        "release",
        "zone_move",
        "write_off",
        "supplier_return",
    ]
    location: Name
    item_id: Name
    quantity: SignedQuantity
    occurred_at: Time
    zone: Text = ""
    to_zone: Text = ""
    document: Text = ""
    order_id: Annotated[Text, AfterValidator(as_given)] = ""
    counterpart: Text = ""
    reason: Text = ""
    expected_at: Time | None = None
    epcs: tuple[Name, ...] = ()

    def units(self) -> int:
        """Its effect on book on-hand; what was seen for an opening or count, the units for the rest."""
        return _sign(self.type) * self.quantity


_MOVEMENTS: Records[Movement] = Records(Movement)


class ErpFormat:
    """Movements from an ERP."""

    name = "erp"
    topic = topics.ERP

    def decode(self, values: Sequence[bytes]) -> list[Movement | RejectedReading]:
        return [_decoded(value) for value in values]

    def interpret(self, reading: Movement, catalogue: Catalogue) -> Meaning:
        meaning = Meaning(latest_ms=milliseconds(reading.occurred_at))
        location, item = catalogue.location(reading.location), catalogue.item(reading.item_id)
        if location is None:
            meaning.rejections.append(_refused(reading, "unknown_location", "location", "is no known location"))
        elif item is None:
            meaning.rejections.append(_refused(reading, "unknown_item", "item_id", "is no known SKU, GTIN or alias"))
        elif reading.type in TRANSFERS and catalogue.location(reading.counterpart) is None:
            meaning.rejections.append(_refused(reading, "unknown_location", "counterpart", "is no known location"))
        elif location.book_source != "epcis" or reading.type not in EPCIS_MAY_OWN:
            meaning.observations.append(Routed(item.style, _observation(reading, location, item, catalogue)))
        return meaning


def _decoded(value: bytes) -> Movement | RejectedReading:
    movement = _MOVEMENTS.one(value)
    if isinstance(movement, RejectedReading):
        movement.units = _raw_units(value)
        return movement
    return _fault(movement) or movement


def _fault(movement: Movement) -> RejectedReading | None:
    """What the fields of a movement must be because of its type."""
    least = 0 if movement.type in MEASURES else 1
    if movement.type == "adjustment":
        if movement.quantity == 0:
            return _refused(movement, "invalid_value", "quantity", "adjusts nothing")
    elif movement.quantity < least:
        return _refused(movement, "invalid_value", "quantity", f"of type {movement.type} must be {least} or more")
    if movement.type in TRANSFERS and not movement.counterpart:
        return _refused(movement, "missing_field", "counterpart", "must name the other location of a transfer")
    if movement.type == "zone_move":
        return _zone_fault(movement)
    return None


def _zone_fault(movement: Movement) -> RejectedReading | None:
    for field in ("zone", "to_zone"):
        if not getattr(movement, field):
            return _refused(movement, "missing_field", field, "must be given for a zone move")
    if movement.zone == movement.to_zone:
        return _refused(movement, "invalid_value", "to_zone", "is where the units are already")
    return None


def _observation(movement: Movement, location: Location, item: Item, catalogue: Catalogue) -> Observation:
    if movement.type in MOVES:
        return _moved(movement, location, item, catalogue)
    if movement.type in SUPPLY:
        return _supplied(movement, location, item)
    if movement.type in MEASURES:
        return _measured(movement, location, item)
    return StockReserved(
        key=_key(movement, location, item),
        location=location.location,
        sku=item.sku,
        style=item.style,
        quantity=movement.units(),
        occurred_at_ms=milliseconds(movement.occurred_at),
        document=movement.document,
    )


def _moved(movement: Movement, location: Location, item: Item, catalogue: Catalogue) -> QuantityMoved:
    other = catalogue.location(movement.counterpart) if movement.type in TRANSFERS else None
    return QuantityMoved(
        key=_key(movement, location, item),
        location=location.location,
        sku=item.sku,
        style=item.style,
        reason=MOVES[movement.type][0],
        quantity=movement.units(),
        occurred_at_ms=milliseconds(movement.occurred_at),
        zone=movement.zone,
        to_zone=movement.to_zone,
        document=movement.document,
        order_id=movement.order_id,
        counterpart=other.location if other else movement.counterpart,
        epcs=tuple(map(canonical_epc, movement.epcs)),
    )


def _supplied(movement: Movement, location: Location, item: Item) -> Supplied:
    return Supplied(
        key=_key(movement, location, item),
        location=location.location,
        sku=item.sku,
        style=item.style,
        status=SUPPLY[movement.type],
        quantity=movement.quantity,
        occurred_at_ms=milliseconds(movement.occurred_at),
        document=movement.document,
        order_id=movement.order_id,
        supplier=movement.counterpart,
        expected_at_ms=milliseconds(movement.expected_at) if movement.expected_at else None,
    )


def _measured(movement: Movement, location: Location, item: Item) -> QuantityMeasured:
    return QuantityMeasured(
        key=_key(movement, location, item),
        location=location.location,
        sku=item.sku,
        style=item.style,
        source=MEASURES[movement.type],
        quantity=movement.quantity,
        occurred_at_ms=milliseconds(movement.occurred_at),
        zone=movement.zone,
        epcs=tuple(map(canonical_epc, movement.epcs)),
    )


def _key(movement: Movement, location: Location, item: Item) -> int:
    """The type, place and item too: an ERP may number both ends of a transfer alike."""
    return event_key("erp", movement.movement_id, movement.type, location.location, item.sku)


def _refused(movement: Movement, reason: str, field: str, problem: str) -> RejectedReading:
    value = getattr(movement, field)
    message = f"{field}: {value!r} {problem}"
    return RejectedReading(reason, message, field=field, value=value, units=movement.units())


def _raw_units(value: bytes) -> float | None:
    raw = parsed(value)
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return None
    quantity = raw.get("quantity")
    return _sign(raw["type"]) * quantity if is_plain_number(quantity) else None


def _sign(movement_type: str) -> int:
    return MOVES[movement_type][1] if movement_type in MOVES else RESERVATIONS.get(movement_type, 1)


FORMAT = ErpFormat()
