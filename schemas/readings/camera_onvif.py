"""ONVIF Profile M events over MQTT (JSON): people counted by Bosch, Axis, Hanwha and other cameras.

A ``Count`` is taken as it is: let the camera's rule report per interval, or
every report would count its people again. A line crossing is one person.
An occupancy counter's rule or topic has "occupancy" in its name.
"""

from typing import Any

from pydantic import AliasChoices, Field

from schemas.errors import RejectedReading
from schemas.readings.camera_batch import CameraReport, PeopleCount
from schemas.readings.decoding import Records
from schemas.readings.fields import Reading, Time

Pairs = dict[str, Any]


class OnvifEvent(Reading):
    """One event; ``topic`` and ``camera`` are what a bridge may add, since the payload names only a video source."""

    utc_time: Time = Field(alias="UtcTime")
    source: Pairs = Field(default_factory=dict, alias="Source")
    data: Pairs = Field(default_factory=dict, alias="Data")
    topic: str = ""
    camera: str = Field(default="", validation_alias=AliasChoices("camera", "device"))


_EVENTS: Records[OnvifEvent] = Records(OnvifEvent)


class OnvifDialect:
    """Counting events of ONVIF Profile M cameras."""

    name = "camera_onvif"

    def claims(self, head: bytes) -> bool:
        return b'"UtcTime"' in head

    def decode(self, value: bytes) -> CameraReport | RejectedReading:
        event = _EVENTS.one(value)
        return event if isinstance(event, RejectedReading) else _report(event)


def _report(event: OnvifEvent) -> CameraReport | RejectedReading:
    source, counted = _flat(event.source), _flat(event.data)
    count = _number(counted.get("Count")) if "Count" in counted else _crossings(counted)
    if count is None:
        shown = str(counted.get("Count"))[:100]
        return RejectedReading("invalid_value", "Data.Count: must be a number", field="Data.Count", value=shown)
    cameras = _cameras(event, source)
    if not cameras:
        return RejectedReading("missing_field", "camera: nothing says which camera this is", field="camera")
    name = "occupancy" if "occupancy" in f"{event.topic} {source.get('Rule', '')}".lower() else "footfall"
    people = PeopleCount(cameras=cameras, counted_at=event.utc_time, name=name, value=count)
    return CameraReport(people=(people,) if "Count" in counted or count else ())


def _flat(part: Pairs) -> Pairs:
    """Both shapes of an ONVIF part as one: plain pairs, or a list of ``{Name, Value}``."""
    items = part.get("SimpleItem")
    if not isinstance(items, list):
        return part
    return {str(item.get("Name")): item.get("Value") for item in items if isinstance(item, dict)}


def _crossings(counted: Pairs) -> float:
    return 1.0 if "ObjectId" in counted else 0.0


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e9 else None


def _cameras(event: OnvifEvent, source: Pairs) -> tuple[str, ...]:
    prefix = event.topic.partition("/onvif-ej")[0].rpartition("/")[2] if "/onvif-ej" in event.topic else ""
    names = (event.camera, prefix, source.get("VideoSource"), source.get("VideoSourceConfigurationToken"))
    return tuple(name[:200] for name in names if isinstance(name, str) and name)


DIALECT = OnvifDialect()
