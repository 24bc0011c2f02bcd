"""restockd's own RFID report, which every reader dialect is turned into.

A report is one raw message: what one reader heard and what it did.
"""

from dataclasses import dataclass

from pydantic import Field

from schemas.errors import RejectedReading
from schemas.observations import DeviceEvent
from schemas.readings.decoding import Records, salvage
from schemas.readings.fields import Level, Name, Number, Quantity, Reading, Text, Time


class TagRead(Reading):
    """One tag heard once, or ``reads`` times when the reader counts itself."""

    epc: Name
    antenna: Level | None = None
    rssi_dbm: Number | None = None
    seen_at: Time | None = None
    reads: Quantity = 1


class ReaderEvent(Reading):
    """What the reader did; ``tags_heard`` belongs to the end of a sweep or section."""

    event: DeviceEvent
    at: Time | None = None
    section: Text = ""
    antenna: Level | None = None
    tags_heard: Level = 0


class RfidBatch(Reading):
    """Reads and events of one reader; ``read_at`` stands for every time left out."""

    reader: Name
    read_at: Time | None = None
    reads: tuple[TagRead, ...] = ()
    events: tuple[ReaderEvent, ...] = ()
    aliases: tuple[Name, ...] = Field(default=(), max_length=8)


@dataclass(frozen=True, slots=True)
class RfidReport:
    """A raw message in restockd's words: one batch per reader, and the parts not understood."""

    batches: tuple[RfidBatch, ...] = ()
    rejections: tuple[RejectedReading, ...] = ()


_BATCHES: Records[RfidBatch] = Records(RfidBatch)
_READS: Records[TagRead] = Records(TagRead)


class NeutralDialect:
    """Messages that are an :class:`RfidBatch` already; what no device's dialect claims is taken for one."""

    name = "rfid_batch"

    def claims(self, head: bytes) -> bool:
        return True

    def decode(self, value: bytes) -> RfidReport | RejectedReading:
        batch = _BATCHES.one(value)
        if isinstance(batch, RfidBatch):
            return _without_time(batch) or RfidReport((batch,))
        salvaged = salvage(value, _BATCHES, _READS, "reads")
        if salvaged is None:
            return batch
        return _without_time(salvaged.whole) or RfidReport((salvaged.whole,), salvaged.bad)


def _without_time(batch: RfidBatch) -> RejectedReading | None:
    if batch.read_at is not None:
        return None
    for place, read in enumerate(batch.reads):
        if read.seen_at is None:
            return _no_time(f"reads[{place}].seen_at")
    for place, event in enumerate(batch.events):
        if event.at is None:
            return _no_time(f"events[{place}].at")
    return None


def _no_time(field: str) -> RejectedReading:
    return RejectedReading("missing_field", f"{field}: must be given when read_at is not", field=field)
