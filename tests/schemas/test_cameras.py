"""Camera reports in every dialect, and that nobody's identity gets in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.observations import QuantityMeasured, Signal
from schemas.readings import Meaning
from schemas.readings.camera import FORMAT

Understand = Callable[[str, Any], Meaning]

CAMERAS = "readings.cameras"
AT = "2026-11-20T10:00:00Z"
AT_MS = 1_795_168_800_000


def detections(*facings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"camera": "C1", "detected_at": AT, "facings": list(facings), **more}


def facing(count: Any = 3, **more: Any) -> dict[str, Any]:
    return {"facing": "F1", "item_id": "SHIRT-M", "count": count, **more}


def said(meaning: Meaning) -> list[Any]:
    return [routed.observation for routed in meaning.observations]


def reasons(meaning: Meaning) -> list[tuple[str, str]]:
    return [(rejected.reason, rejected.field) for rejected in meaning.rejections]


def test_a_facing_is_a_measurement(understand: Understand) -> None:
    meaning = understand(CAMERAS, detections(facing(3, capacity=8, confidence=0.9, occlusion=0.25)))
    (measured,) = said(meaning)
    assert measured == QuantityMeasured(
        key=measured.key,
        location="S1",
        sku="SHIRT-M",
        style="SHIRT",
        source="camera",
        quantity=3,
        occurred_at_ms=AT_MS,
        zone="sales_floor",
        device="C1",
        facing="F1",
        confidence=0.9,
        occlusion=0.25,
        capacity=8,
    )
    assert (meaning.latest_ms, meaning.observations[0].style) == (AT_MS, "SHIRT")


@pytest.mark.parametrize(
    ("more", "gap"), [({}, True), ({"gap": False}, False), ({"count": 2}, False), ({"count": 2, "gap": True}, True)]
)
def test_an_empty_facing_is_a_gap_unless_told(understand: Understand, more: dict[str, Any], gap: bool) -> None:
    (measured,) = said(understand(CAMERAS, detections(facing(0) | more)))
    assert measured.gap is gap


def test_each_facing_stands_for_itself(understand: Understand) -> None:
    meaning = understand(
        CAMERAS,
        detections(facing(1), facing(item_id="NOBODY"), facing(-1), facing(confidence=1.5), facing(2, facing="F2")),
    )
    assert [measured.quantity for measured in said(meaning)] == [1, 2]
    assert len({measured.key for measured in said(meaning)}) == 2
    assert sorted(reasons(meaning)) == [
        ("invalid_value", "facings[2].count"),
        ("invalid_value", "facings[3].confidence"),
        ("unknown_item", "facings[1].item_id"),
    ]


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (detections(facing(), camera="C9"), "unknown_device", "camera"),
        (detections(facing(), camera="R-lost"), "unknown_location", "camera"),
        (detections(facing(), detected_at="2026-11-20T10:00:00"), "naive_time", "detected_at"),
        ({"camera": "C1", "detected_at": AT}, "missing_field", "facings"),
    ],
)
def test_a_report_that_cannot_be_placed_is_rejected(
    understand: Understand, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(CAMERAS, record)
    assert said(meaning) == []
    assert reasons(meaning) == [(reason, field)]


FOOTFALL = Signal("footfall", 12, AT_MS, location="S1")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"UtcTime": AT, "camera": "C1", "Data": {"Count": 12}}, [FOOTFALL]),
        ({"UtcTime": AT, "Source": {"VideoSource": "C1", "Rule": "Door"}, "Data": {"Count": "12"}}, [FOOTFALL]),
        (
            {
                "UtcTime": AT,
                "topic": "shop/C1/onvif-ej/RuleEngine/CountAggregation/Counter",
                "Source": {"SimpleItem": [{"Name": "VideoSource", "Value": "1"}]},
                "Data": {"SimpleItem": [{"Name": "Count", "Value": "12"}]},
            },
            [FOOTFALL],
        ),
        ({"UtcTime": AT, "camera": "C1", "Data": {"ObjectId": "7"}}, [Signal("footfall", 1, AT_MS, location="S1")]),
        (
            {"UtcTime": AT, "camera": "C1", "Source": {"Rule": "OccupancyCounter"}, "Data": {"Count": 12}},
            [Signal("occupancy", 12, AT_MS, location="S1")],
        ),
        ({"UtcTime": AT, "camera": "C1", "Data": {"State": True}}, []),
    ],
)
def test_onvif_counts(understand: Understand, record: dict[str, Any], expected: list[Signal]) -> None:
    meaning = understand(CAMERAS, record)
    assert said(meaning) == expected
    assert meaning.rejections == []


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        ({"UtcTime": AT, "camera": "C1", "Data": {"Count": "many"}}, "invalid_value", "Data.Count"),
        ({"UtcTime": AT, "camera": "C1", "Data": {"Count": -1}}, "invalid_value", "Data.Count"),
        ({"UtcTime": AT, "Data": {"Count": 1}}, "missing_field", "camera"),
        ({"UtcTime": "2026-11-20T10:00:00", "camera": "C1", "Data": {"Count": 1}}, "naive_time", "UtcTime"),
    ],
)
def test_onvif_counts_that_cannot_be_used(
    understand: Understand, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(CAMERAS, record)
    assert said(meaning) == []
    assert reasons(meaning) == [(reason, field)]


def frame(*objects: Any) -> dict[str, Any]:
    return {"version": "4.0", "id": "1", "@timestamp": AT, "sensorId": "C1", "objects": list(objects)}


def deepstream(kind: str, **what: Any) -> dict[str, Any]:
    return {"@timestamp": AT, "sensor": {"id": "C1"}, "object": {"id": "7", **what}, "event": {"type": kind}}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            frame("1|0|0|1|1|Person|x", "2|0|0|1|1|Bag", {"id": 3, "person": {}}, {"type": "Person"}, 4),
            ("occupancy", 3),
        ),
        (frame(), ("occupancy", 0)),
        (deepstream("entry", person={"age": 30}), ("footfall", 1)),
        (deepstream("exit", person={}), None),
        (deepstream("entry", vehicle={}), None),
    ],
)
def test_deepstream_in_both_schemas(understand: Understand, record: dict[str, Any], expected: Any) -> None:
    meaning = understand(CAMERAS, record)
    assert [(signal.name, signal.value) for signal in said(meaning)] == ([expected] if expected else [])
    assert meaning.rejections == []


def test_deepstream_without_a_sensor_is_rejected(understand: Understand) -> None:
    record = frame()
    del record["sensorId"]
    assert reasons(understand(CAMERAS, record)) == [("missing_field", "sensor.id")]


def frigate(kind: str, before: list[str] | None, after: list[str], label: str = "person") -> dict[str, Any]:
    tracked = {"id": "a", "camera": "C1", "label": label, "start_time": 1_795_168_800.0}
    return {
        "type": kind,
        "before": None if before is None else {**tracked, "entered_zones": before},
        "after": {**tracked, "entered_zones": after},
    }


@pytest.mark.parametrize(
    ("record", "people"),
    [
        (frigate("update", [], ["door"]), 1),
        (frigate("new", ["door"], ["door"]), 1),
        (frigate("new", None, ["door"]), 1),
        (frigate("update", ["door"], ["door", "aisle"]), 0),
        (frigate("end", ["door"], ["door"]), 0),
        (frigate("update", [], []), 0),
        (frigate("update", [], ["door"], label="dog"), 0),
    ],
)
def test_a_person_counts_once_in_frigate(understand: Understand, record: dict[str, Any], people: int) -> None:
    meaning = understand(CAMERAS, record)
    assert said(meaning) == [Signal("footfall", 1, AT_MS, location="S1")] * people
    assert meaning.rejections == []


IDENTITY = {"sub_label": "SECRET", "thumbnail": "SECRET", "plate": "SECRET", "recognized_license_plate": "SECRET"}


@pytest.mark.parametrize(
    "record",
    [
        {**frigate("update", [], ["door"]), "after": {**frigate("new", [], ["door"])["after"], **IDENTITY}},
        detections({**facing(), **IDENTITY}, **IDENTITY),
        detections({**IDENTITY, "facing": "F1"}),
        deepstream("entry", person={"face": "SECRET"}),
        frame("1|0|0|1|1|Person|SECRET"),
        {"UtcTime": AT, "camera": "C1", "Data": {"ObjectId": "7", "Face": "SECRET"}},
    ],
)
def test_nobodys_identity_gets_through(understand: Understand, record: dict[str, Any]) -> None:
    meaning = understand(CAMERAS, record)
    rejected = [vars(rejection) for rejection in meaning.rejections]
    assert "SECRET" not in repr((meaning.observations, rejected))


@pytest.mark.parametrize(
    ("record", "dialect"),
    [
        (detections(), "camera_batch"),
        (frame(), "camera_deepstream"),
        (frigate("new", None, []), "camera_frigate"),
        ({"UtcTime": AT}, "camera_onvif"),
    ],
)
def test_every_message_goes_to_the_dialect_it_is_in(record: Any, dialect: str) -> None:
    assert FORMAT.dialects.spoken_in(json.dumps(record).encode()).name == dialect
