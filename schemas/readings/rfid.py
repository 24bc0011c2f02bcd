"""RFID readers (topic ``readings.rfid``): what any reader's report means.

A read is evidence and moves no stock. Repeated reads of a tag collapse within
one raw message only, per zone: how the log falls into messages must not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import Epc, event_key, read_epc
from schemas.observations import DeviceReported, ItemsSeen, TagSeen
from schemas.readings.dialects import Dialects
from schemas.readings.fields import milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.readings.rfid_batch import Batch, NeutralDialect, Read, RfidReport, TagRead
from schemas.reference import Device, Item


class RfidFormat:
    """Reports of RFID readers, in any dialect."""

    name = "rfid"
    topic = topics.RFID

    def __init__(self) -> None:
        self.dialects: Dialects[RfidReport] = Dialects("rfid_", NeutralDialect())

    def decode(self, values: Sequence[bytes]) -> list[RfidReport | RejectedReading]:
        return self.dialects.decode(values)

    def interpret(self, reading: RfidReport, catalogue: Catalogue) -> Meaning:
        meaning = Meaning(rejections=[*reading.rejections])
        for batch in reading.batches:
            _Reader(batch, catalogue, meaning).interpret()
        return meaning


@dataclass(slots=True)
class _Heard:
    """One tag in one zone while the reads of a message are gone through."""

    epc: Epc
    text: str
    zone: str
    reads: int
    peak_rssi_dbm: float | None
    first_ms: int
    last_ms: int
    antenna: int | None

    def again(self, read: TagRead | Read, at_ms: int) -> None:
        """Another read; the antenna is that of the strongest one."""
        self.reads += read.reads
        self.first_ms = min(self.first_ms, at_ms)
        self.last_ms = max(self.last_ms, at_ms)
        rssi = read.rssi_dbm
        if rssi is not None and (self.peak_rssi_dbm is None or rssi > self.peak_rssi_dbm):
            self.peak_rssi_dbm = rssi
            self.antenna = read.antenna

    def seen(self) -> TagSeen:
        return TagSeen(self.epc.id, self.reads, self.peak_rssi_dbm, self.first_ms, self.last_ms, self.antenna)


class _Reader:
    """Goes through the report of one reader."""

    def __init__(self, batch: Batch, catalogue: Catalogue, meaning: Meaning) -> None:
        self._batch = batch
        self._catalogue = catalogue
        self._meaning = meaning
        self._read_at_ms = 0 if batch.read_at is None else milliseconds(batch.read_at)
        self._read_ms = [self._ms(read.seen_at) for read in batch.reads]
        self._event_ms = [self._ms(event.at) for event in batch.events]

    def interpret(self) -> None:
        """Add what the report means to the meaning."""
        self._note_time()
        device = self._device()
        location = None if device is None else self._catalogue.location(device.location)
        if device is None:
            self._reject("unknown_device", "reader", ", ".join(self._batch.names), "is no known reader")
        elif location is None:
            self._reject("unknown_location", "reader", device.location, "where the reader stands is no known location")
        else:
            self._say_what_was_seen(device, location.location)
            self._say_what_it_did(device, location.location)

    def _ms(self, time: datetime | None) -> int:
        return self._read_at_ms if time is None else milliseconds(time)

    def _note_time(self) -> None:
        times = [time for time in (*self._read_ms, *self._event_ms, self._read_at_ms) if time]
        if times:
            self._meaning.latest_ms = max(*times, self._meaning.latest_ms or 0)

    def _device(self) -> Device | None:
        for name in self._batch.names:
            device = self._catalogue.device(name)
            if device is not None:
                return device
        return None

    def _say_what_was_seen(self, device: Device, location: str) -> None:
        strangers: dict[str, _Heard] = {}
        groups: dict[tuple[str, str], tuple[Item, list[TagSeen]]] = {}
        for heard in self._collapsed(device):
            item = self._catalogue.item_of_tag(heard.epc)
            if item is None:
                strangers.setdefault(heard.epc.id, heard)
                continue
            groups.setdefault((item.sku, heard.zone), (item, []))[1].append(heard.seen())
        for (_, zone), (item, tags) in groups.items():
            self._meaning.observations.append(Routed(item.style, _items_seen(device, location, zone, item, tags)))
        self._reject_strangers([heard for heard in strangers.values() if heard.epc.reason != "epc_other_key"])

    def _collapsed(self, device: Device) -> Iterable[_Heard]:
        zones, elsewhere = device.antenna_zones, device.zone
        tags: dict[tuple[str, str], _Heard] = {}
        for read, at_ms in zip(self._batch.reads, self._read_ms, strict=True):
            epc = read_epc(read.epc)
            zone = elsewhere if read.antenna is None else zones.get(read.antenna, elsewhere)
            heard = tags.get((epc.id, zone))
            if heard is None:
                tags[epc.id, zone] = _Heard(epc, read.epc, zone, read.reads, read.rssi_dbm, at_ms, at_ms, read.antenna)
            else:
                heard.again(read, at_ms)
        return tags.values()

    def _say_what_it_did(self, device: Device, location: str) -> None:
        for event, at_ms in zip(self._batch.events, self._event_ms, strict=True):
            antenna = -1 if event.antenna is None else event.antenna
            report = DeviceReported(
                location=location,
                zone=device.antenna_zones.get(antenna, device.zone),
                device=device.device,
                kind="reader",
                event=event.event,
                occurred_at_ms=at_ms,
                section=event.section,
                tags_heard=event.tags_heard,
            )
            self._meaning.observations.append(Routed(None, report))

    def _reject_strangers(self, strangers: list[_Heard]) -> None:
        for heard in strangers:
            epc = heard.epc
            if epc.gtin is None:
                self._reject(epc.reason, "epc", heard.text, f"is no item's tag: {epc.problem}")
            else:
                self._reject("unknown_item", "epc", heard.text, f"no item has GTIN {epc.gtin}")

    def _reject(self, reason: str, field: str, value: str | int, problem: str) -> None:
        self._meaning.rejections.append(
            RejectedReading(reason, f"{field} {value}: {problem}", field=field, value=value)
        )


def _items_seen(device: Device, location: str, zone: str, item: Item, tags: list[TagSeen]) -> ItemsSeen:
    first_ms = min([tag.first_seen_at_ms for tag in tags])
    last_ms = max([tag.last_seen_at_ms for tag in tags])
    key = event_key("rfid", device.device, zone, item.sku, first_ms, last_ms, *[tag.epc for tag in tags])
    return ItemsSeen(key, location, item.sku, item.style, zone, device.device, last_ms, tuple(tags))


FORMAT = RfidFormat()
