"""Where an EPCIS event happened, and from where to where goods went."""

from typing import NamedTuple

from schemas.catalogue import Catalogue
from schemas.readings.epcis_event import EpcisEvent, Place
from schemas.reference import Location

_SIDES = ("location", "possessing_party")


class Side(NamedTuple):
    """One side of a movement: the location if it is one of ours, and the text and field that named it."""

    location: Location | None = None
    text: str = ""
    field: str = ""

    @property
    def name(self) -> str:
        """The id of our location, or nothing."""
        return self.location.location if self.location else ""


class EventPlaces:
    """The places of one event, looked up in the catalogue.

    A read point may be a place (SGLN, Digital Link, alias) or a registered device,
    which then also says its zone.
    """

    def __init__(self, event: EpcisEvent, catalogue: Catalogue) -> None:
        self._event = event
        self._catalogue = catalogue
        read_point = event.read_point.id if event.read_point else ""
        device = catalogue.device(read_point) if read_point else None
        self.reader = read_point
        self.zone = device.zone if device else ""

    def here(self, own_first: bool = False) -> Location | None:
        """Where it happened: the read point, else the business location (or the other way round)."""
        event = self._event
        places = (event.biz_location, event.read_point) if own_first else (event.read_point, event.biz_location)
        for place in places:
            location = self._known(place.id) if place else None
            if location is not None:
                return location
        return None

    def named(self) -> Side:
        """The place the event names, known or not, for saying what is wrong with it."""
        event = self._event
        if event.biz_location is not None or event.read_point is None:
            return _named("bizLocation.id", event.biz_location)
        return _named("readPoint.id", event.read_point)

    def source(self) -> Side:
        """Where goods came from, by the source list alone."""
        listed = [(entry.type, entry.source) for entry in self._event.source_list]
        return self._side(listed, "sourceList")

    def shipped_from(self) -> Side:
        """Where goods left: a source of ours, else where the event happened, if that is not where they go to."""
        source, here = self.source(), self.here()
        if source.location is not None:
            return source
        if here is not None and not (source.text and here == self.destination().location):
            return Side(here, here.location)
        return source if source.text else self.named()

    def destination(self) -> Side:
        """Where goods go, by the destination list alone."""
        listed = [(entry.type, entry.destination) for entry in self._event.destination_list]
        return self._side(listed, "destinationList")

    def _side(self, listed: list[tuple[str, str]], field: str) -> Side:
        """Our location among the places listed, else the first of them, else nothing."""
        ranked = [text for kind in _SIDES for listed_kind, text in listed if listed_kind == kind]
        for text in ranked:
            location = self._known(text)
            if location is not None:
                return Side(location, text, field)
        return Side(None, ranked[0] if ranked else "", field)

    def _known(self, text: str) -> Location | None:
        device = self._catalogue.device(text)
        return self._catalogue.location(device.location if device else text)


def _named(field: str, place: Place | None) -> Side:
    return Side(None, place.id if place else "", field)
