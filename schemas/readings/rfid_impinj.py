"""Impinj R700, IoT device interface (API 1.7): one event, a webhook's list, or one event per line.

Readers send an empty list to keep a webhook alive: it means nothing. EPCs come
as base64 of either alphabet; hex is off by default.
"""

from base64 import b64decode
from datetime import datetime

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from schemas.errors import RejectedReading
from schemas.observations import DeviceEvent
from schemas.readings.decoding import Records
from schemas.readings.fields import Level, Name, Number, Reading, Text, Time
from schemas.readings.rfid_batch import Batch, Read, ReaderEvent, RfidReport

_STATUS: dict[str, DeviceEvent] = {"running": "connected", "idle": "disconnected", "armed": "heartbeat"}
_LARGEST_MEMORY_BYTES = 62
_TO_STANDARD_ALPHABET = str.maketrans("-_", "+/")


class _Part(Reading):
    model_config = ConfigDict(alias_generator=to_camel)


class TagInventory(_Part):
    """One tag heard; signal strength in hundredths of a dBm."""

    epc: Text = ""
    epc_hex: Text = ""
    antenna_port: Level | None = None
    peak_rssi_cdbm: Number | None = None
    last_seen_time: Time | None = None


class Antenna(_Part):
    antenna_port: Level | None = None
    antenna_name: Text = ""


class InventoryStatus(_Part):
    inventory_status: Text = ""


class ImpinjEvent(_Part):
    """One event; kinds that say nothing of tags or the reader's health are accepted and mean nothing.

    A reader whose inventory runs hears (``connected``), one that is idle does
    not (``disconnected``): its silence is no evidence.
    """

    timestamp: Time
    hostname: Name
    event_type: Name
    tag_inventory_event: TagInventory | None = None
    inventory_status_event: InventoryStatus = Field(default=InventoryStatus())
    antenna_connected_event: Antenna = Field(default=Antenna())
    antenna_disconnected_event: Antenna = Field(default=Antenna())


_EVENTS: Records[ImpinjEvent] = Records(ImpinjEvent)


class ImpinjDialect:
    """Events of Impinj R700 readers."""

    name = "rfid_impinj"

    def claims(self, head: bytes) -> bool:
        return b'"eventType"' in head or head.strip() == b"[]"

    def decode(self, value: bytes) -> RfidReport | RejectedReading:
        try:
            return _report(_EVENTS.items(value))
        except RejectedReading as rejected:
            return rejected


def _report(results: list[ImpinjEvent | RejectedReading]) -> RfidReport:
    readers: dict[str, tuple[list[Read], list[ReaderEvent]]] = {}
    rejections: list[RejectedReading] = []
    for place, result in enumerate(results):
        try:
            event = _good(result)
            reads, events = readers.setdefault(event.hostname, ([], []))
            _sort(event, place, reads, events)
        except RejectedReading as rejected:
            rejections.append(rejected)
    batches = [Batch((reader,), reads, events) for reader, (reads, events) in readers.items()]
    return RfidReport(tuple(batches), tuple(rejections))


def _good(result: ImpinjEvent | RejectedReading) -> ImpinjEvent:
    if isinstance(result, RejectedReading):
        raise result
    return result


def _sort(event: ImpinjEvent, place: int, reads: list[Read], events: list[ReaderEvent]) -> None:
    """Put an event among the reads or the reader's own events, or nowhere."""
    if event.tag_inventory_event is not None:
        reads.append(_read(event.tag_inventory_event, event.timestamp, place))
        return
    kind = event.event_type
    if kind == "overflow":
        events.append(ReaderEvent(event="overflow", at=event.timestamp))
    elif kind == "inventoryStatus":
        status = event.inventory_status_event.inventory_status
        what = _STATUS.get(status, "heartbeat")
        events.append(ReaderEvent(event=what, at=event.timestamp, section=f"inventory {status[:40]}"))
    elif kind == "antennaConnected":
        events.append(_antenna("connected", event.antenna_connected_event, event.timestamp))
    elif kind == "antennaDisconnected":
        events.append(_antenna("disconnected", event.antenna_disconnected_event, event.timestamp))


def _antenna(what: DeviceEvent, antenna: Antenna, at: datetime) -> ReaderEvent:
    name = antenna.antenna_name or f"antenna {antenna.antenna_port}"
    return ReaderEvent(event=what, at=at, section=name, antenna=antenna.antenna_port)


def _read(tag: TagInventory, timestamp: datetime, place: int) -> Read:
    rssi = tag.peak_rssi_cdbm
    return Read(
        epc=tag.epc_hex or _hex(tag.epc, f"[{place}].tagInventoryEvent.epc"),
        antenna=tag.antenna_port,
        rssi_dbm=None if rssi is None else rssi / 100,
        seen_at=tag.last_seen_time or timestamp,
    )


def _hex(epc: str, field: str) -> str:
    """The hex digits of an EPC in base64 of either alphabet, padded or not."""
    if not epc:
        raise RejectedReading("missing_field", f"{field}: neither epc nor epcHex is given", field=field)
    padded = epc.rstrip("=").translate(_TO_STANDARD_ALPHABET)
    try:
        memory = b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except ValueError:
        memory = b""
    if not 0 < len(memory) <= _LARGEST_MEMORY_BYTES:
        raise RejectedReading("invalid_value", f"{field}: {epc} is no EPC in base64", field=field, value=epc)
    return memory.hex().upper()


DIALECT = ImpinjDialect()
