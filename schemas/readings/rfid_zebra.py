"""Zebra readers: fixed ones with IoT Connector (FX7500, FX9600, ATR7000, FXR90), handheld RFD40 and RFD90.

A message holds one object, a list, or objects one after another without a
delimiter. Handhelds (``dataEVT``) name themselves only in the MQTT topic: the
bridge has to put it into the message as ``topic`` or ``serial``.
"""

from datetime import datetime

from pydantic import AliasChoices, Field

from schemas.errors import RejectedReading
from schemas.readings.decoding import Records, json_items
from schemas.readings.fields import Level, Name, Number, Quantity, Reading, Text, Time
from schemas.readings.rfid_batch import RfidBatch, RfidReport, TagRead

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
    topic: str = ""
    serial: Text = Field(default="", validation_alias=AliasChoices("serial", "serialNumber", "deviceId"))

    def names(self) -> tuple[str, ...]:
        """Every name the reader goes by in this message, the surest first."""
        last_of_topic = self.topic.rpartition("/")[2][:200]
        names = (self.serial, self.data.mac, self.data.host_name, last_of_topic)
        return tuple(dict.fromkeys(name for name in names if name))


_EVENTS: Records[ZebraEvent] = Records(ZebraEvent)


class ZebraDialect:
    """Tag data of Zebra readers."""

    name = "rfid_zebra"

    def claims(self, head: bytes) -> bool:
        return any(mark in head for mark in _MARKS)

    def decode(self, value: bytes) -> RfidReport | RejectedReading:
        try:
            items = json_items(value)
        except RejectedReading as rejected:
            return rejected
        return _report([_EVENTS.part(item, f"[{place}].") for place, item in enumerate(items)])


def _report(results: list[ZebraEvent | RejectedReading]) -> RfidReport:
    readers: dict[tuple[str, ...], list[TagRead]] = {}
    rejections: list[RejectedReading] = []
    for place, result in enumerate(results):
        if isinstance(result, RejectedReading):
            rejections.append(result)
        elif not result.names():
            field = f"[{place}].serial"
            message = f"{field}: no serial, MAC, hostName or topic says which reader this is"
            rejections.append(RejectedReading("missing_field", message, field=field))
        else:
            readers.setdefault(result.names(), []).extend(_reads(result.data, result.timestamp))
    batches = [RfidBatch(reader=names[0], aliases=names[1:], reads=tuple(reads)) for names, reads in readers.items()]
    return RfidReport(tuple(batches), tuple(rejections))


def _reads(heard: Heard, at: datetime) -> list[TagRead]:
    tags = [
        TagRead(epc=tag.epc, rssi_dbm=tag.peak_rssi, seen_at=at, reads=tag.seen_count) for tag in heard.tag_data or ()
    ]
    if heard.id_hex is not None:
        tags.append(
            TagRead(epc=heard.id_hex, antenna=heard.antenna, rssi_dbm=heard.peak_rssi, seen_at=at, reads=heard.reads)
        )
    return tags


DIALECT = ZebraDialect()
