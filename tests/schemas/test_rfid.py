"""RFID reports in every reader's dialect, and what they mean."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.identifiers import encode_sgtin96
from schemas.observations import DeviceReported, ItemsSeen, TagSeen
from schemas.readings import Meaning
from schemas.readings.rfid import FORMAT

Understand = Callable[[str, Any], Meaning]

RFID = "readings.rfid"
AT = "2026-11-20T10:00:00.000Z"
AT_MS = 1_795_168_800_000
M1, M2 = (encode_sgtin96("80614141123458", 7, serial) for serial in (1, 2))
L1 = encode_sgtin96("80614141123465", 7, 1)


def at(seconds: int) -> str:
    return f"2026-11-20T10:00:{seconds:02}Z"


def tag(gtin: str, serial: int) -> str:
    return f"(01){gtin}(21){serial}"


def seen(meaning: Meaning) -> list[ItemsSeen]:
    return [routed.observation for routed in meaning.observations if isinstance(routed.observation, ItemsSeen)]


def reported(meaning: Meaning) -> list[DeviceReported]:
    assert all(
        routed.style is None for routed in meaning.observations if isinstance(routed.observation, DeviceReported)
    )
    return [routed.observation for routed in meaning.observations if isinstance(routed.observation, DeviceReported)]


def reasons(meaning: Meaning) -> list[tuple[str, str]]:
    return [(rejected.reason, rejected.field) for rejected in meaning.rejections]


def test_repeated_reads_of_a_tag_collapse_within_a_message(understand: Understand) -> None:
    reads = [
        {"epc": M1, "antenna": 1, "rssi_dbm": -60, "seen_at": at(3)},
        {"epc": M1.lower(), "antenna": 3, "rssi_dbm": -50, "seen_at": at(1)},
        {"epc": "urn:epc:id:sgtin:0614141.812345.1", "seen_at": at(5)},
        {"epc": M2, "antenna": 1, "seen_at": at(2), "reads": 4},
    ]
    meaning = understand(RFID, {"reader": "R1", "reads": reads})
    (items,) = seen(meaning)
    assert (items.location, items.sku, items.zone, items.reader) == ("S1", "SHIRT-M", "sales_floor", "R1")
    assert items.tags == (
        TagSeen(tag("80614141123458", 1), 3, -50, AT_MS + 1000, AT_MS + 5000, 3),
        TagSeen(tag("80614141123458", 2), 4, None, AT_MS + 2000, AT_MS + 2000, 1),
    )
    assert items.occurred_at_ms == meaning.latest_ms == AT_MS + 5000


def test_reads_are_grouped_by_item_and_by_the_antennas_zone(understand: Understand) -> None:
    reads = [{"epc": M1, "antenna": 1}, {"epc": M1, "antenna": 2}, {"epc": L1, "antenna": 2}, {"epc": M2, "antenna": 2}]
    groups = seen(understand(RFID, {"reader": "R1", "read_at": AT, "reads": reads}))
    assert [(group.sku, group.zone, len(group.tags)) for group in groups] == [
        ("SHIRT-M", "sales_floor", 1),
        ("SHIRT-M", "back_room", 2),
        ("SHIRT-L", "back_room", 1),
    ]
    assert len({group.key for group in groups}) == 3


def test_the_key_is_of_what_was_heard(understand: Understand) -> None:
    def key(*reads: dict[str, Any], reader: str = "R1") -> int:
        return seen(understand(RFID, {"reader": reader, "read_at": AT, "reads": reads}))[0].key

    assert key({"epc": M1}) == key({"epc": M1.lower()})
    assert (
        len({key({"epc": M1}), key({"epc": M2}), key({"epc": M1}, {"epc": M2}), key({"epc": M1, "seen_at": at(1)})})
        == 4
    )


def test_what_a_reader_did_goes_everywhere(understand: Understand) -> None:
    events = [
        {"event": "sweep_started", "at": at(1)},
        {"event": "section_read", "section": "A3", "antenna": 2, "tags_heard": 7},
    ]
    meaning = understand(RFID, {"reader": "R1", "read_at": AT, "events": events})
    assert reported(meaning) == [
        DeviceReported("S1", "sales_floor", "R1", "reader", "sweep_started", AT_MS + 1000),
        DeviceReported("S1", "back_room", "R1", "reader", "section_read", AT_MS, "A3", 7),
    ]
    assert meaning.latest_ms == AT_MS + 1000


@pytest.mark.parametrize(
    ("reader", "reason", "value"), [("R-new", "unknown_device", "R-new"), ("R-lost", "unknown_location", "nowhere")]
)
def test_a_reader_that_stands_nowhere_is_rejected(understand: Understand, reader: str, reason: str, value: str) -> None:
    meaning = understand(RFID, {"reader": reader, "read_at": AT, "reads": [{"epc": M1}]})
    assert meaning.observations == []
    assert reasons(meaning) == [(reason, "reader")]
    assert meaning.rejections[0].value == value
    assert meaning.latest_ms == AT_MS


def test_an_unknown_tag_is_rejected_once_and_others_count(understand: Understand) -> None:
    foreign = encode_sgtin96("04006381333931", 7, 5)
    blank = "E28011606000020477A5D1B6"
    pallet = "3174257BF4499602D2000000"
    reads = [{"epc": epc} for epc in (foreign, M1, foreign, blank, pallet, blank, "not hex")]
    meaning = understand(RFID, {"reader": "R1", "read_at": AT, "reads": reads})
    assert [group.sku for group in seen(meaning)] == ["SHIRT-M"]
    assert [(rejected.reason, rejected.value) for rejected in meaning.rejections] == [
        ("unknown_item", foreign),
        ("epc_unprogrammed", blank),
        ("epc_not_hex", "not hex"),
    ]
    assert {field for _, field in reasons(meaning)} == {"epc"}


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        ({"reader": "R1", "reads": [{"epc": M1}]}, "missing_field", "reads[0].seen_at"),
        ({"reader": "R1", "events": [{"event": "heartbeat"}]}, "missing_field", "events[0].at"),
        ({"reader": "R1", "events": [{"event": "exploded", "at": AT}]}, "invalid_value", "events[0].event"),
        ({"reader": "", "read_at": AT}, "invalid_value", "reader"),
        ({"reader": "R1", "read_at": "2000-01-01T00:00:04Z"}, "clock_unset", "read_at"),
        (
            {"reader": "R1", "reads": [{"epc": M1, "seen_at": "1970-01-01T00:00:00Z"}]},
            "clock_unset",
            "reads[0].seen_at",
        ),
        ({"reader": "R1", "reads": [{"epc": M1, "seen_at": "2026-11-20T10:00:00"}]}, "naive_time", "reads[0].seen_at"),
    ],
)
def test_a_report_that_does_not_fit_is_rejected(
    understand: Understand, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(RFID, record)
    assert meaning.observations == []
    assert reasons(meaning) == [(reason, field)]


def test_a_bad_read_is_a_rejection_of_its_own(understand: Understand) -> None:
    meaning = understand(RFID, {"reader": "R1", "read_at": AT, "reads": [{"epc": M1}, {"epc": None}, {"epc": M2}]})
    assert len(seen(meaning)[0].tags) == 2
    assert reasons(meaning) == [("invalid_value", "reads[1].epc")]


def impinj(kind: str = "tagInventory", **more: Any) -> dict[str, Any]:
    return {"timestamp": AT, "hostname": "R1", "eventType": kind, **more}


# 30 74 25 7B F7 19 4E 40 00 00 1A 85 in base64: MHQl e/cZ TkAA ABqF; in the URL-safe alphabet "_" for "/"
STANDARD_TAG = TagSeen(tag("80614141123458", 6789), 1, -51.5, AT_MS, AT_MS, 2)


@pytest.mark.parametrize(
    "epc", [{"epc": "MHQle/cZTkAAABqF"}, {"epc": "MHQle_cZTkAAABqF"}, {"epcHex": "3074257BF7194E4000001A85"}]
)
@pytest.mark.parametrize("written", ["one", "list", "lines"])
def test_impinj_reports(understand: Understand, epc: dict[str, str], written: str) -> None:
    event = impinj(tagInventoryEvent={**epc, "antennaPort": 2, "peakRssiCdbm": -5150, "frequency": 865700})
    text = json.dumps(event).encode()
    value = {"one": text, "list": b"[" + text + b"]", "lines": text + b"\r\n"}[written]
    (items,) = seen(understand(RFID, value))
    assert (items.zone, items.tags) == ("back_room", (STANDARD_TAG,))


def test_impinj_lines_and_the_readers_own_events(understand: Understand) -> None:
    events = [
        impinj("inventoryStatus", inventoryStatusEvent={"inventoryStatus": "running"}),
        impinj("inventoryStatus", inventoryStatusEvent={"inventoryStatus": "idle"}),
        impinj("inventoryStatus", inventoryStatusEvent={"inventoryStatus": "armed"}),
        impinj("antennaConnected", antennaConnectedEvent={"antennaPort": 2, "antennaName": "Door"}),
        impinj("antennaDisconnected", antennaDisconnectedEvent={"antennaPort": 1}),
        impinj("overflow", overflowEvent={}),
        impinj("gpiTransition"),
    ]
    meaning = understand(RFID, "\n".join(map(json.dumps, events)).encode())
    assert [(event.event, event.zone, event.section) for event in reported(meaning)] == [
        ("connected", "sales_floor", "inventory running"),
        ("disconnected", "sales_floor", "inventory idle"),
        ("heartbeat", "sales_floor", "inventory armed"),
        ("connected", "back_room", "Door"),
        ("disconnected", "sales_floor", "antenna 1"),
        ("overflow", "sales_floor", ""),
    ]
    assert meaning.rejections == []


def test_an_impinj_keep_alive_means_nothing(understand: Understand) -> None:
    assert understand(RFID, b"[]") == Meaning()


def test_a_bad_impinj_event_is_a_rejection_of_its_own(understand: Understand) -> None:
    events = [
        impinj(tagInventoryEvent={"epcHex": M1}),
        impinj(tagInventoryEvent={"epc": "?"}),
        impinj(tagInventoryEvent={}),
        {"eventType": "tagInventory", "timestamp": AT},
        impinj(tagInventoryEvent={"epcHex": M2}) | {"timestamp": "2000-01-01T00:00:10Z"},
    ]
    meaning = understand(RFID, events)
    assert [len(items.tags) for items in seen(meaning)] == [1]
    assert sorted(reasons(meaning)) == [
        ("clock_unset", "[4].timestamp"),
        ("invalid_value", "[1].tagInventoryEvent.epc"),
        ("missing_field", "[2].tagInventoryEvent.epc"),
        ("missing_field", "[3].hostname"),
    ]


def zebra(epc: str = M1, **more: Any) -> dict[str, Any]:
    heard = {"idHex": epc, "antenna": 2, "peakRssi": -52, "reads": 3, "MAC": "R1", "eventNum": 1, **more}
    return {"type": "SIMPLE", "timestamp": "2026-11-20T11:00:00.000+0100", "data": heard}


@pytest.mark.parametrize("glue", ["", "\n", "list"])
def test_zebra_objects_may_stand_in_a_list_or_side_by_side(understand: Understand, glue: str) -> None:
    objects = [json.dumps(zebra()), json.dumps(zebra(peakRssi=-40))]
    text = f"[{','.join(objects)}]" if glue == "list" else glue.join(objects)
    (items,) = seen(understand(RFID, text.encode()))
    assert items.zone == "back_room"
    assert items.tags == (TagSeen(tag("80614141123458", 1), 6, -40, AT_MS, AT_MS, 2),)


def test_a_zebra_reader_may_be_registered_by_mac_or_by_name(understand: Understand) -> None:
    for names in ({"MAC": "c4:7d:cc"} | {"hostName": "R1"}, {"MAC": "R1", "hostName": "FX9600"}):
        assert len(seen(understand(RFID, zebra(**names)))) == 1
    unknown = understand(RFID, zebra(MAC="c4:7d:cc"))
    assert reasons(unknown) == [("unknown_device", "reader")]


def test_a_zebra_handheld_is_named_by_its_topic(understand: Understand) -> None:
    report = {
        "type": "BALANCED_PERFORMANCE",
        "timestamp": "2026-11-20T10:00:00.000+0000",
        "data": {"tagData": [{"EPCid": M1, "peakRssi": -52, "seenCount": 3}, {"EPC": L1, "peakRssi": -60}]},
    }
    named = understand(RFID, report | {"topic": "tenant/DATA/clients/data1event/R1"})
    assert [(items.sku, items.tags[0].reads) for items in seen(named)] == [("SHIRT-M", 3), ("SHIRT-L", 1)]
    assert reasons(understand(RFID, report)) == [("missing_field", "[0].serial")]


def test_a_torn_message_is_rejected(understand: Understand) -> None:
    torn = json.dumps(zebra()) + json.dumps(zebra())[:-9]
    assert reasons(understand(RFID, torn.encode())) == [("invalid_json", "")]


@pytest.mark.parametrize(
    ("record", "dialect"),
    [
        ({"reader": "R1", "reads": []}, "rfid_batch"),
        (impinj(), "rfid_impinj"),
        ([], "rfid_impinj"),
        (zebra(), "rfid_zebra"),
        ({"nobody": 1}, "rfid_batch"),
    ],
)
def test_every_message_goes_to_the_dialect_it_is_in(record: Any, dialect: str) -> None:
    assert FORMAT.dialects.spoken_in(json.dumps(record).encode()).name == dialect
