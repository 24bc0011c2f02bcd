"""Frigate (``frigate/events``): a person counts once, when they enter their first zone.

Frigate reports one tracked object again and again; only the report in which its
list of entered zones stops being empty is a person coming in.
"""

from typing import Literal

from pydantic import Field

from schemas.errors import RejectedReading
from schemas.readings.camera_batch import CameraReport, PeopleCount
from schemas.readings.decoding import Records
from schemas.readings.fields import Name, Reading, Text, Time


class Tracked(Reading):
    """An object as tracked at one moment. Sub labels, plates and thumbnails have no field."""

    id: Text = ""
    camera: Name
    label: Text = ""
    start_time: Time | None = None
    frame_time: Time | None = None
    entered_zones: tuple[Text, ...] = ()


class Before(Reading):
    entered_zones: tuple[Text, ...] = ()


class FrigateEvent(Reading):
    """One change of a tracked object."""

    type: Literal["new", "update", "end"]
    before: Before | None = Field(default=None)
    after: Tracked


_EVENTS: Records[FrigateEvent] = Records(FrigateEvent)


class FrigateDialect:
    """Events of Frigate."""

    name = "camera_frigate"

    def claims(self, head: bytes) -> bool:
        return b'"before"' in head or b'"after"' in head

    def decode(self, value: bytes) -> CameraReport | RejectedReading:
        event = _EVENTS.one(value)
        return event if isinstance(event, RejectedReading) else _report(event)


def _report(event: FrigateEvent) -> CameraReport | RejectedReading:
    after = event.after
    at = after.frame_time or after.start_time
    if at is None:
        field = "after.frame_time"
        return RejectedReading("missing_field", f"{field}: neither frame_time nor start_time is given", field=field)
    if after.label != "person" or not _came_in(event):
        return CameraReport()
    person = PeopleCount(cameras=(after.camera,), counted_at=at, name="footfall", value=1)
    return CameraReport(people=(person,))


def _came_in(event: FrigateEvent) -> bool:
    was_in_a_zone = event.type != "new" and event.before is not None and bool(event.before.entered_zones)
    return bool(event.after.entered_zones) and not was_in_a_zone


DIALECT = FrigateDialect()
