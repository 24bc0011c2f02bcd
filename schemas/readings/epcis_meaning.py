"""What an EPCIS event means for stock, by its business step and disposition.

receiving, arriving                  receipt, or transfer in from one of our own places
shipping, departing                  transfer out, or supplier return; from a supplier: on its way to us
void_shipping                        the shipment undone
stocking (sellable_accessible)       back room to sales floor
cycle_counting, stock_taking         tags seen; numbers of pieces count
decommissioning, destroying,
or disposed, destroyed, stolen       write-off
reserving                            reservation
anything else, retail_selling too    tags seen at a known place, no effect on the book
"""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import event_key
from schemas.observations import (
    ItemsSeen,
    MoveReason,
    Observation,
    QuantityMeasured,
    QuantityMoved,
    StockReserved,
    Supplied,
    TagSeen,
)
from schemas.order_ids import as_given
from schemas.readings.epcis_event import EpcisEvent
from schemas.readings.epcis_items import EventItems, Units
from schemas.readings.epcis_places import EventPlaces, Side
from schemas.readings.epcis_vocabulary import ZONE_OF_DISPOSITION, Effect, effect_of
from schemas.readings.fields import milliseconds
from schemas.readings.format import Routed
from schemas.reference import Location

_SIGN: dict[Effect, int] = {"shipment": -1, "write_off": -1}
_ERP_MAY_OWN = frozenset({"receipt", "shipment", "void_shipment"})
_OF_STOCK = frozenset({"ObjectEvent", "TransactionEvent", "AggregationEvent"})
_RECEIVED_INTO = {"in_progress": "back_room", **ZONE_OF_DISPOSITION}
_ORDERS = ("po", "poc", "prodorder")
_PAPERS = ("desadv", "recadv", "bol", "inv", "rma")
_BUSINESS_TRANSACTION = "urn:epcglobal:cbv:bt:"


@dataclass(frozen=True, slots=True)
class _Move:
    """How an event moves the book: the same for every item it speaks of."""

    location: str
    reason: MoveReason
    sign: int
    zone: str = ""
    to_zone: str = ""
    counterpart: str = ""


class Interpreter:
    """Finds the observations in one event; what is not understood ends up in ``rejections``."""

    def __init__(self, event: EpcisEvent, identity: str, prefix: str, catalogue: Catalogue) -> None:
        self.rejections: list[RejectedReading] = []
        self._event = event
        self._identity = identity
        self._prefix = prefix
        self._places = EventPlaces(event, catalogue)
        self._items = EventItems(event, prefix, catalogue)
        self._effect = _effect(event)
        self._at_ms = milliseconds(event.event_time)

    def observations(self) -> list[Routed]:
        """What the event means for each item, in the order the event names them."""
        if self._event.type not in _OF_STOCK:
            return []
        if self._effect == "none":
            return self._evidence(self._places.here())
        self._reject_items()
        if self._effect in ("shipment", "void_shipment"):
            return self._shipment()
        here = self._places.here(own_first=self._effect == "receipt")
        if here is None:
            self._reject_place(self._places.named())
            return []
        return self._at(here)

    def _at(self, here: Location) -> list[Routed]:
        if self._effect == "count":
            return self._count(here)
        if self._effect == "reservation":
            return self._each(lambda units: self._reserved(units, here))
        move = self._move_at(here)
        return self._evidence(here) if self._erp_owns(here) else self._each(lambda units: self._moved(units, move))

    def _move_at(self, here: Location) -> _Move:
        place, disposition = here.location, self._event.disposition
        if self._effect == "receipt":
            source = self._places.source()
            known = source.location
            ours = known is not None and known.location != place
            zone = _RECEIVED_INTO.get(disposition, "")
            return _Move(
                place, "transfer_in" if ours else "receipt", 1, zone, counterpart=source.name if ours else source.text
            )
        if self._effect == "floor_refill":
            return _Move(place, "zone_move", 1, "back_room", "sales_floor")
        return _Move(place, "write_off", -1, ZONE_OF_DISPOSITION.get(disposition, self._places.zone))

    def _shipment(self) -> list[Routed]:
        source, destination = self._places.shipped_from(), self._places.destination()
        sign = -1 if self._effect == "shipment" else 1
        if source.location is None:
            return self._from_supplier(source, destination)
        if self._erp_owns(source.location):
            return self._evidence(source.location)
        leaves_us = destination.location is None and bool(destination.text)
        reason: MoveReason = "supplier_return" if leaves_us or self._document("rma") else "transfer_out"
        move = _Move(source.name, reason, sign, counterpart=destination.name or destination.text)
        return self._each(lambda units: self._moved(units, move))

    def _from_supplier(self, source: Side, destination: Side) -> list[Routed]:
        """A shipment that did not start at one of our places: it is on its way to us, or unknown."""
        if destination.location is None:
            self._reject_place(source)
            return []
        if self._effect == "void_shipment" or self._event.retracts:
            self._reject_retraction("a supplier's shipment")
            return []
        if self._erp_owns(destination.location):
            return []
        return self._each(lambda units: self._supplied(units, destination.name, source.text))

    def _count(self, here: Location) -> list[Routed]:
        counted = [units for units in self._items.by_sku.values() if units.told]
        if self._event.retracts and counted:
            self._reject_retraction("a count")
            return []
        measured = [Routed(units.item.style, self._measured(units, here)) for units in counted]
        return self._evidence(here) + measured

    def _evidence(self, here: Location | None) -> list[Routed]:
        if here is None or self._event.retracts:
            return []
        tagged = [units for units in self._items.by_sku.values() if units.epcs]
        return [Routed(units.item.style, self._seen(units, here)) for units in tagged]

    def _each(self, observe: Callable[[Units], Observation]) -> list[Routed]:
        return [Routed(units.item.style, observe(units)) for units in self._items.by_sku.values() if units.count]

    def _erp_owns(self, location: Location) -> bool:
        return location.book_source == "erp" and self._effect in _ERP_MAY_OWN

    def _moved(self, units: Units, move: _Move) -> QuantityMoved:
        return QuantityMoved(
            key=self._key(units, move.location),
            location=move.location,
            sku=units.item.sku,
            style=units.item.style,
            reason=move.reason,
            quantity=move.sign * units.count,
            occurred_at_ms=self._at_ms,
            zone=move.zone,
            to_zone=move.to_zone,
            document=self._document(*_PAPERS) or self._document(*_ORDERS),
            order_id=as_given(self._document(*_ORDERS)),
            counterpart=move.counterpart,
            epcs=tuple(units.epcs),
            retracts=self._event.retracts,
        )

    def _supplied(self, units: Units, destination: str, supplier: str) -> Supplied:
        return Supplied(
            key=self._key(units, destination),
            location=destination,
            sku=units.item.sku,
            style=units.item.style,
            status="shipped",
            quantity=units.count,
            occurred_at_ms=self._at_ms,
            document=self._document(*_PAPERS) or self._document(*_ORDERS),
            order_id=as_given(self._document(*_ORDERS)),
            supplier=supplier,
        )

    def _reserved(self, units: Units, here: Location) -> StockReserved:
        """A reservation, released again by a retraction (under a key of its own)."""
        return StockReserved(
            key=self._key(units, here.location, "retracted" if self._event.retracts else ""),
            location=here.location,
            sku=units.item.sku,
            style=units.item.style,
            quantity=-units.count if self._event.retracts else units.count,
            occurred_at_ms=self._at_ms,
            document=self._document(*_PAPERS) or self._document(*_ORDERS),
        )

    def _measured(self, units: Units, here: Location) -> QuantityMeasured:
        return QuantityMeasured(
            key=self._key(units, here.location, "counted"),
            location=here.location,
            sku=units.item.sku,
            style=units.item.style,
            source="count",
            quantity=units.count,
            occurred_at_ms=self._at_ms,
            zone=self._zone(),
            device=self._places.reader,
        )

    def _seen(self, units: Units, here: Location) -> ItemsSeen:
        tags = tuple(TagSeen(epc, 1, None, self._at_ms, self._at_ms) for epc in units.epcs)
        return ItemsSeen(
            key=self._key(units, here.location, "seen"),
            location=here.location,
            sku=units.item.sku,
            style=units.item.style,
            zone=self._zone(),
            reader=self._places.reader,
            occurred_at_ms=self._at_ms,
            tags=tags,
            disposition=self._event.disposition,
        )

    def _sign(self) -> int:
        """Whether what the event says would raise (1) or lower (-1) the book."""
        return _SIGN.get(self._effect, 1) * (-1 if self._event.retracts else 1)

    def _zone(self) -> str:
        return ZONE_OF_DISPOSITION.get(self._event.disposition, self._places.zone)

    def _key(self, units: Units, location: str, part: str = "") -> int:
        return event_key("epcis", self._identity, self._effect, location, units.item.sku, part)

    def _document(self, *types: str) -> str:
        """The first business transaction of one of these types; a GLN in front of its number is left out."""
        for transaction in self._event.biz_transaction_list:
            if transaction.type in types:
                text = transaction.biz_transaction
                return text.split(":")[-1] if text.startswith(_BUSINESS_TRANSACTION) else text
        return ""

    def _reject_items(self) -> None:
        for rejected in self._items.rejections:
            if rejected.units is not None:
                rejected.units *= self._sign()
            self.rejections.append(rejected)

    def _reject_place(self, side: Side) -> None:
        field = self._prefix + side.field
        units = sum(units.count for units in self._items.by_sku.values()) * self._sign()
        if side.text:
            message = f"{field}: {side.text} is no known location"
            rejected = RejectedReading("unknown_location", message, field=field, value=side.text, units=units)
        else:
            message = f"{field}: must say where this happened"
            rejected = RejectedReading("missing_field", message, field=field, units=units)
        self.rejections.append(rejected)

    def _reject_retraction(self, what: str) -> None:
        field = f"{self._prefix}errorDeclaration" if self._event.retracts else f"{self._prefix}bizStep"
        message = f"{field}: {what} cannot be taken back, send what is right instead"
        self.rejections.append(RejectedReading("cannot_retract", message, field=field, value=self._identity[:200]))


def _effect(event: EpcisEvent) -> Effect:
    """The effect by step and disposition, if the action is one that step can have."""
    effect = effect_of(event.biz_step, event.disposition)
    if effect == "count" and event.action != "OBSERVE":
        return "none"
    if event.action == "DELETE" and effect != "write_off":
        return "none"
    return effect
