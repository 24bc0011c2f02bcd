"""Signals and heartbeats."""

import doctest
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies

from schemas import signal_names
from schemas.observations import Signal
from schemas.readings import Meaning
from schemas.signal_names import FLAGS, RESERVED, meant_by

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
        (signal("close"), "mistyped_name", "name"),
        ({"name": "Clock", "value": 0, "occurred_at": "2026-11-20T10:00:00Z"}, "mistyped_name", "name"),
    ],
)
def test_a_signal_that_is_about_nothing_known_is_rejected(
    understand: Understand, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(SIGNALS, record)
    assert meaning.observations == []
    assert [(rejected.reason, rejected.field) for rejected in meaning.rejections] == [(reason, field)]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("promotion", 20, "value: '20' is no share off the price: 20 % is 0.2"),
        ("promotion", -0.2, "value: '-0.2' is no share off the price"),
        ("promotion_uplift", 0, "value: '0' is no promotion_uplift: it has to be more than 0"),
        ("price", -5, "value: '-5' is no price: it has to be more than 0"),
        ("price", 0, "value: '0' is no price"),
    ],
)
def test_a_value_that_means_nothing_under_its_name_is_rejected(
    understand: Understand, name: str, value: float, words: str
) -> None:
    meaning = understand(SIGNALS, signal(name, value=value, style="SHIRT"))
    assert meaning.observations == []
    (rejected,) = meaning.rejections
    assert (rejected.reason, rejected.field) == ("invalid_value", "value")
    assert rejected.message.startswith(words)


@pytest.mark.parametrize(
    ("name", "value"),
    [("promotion", 0), ("promotion", 0.2), ("promotion", 1), ("promotion_uplift", 0.5), ("price", 0.01), ("rain", -5)],
)
def test_a_value_that_means_something_under_its_name_passes(understand: Understand, name: str, value: float) -> None:
    meaning = understand(SIGNALS, signal(name, value=value, style="SHIRT"))
    assert [routed.observation for routed in meaning.observations] == [Signal(name, value, AT_MS, style="SHIRT")]


def test_a_price_is_taken_back_with_any_value(understand: Understand) -> None:
    back = signal("price", value=0, style="SHIRT", starts_at="2026-11-25T00:00:00Z", until="2026-11-24T00:00:00Z")
    assert understand(SIGNALS, back).rejections == []
    assert understand(SIGNALS, back | {"until": "2026-11-26T00:00:00Z"}).rejections != []


def test_the_dead_letter_of_a_mistyped_name_says_what_was_meant(understand: Understand) -> None:
    (rejected,) = understand(SIGNALS, signal("Closed", location="S1")).rejections
    assert (rejected.field, rejected.value) == ("name", "Closed")
    assert rejected.message.startswith("name: 'Closed' looks like 'closed', which")


@pytest.mark.parametrize(
    "name",
    [
        *(*RESERVED, *FLAGS, "events", "campaign_xmas", "holiday-inn", "eventually", "promotion_window_display"),
        *("temperature_celsius", "footfall", "rain", "close_to_metro", "price_index", "clocks_sold", "ice", "dose"),
        *("even_week", "rice", "prize", "price_1", "lock", "click", "vent_position", "promoter_score"),
    ],
)
def test_names_that_stand_for_themselves_are_taken(name: str) -> None:
    assert meant_by(name) == ""


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("prices", "price"),
        (" price", "price"),
        ("PROMOTION", "promotion"),
        ("promotions", "promotion"),
        ("promotion-uplift", "promotion_uplift"),
        ("promotionuplifts", "promotion_uplift"),
        ("cloesd", "closed"),
        ("Holiday_local", "holiday_local"),
        ("holyday", "holiday"),
        ("campain xmas", "campaign_xmas"),
        ("close", "closed"),
        ("Promo", "promotion"),
        ("pirce", "price"),
        ("Event_marathon", "event_marathon"),
    ],
)
def test_names_that_look_like_others_are_found_out(name: str, meant: str) -> None:
    assert meant_by(name) == meant


letters = strategies.sampled_from("abcdeiloprstu_")


@given(strategies.sampled_from([name for name in RESERVED if len(name) >= 6]), strategies.data())
def test_no_single_slip_of_a_long_reserved_name_passes(name: str, data: strategies.DataObject) -> None:
    place = data.draw(strategies.integers(0, len(name) - 1))
    letter = data.draw(letters)
    slips = [
        name[:place] + letter + name[place:],
        name[:place] + name[place + 1 :],
        name[:place] + letter + name[place + 1 :],
        name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :],
        name[:place] + name[place].upper() + name[place + 1 :],
    ]
    assert all(meant_by(slip) == name for slip in slips if slip != name)


@given(strategies.text(max_size=12))
def test_what_is_said_to_be_meant_is_a_name_that_passes(name: str) -> None:
    assert meant_by(meant_by(name)) == ""


def test_the_examples_of_names_are_true() -> None:
    ran = doctest.testmod(signal_names)
    assert (ran.failed, ran.attempted > 0) == (0, True)
