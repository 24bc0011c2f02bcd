"""Shelf and door cameras (topic ``readings.cameras``): what any camera's report means.

A facing's count is evidence and never resets the book. People counted are
signals of the place the camera stands at.
"""

from collections.abc import Sequence

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import event_key
from schemas.observations import QuantityMeasured, Signal
from schemas.readings.camera_batch import CameraReport, Detections, Facing, NeutralDialect, PeopleCount
from schemas.readings.dialects import Dialects
from schemas.readings.fields import milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.reference import Device, Item


class CameraFormat:
    """Reports of cameras, in any dialect."""

    name = "cameras"
    topic = topics.CAMERAS

    def __init__(self) -> None:
        self.dialects: Dialects[CameraReport] = Dialects("camera_", NeutralDialect())

    def decode(self, values: Sequence[bytes]) -> list[CameraReport | RejectedReading]:
        return self.dialects.decode(values)

    def interpret(self, reading: CameraReport, catalogue: Catalogue) -> Meaning:
        meaning = Meaning(rejections=[*reading.rejections])
        if reading.detections is not None:
            _interpret_detections(reading.detections, catalogue, meaning)
        for people in reading.people:
            _interpret_people(people, catalogue, meaning)
        return meaning


def _interpret_detections(detections: Detections, catalogue: Catalogue, meaning: Meaning) -> None:
    meaning.latest_ms = milliseconds(detections.detected_at)
    try:
        device, location = _where((detections.camera,), catalogue)
    except RejectedReading as rejected:
        meaning.rejections.append(rejected)
        return
    for place, facing in enumerate(detections.facings):
        item = catalogue.item(facing.item_id)
        if item is None:
            meaning.rejections.append(_unknown_item(place, facing.item_id))
        else:
            measured = _measured(facing, device, location, item, meaning.latest_ms)
            meaning.observations.append(Routed(item.style, measured))


def _interpret_people(people: PeopleCount, catalogue: Catalogue, meaning: Meaning) -> None:
    at_ms = milliseconds(people.counted_at)
    meaning.latest_ms = max(at_ms, meaning.latest_ms or at_ms)
    try:
        _, location = _where(people.cameras, catalogue)
    except RejectedReading as rejected:
        meaning.rejections.append(rejected)
        return
    signal = Signal(name=people.name, value=people.value, occurred_at_ms=at_ms, location=location)
    meaning.observations.append(Routed(None, signal))


def _where(cameras: Sequence[str], catalogue: Catalogue) -> tuple[Device, str]:
    """The first camera that is known, and the id of the location it stands at."""
    device = next((found for name in cameras if (found := catalogue.device(name))), None)
    if device is None:
        value = ", ".join(cameras)
        raise RejectedReading("unknown_device", f"camera: {value} is no known camera", field="camera", value=value)
    location = catalogue.location(device.location)
    if location is None:
        message = f"camera: {device.device} stands at no known location: {device.location}"
        raise RejectedReading("unknown_location", message, field="camera", value=device.location)
    return device, location.location


def _measured(facing: Facing, device: Device, location: str, item: Item, at_ms: int) -> QuantityMeasured:
    return QuantityMeasured(
        key=event_key("camera", device.device, facing.facing, item.sku, at_ms),
        location=location,
        sku=item.sku,
        style=item.style,
        source="camera",
        quantity=facing.count,
        occurred_at_ms=at_ms,
        zone=facing.zone or device.zone,
        device=device.device,
        facing=facing.facing,
        confidence=facing.confidence,
        occlusion=facing.occlusion,
        capacity=facing.capacity,
        gap=facing.count == 0 if facing.gap is None else facing.gap,
    )


def _unknown_item(place: int, item_id: str) -> RejectedReading:
    field = f"facings[{place}].item_id"
    message = f"{field}: no item has the SKU, GTIN or alias {item_id}"
    return RejectedReading("unknown_item", message, field=field, value=item_id)


FORMAT = CameraFormat()
