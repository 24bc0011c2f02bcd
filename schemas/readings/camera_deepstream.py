"""NVIDIA DeepStream: the full schema (one object a message) and the minimal one (the objects of a frame).

Of people who are there the minimal schema says how many; the full one says when
one comes in.
"""

from typing import Any

from pydantic import Field

from schemas.errors import RejectedReading
from schemas.readings.camera_batch import CameraReport, PeopleCount
from schemas.readings.decoding import Records
from schemas.readings.fields import Name, Reading, Text, Time

_PERSON = "person"
_LABEL_PLACES = slice(5, None)


class _Sensor(Reading):
    id: Name


class _Event(Reading):
    type: Text = ""


class DeepStreamMessage(Reading):
    """Either schema; of an object only its kind is looked at."""

    timestamp: Time = Field(alias="@timestamp")
    sensor: _Sensor | None = None
    sensor_id: Text = Field(default="", alias="sensorId")
    event: _Event = _Event()
    object: dict[str, Any] | None = None
    objects: tuple[Any, ...] | None = None

    def camera(self) -> str:
        return self.sensor.id if self.sensor else self.sensor_id


_MESSAGES: Records[DeepStreamMessage] = Records(DeepStreamMessage)


class DeepStreamDialect:
    """Messages of DeepStream's message converter."""

    name = "camera_deepstream"

    def claims(self, head: bytes) -> bool:
        return b'"@timestamp"' in head

    def decode(self, value: bytes) -> CameraReport | RejectedReading:
        message = _MESSAGES.one(value)
        return message if isinstance(message, RejectedReading) else _report(message)


def _report(message: DeepStreamMessage) -> CameraReport | RejectedReading:
    if not message.camera():
        return RejectedReading("missing_field", "sensor.id: nothing says which camera this is", field="sensor.id")
    if message.objects is not None:
        people = sum(map(_is_person, message.objects))
        return _counted(message, "occupancy", people)
    came_in = message.event.type == "entry" and message.object is not None and _PERSON in message.object
    return _counted(message, "footfall", 1) if came_in else CameraReport()


def _counted(message: DeepStreamMessage, name: str, value: int) -> CameraReport:
    people = PeopleCount.model_validate(
        {"cameras": (message.camera(),), "counted_at": message.timestamp, "name": name, "value": value}
    )
    return CameraReport(people=(people,))


def _is_person(found: Any) -> bool:
    """Whether one object of a frame is a person: ``id|x|y|x|y|Person|...`` or an object of its own."""
    if isinstance(found, str):
        return any(part.strip().lower() == _PERSON for part in found.split("|")[_LABEL_PLACES])
    if not isinstance(found, dict):
        return False
    return _PERSON in found or str(found.get("type", found.get("label", ""))).lower() == _PERSON


DIALECT = DeepStreamDialect()
