"""restockd's own RFID report, which every reader dialect is turned into.

A report is one raw message: what one reader heard and what it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

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


class Read(NamedTuple):
    """A :class:`TagRead` a dialect has validated already in its own words."""

    epc: str
    antenna: int | None
    rssi_dbm: float | None
    seen_at: datetime | None
    reads: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reader, which goes by any of ``names``, heard and did."""

    names: tuple[str, ...]
    reads: Sequence[TagRead | Read] = ()
    events: Sequence[ReaderEvent] = ()
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RfidReport:
    """A raw message in restockd's words: one batch per reader, and the parts not understood."""

    batches: tuple[Batch, ...] = ()
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
            return _report(batch)
        salvaged = salvage(value, _BATCHES, _READS, "reads")
        return _report(salvaged.whole, salvaged.bad) if salvaged else batch


def _report(batch: RfidBatch, bad: tuple[RejectedReading, ...] = ()) -> RfidReport | RejectedReading:
    told = Batch((batch.reader,), batch.reads, batch.events, batch.read_at)
    return _without_time(batch) or RfidReport((told,), bad)


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
