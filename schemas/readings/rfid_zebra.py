"""Zebra readers: fixed ones with IoT Connector (FX7500, FX9600, ATR7000, FXR90), handheld RFD40 and RFD90.

A message holds one object, a list, or objects one after another without a
delimiter. Handhelds (``dataEVT``) name themselves only in the MQTT topic: the
bridge has to put it into the message as ``topic`` or ``serial``.
"""

from datetime import datetime

from pydantic import AliasChoices, Field

from schemas.errors import RejectedReading
from schemas.readings.decoding import Records
from schemas.readings.fields import Level, Name, Number, Quantity, Reading, Text, Time
from schemas.readings.rfid_batch import Batch, Read, RfidReport

Names = tuple[str, str, str, str]

_MARKS = (b'"idHex"', b'"tagData"')


class HeardByHandheld(Reading):
    """One tag in a handheld's report."""

    epc: Name = Field(validation_alias=AliasChoices("EPCid", "EPC", "idHex"))
    peak_rssi: Number | None = Field(default=None, alias="peakRssi")
    seen_count: Quantity = Field(default=1, alias="seenCount")


class Heard(Reading):
    """What a fixed reader heard, or a handheld's list of it."""

    id_hex: Name | None = Field(default=None, alias="idHex")
    antenna: Level | None = None
    peak_rssi: Number | None = Field(default=None, alias="peakRssi")
    reads: Quantity = 1
    host_name: Text = Field(default="", alias="hostName")
    mac: Text = Field(default="", alias="MAC")
    tag_data: tuple[HeardByHandheld, ...] | None = Field(default=None, alias="tagData")


class ZebraEvent(Reading):
    """One report; ``type`` is the operating mode and does not matter here."""

    type: Text = ""
    timestamp: Time
    data: Heard
    topic: Text = ""
    serial: Text = Field(default="", validation_alias=AliasChoices("serial", "serialNumber", "deviceId"))

    def told_names(self) -> Names:
        """What the message says of who sent it, the surest first; any may be empty."""
        return (self.serial, self.data.mac, self.data.host_name, self.topic)


_EVENTS: Records[ZebraEvent] = Records(ZebraEvent)


class ZebraDialect:
    """Tag data of Zebra readers."""

    name = "rfid_zebra"

    def claims(self, head: bytes) -> bool:
        return any(mark in head for mark in _MARKS)

    def decode(self, value: bytes) -> RfidReport | RejectedReading:
        try:
            return _report(_EVENTS.items(value))
        except RejectedReading as rejected:
            return rejected


def _report(results: list[ZebraEvent | RejectedReading]) -> RfidReport:
    readers: dict[Names, list[Read]] = {}
    rejections: list[RejectedReading] = []
    for place, result in enumerate(results):
        if isinstance(result, RejectedReading):
            rejections.append(result)
            continue
        told = result.told_names()
        if any(told):
            _hear(result.data, result.timestamp, readers.setdefault(told, []))
        else:
            rejections.append(_nameless(f"[{place}].serial"))
    return RfidReport(tuple(Batch(_names(told), reads) for told, reads in readers.items()), tuple(rejections))


def _names(told: Names) -> tuple[str, ...]:
    """The names that are told, each once; of an MQTT topic the last part is the handheld's serial."""
    *names, topic = told
    return tuple(dict.fromkeys(name for name in (*names, topic.rpartition("/")[2]) if name))


def _nameless(field: str) -> RejectedReading:
    message = f"{field}: no serial, MAC, hostName or topic says which reader this is"
    return RejectedReading("missing_field", message, field=field)


def _hear(heard: Heard, at: datetime, reads: list[Read]) -> None:
    reads += [Read(tag.epc, None, tag.peak_rssi, at, tag.seen_count) for tag in heard.tag_data or ()]
    if heard.id_hex is not None:
        reads.append(Read(heard.id_hex, heard.antenna, heard.peak_rssi, at, heard.reads))


DIALECT = ZebraDialect()
