"""restockd's own camera report, which every camera dialect is turned into.

Only counts are taken in. Who was seen (faces, plates, sub labels, thumbnails)
has no field in any of these models and is gone once a message is decoded.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.errors import RejectedReading
from schemas.readings.decoding import Records, salvage
from schemas.readings.fields import Level, Name, Number, Reading, Share, Text, Time


class Facing(Reading):
    """What the camera counted on one facing; ``gap`` is by default whether it counted none."""

    facing: Name
    item_id: Name
    count: Level
    capacity: Level | None = None
    confidence: Share = 1.0
    occlusion: Share = 0.0
    gap: bool | None = None
    zone: Text = ""


class Detections(Reading):
    """The facings one camera looked at."""

    schema_version: Literal[1] = 1
    camera: Name
    detected_at: Time
    facings: tuple[Facing, ...]


class PeopleCount(Reading):
    """People counted by a camera that goes by any of these names.

    ``footfall`` are people who came in, ``occupancy`` those in view.
    """

    cameras: tuple[Name, ...]
    counted_at: Time
    name: Literal["footfall", "occupancy"]
    value: Number


@dataclass(frozen=True, slots=True)
class CameraReport:
    """A raw message in restockd's words."""

    detections: Detections | None = None
    people: tuple[PeopleCount, ...] = ()
    rejections: tuple[RejectedReading, ...] = ()


_DETECTIONS: Records[Detections] = Records(Detections)
_FACINGS: Records[Facing] = Records(Facing)


class NeutralDialect:
    """Messages that are :class:`Detections` already; what no device's dialect claims is taken for one."""

    name = "camera_batch"

    def claims(self, head: bytes) -> bool:
        return True

    def decode(self, value: bytes) -> CameraReport | RejectedReading:
        detections = _DETECTIONS.one(value)
        if isinstance(detections, Detections):
            return CameraReport(detections)
        salvaged = salvage(value, _DETECTIONS, _FACINGS, "facings")
        return CameraReport(salvaged.whole, rejections=salvaged.bad) if salvaged else detections
