"""Signals and heartbeats."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.observations import Signal
from schemas.readings import Meaning

Understand = Callable[[str, Any], Meaning]

SIGNALS = "readings.signals"
AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z


def signal(name: str = "rain", **more: Any) -> dict[str, Any]:
    return {"name": name, "value": 2.5, "occurred_at": "2026-11-20T10:00:00Z", **more}


@pytest.mark.parametrize(
    ("record", "to", "expected"),
    [
        (signal(), None, Signal("rain", 2.5, AT_MS)),
        (signal(location="store-1"), None, Signal("rain", 2.5, AT_MS, location="S1")),
        (signal(style="SHIRT"), "SHIRT", Signal("rain", 2.5, AT_MS, style="SHIRT")),
        (signal(item_id="shirt m"), "SHIRT", Signal("rain", 2.5, AT_MS, style="SHIRT", sku="SHIRT-M")),
        (signal(until="2026-11-20T10:00:01Z"), None, Signal("rain", 2.5, AT_MS, until_ms=AT_MS + 1000)),
        (signal("clock", location="S1"), None, Signal("clock", 2.5, AT_MS, location="S1")),
    ],
)
def test_a_signal_goes_where_it_belongs(
    understand: Understand, record: dict[str, Any], to: str | None, expected: Signal
) -> None:
    meaning = understand(SIGNALS, record)
    assert [(routed.style, routed.observation) for routed in meaning.observations] == [(to, expected)]
    assert meaning.latest_ms == AT_MS


def test_a_clock_without_a_place_only_moves_time(understand: Understand) -> None:
    heartbeat = {"name": "clock", "occurred_at": "2026-11-20T10:00:00Z"}
    assert understand(SIGNALS, heartbeat) == Meaning(latest_ms=AT_MS)


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        (signal(location="NO"), "unknown_location", "location"),
        (signal(item_id="NO"), "unknown_item", "item_id"),
        (signal(item_id="SHIRT-M", style="JEANS"), "conflicting_fields", "style"),
        ({"name": "rain", "occurred_at": "2026-11-20T10:00:00Z"}, "missing_field", "value"),
        (signal(value="wet"), "invalid_value", "value"),
        (signal(value=float("nan")), "invalid_value", "value"),
        (signal(name=""), "invalid_value", "name"),
        (signal(until="2026-11-21"), "naive_time", "until"),
    ],
)
def test_a_signal_that_is_about_nothing_known_is_rejected(
    understand: Understand, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(SIGNALS, record)
    assert meaning.observations == []
    assert [(rejected.reason, rejected.field) for rejected in meaning.rejections] == [(reason, field)]
