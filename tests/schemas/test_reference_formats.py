"""Reference data: who is told of what, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import (
    BudgetDefined,
    ItemDefined,
    LaneDefined,
    LocationDefined,
    OfferDefined,
    RulesChanged,
    SupplierDefined,
)
from schemas.readings import Meaning, all_formats
from schemas.readings.reference import under_its_key

Understand = Callable[[str, Any], Meaning]

REFERENCE = sorted(topic for topic in all_formats() if topic.startswith("reference."))


def only(meaning: Meaning) -> tuple[str | None, Any]:
    assert meaning.rejections == []
    ((style, observation),) = meaning.observations
    return style, observation


def test_an_item_goes_to_its_style(understand: Understand) -> None:
    record = {"sku": "A", "style": "ST", "pack": 6, "cost": 7.5, "season_end": "1970-01-01T00:00:01Z"}
    expected = ItemDefined(sku="A", style="ST", occurred_at_ms=0, pack=6, cost=7.5, season_end_ms=1000)
    assert only(understand("reference.items", record)) == ("ST", expected)


@pytest.mark.parametrize(
    ("topic", "record", "expected"),
    [
        (
            "reference.locations",
            {"location": "S9", "kind": "online", "replenished": False},
            LocationDefined(location="S9", kind="online", occurred_at_ms=0, replenished=False),
        ),
        (
            "reference.suppliers",
            {"supplier": "ACME", "lead_time_days": 3},
            SupplierDefined(supplier="ACME", occurred_at_ms=0, lead_time_days=3),
        ),
        (
            "reference.lanes",
            {"origin": "W1", "destination": "S1", "cost_per_trip": 20},
            LaneDefined(origin="W1", destination="S1", occurred_at_ms=0, cost_per_trip=20),
        ),
        (
            "reference.lanes",
            {"origin": "W1", "destination": "S1", "cut_off": "15:30"},
            LaneDefined(origin="W1", destination="S1", occurred_at_ms=0, cut_off_minute=15 * 60 + 30),
        ),
        (
            "reference.rules",
            {"version": "r2", "effective_at": "1970-01-01T00:00:02Z", "values": {"hold": True, "policy": "s_S"}},
            RulesChanged(version="r2", values={"hold": True, "policy": "s_S"}, occurred_at_ms=2000),
        ),
    ],
)
def test_the_rest_goes_everywhere(understand: Understand, topic: str, record: Any, expected: Any) -> None:
    assert only(understand(topic, record)) == (None, expected)


def test_an_offer_goes_to_the_style_it_is_for(understand: Understand) -> None:
    offer = {"supplier": "ACME", "unit_cost": 4.5, "freight_per_order": 30, "minimum_order_units": 12, "pack": 6}
    terms = {"freight_per_order": 30.0, "minimum_order_units": 12, "pack": 6}
    of_a_sku = OfferDefined("ACME", "SHIRT", 4.5, 0, sku="SHIRT-M", **terms)
    assert only(understand("reference.offers", {**offer, "sku": "shirt m"})) == ("SHIRT", of_a_sku)
    of_a_style = OfferDefined("ACME", "SHIRT", 4.5, 0, retired=True, **terms)
    assert only(understand("reference.offers", {**offer, "style": "SHIRT", "retired": True})) == ("SHIRT", of_a_style)


@pytest.mark.parametrize(
    ("topic", "record"),
    [
        ("reference.devices", {"device": "R9", "kind": "reader", "location": "S1"}),
        ("reference.tags", {"epc": "tag-1", "sku": "SHIRT-M"}),
        *((topic, b"") for topic in REFERENCE),
    ],
)
def test_devices_tags_and_retired_keys_mean_nothing_to_the_core(
    understand: Understand, topic: str, record: Any
) -> None:
    assert understand(topic, record) == Meaning()


@pytest.mark.parametrize(
    ("topic", "record", "reason", "field"),
    [
        ("reference.items", {"sku": "SHIRT-M", "style": "COAT"}, "conflicting_mapping", "style"),
        ("reference.items", {"sku": "A", "style": "A", "gtin": "80614141123458"}, "conflicting_mapping", "gtin"),
        ("reference.items", {"sku": "A", "style": "A", "prize": 1}, "unknown_field", "prize"),
        ("reference.items", {"sku": "A", "style": "A", "season_end": "2027-02-28"}, "naive_time", "season_end"),
        ("reference.locations", {"location": "S9", "aliases": ["S1"]}, "conflicting_mapping", "aliases[0]"),
        (
            "reference.rules",
            {"version": "r", "effective_at": "2026-11-20T10:00", "values": {}},
            "naive_time",
            "effective_at",
        ),
        ("reference.lanes", {"origin": "S1"}, "missing_field", "destination"),
        ("reference.lanes", {"origin": "W1", "destination": "S1", "cut_off": "24:00"}, "invalid_value", "cut_off"),
        ("reference.lanes", {"origin": "S1", "destination": "S1"}, "invalid_value", "destination"),
        ("reference.offers", {"supplier": "A", "unit_cost": 1}, "missing_field", "sku"),
        ("reference.offers", {"supplier": "A", "unit_cost": 1, "sku": "A", "style": "B"}, "invalid_value", "style"),
        ("reference.offers", {"supplier": "A", "unit_cost": 1, "sku": "CAP"}, "unknown_item", "sku"),
        ("reference.offers", {"supplier": "A", "unit_cost": 1, "style": "CAP"}, "unknown_style", "style"),
        (
            "reference.offers",
            {"supplier": "A", "unit_cost": 1, "style": "SHIRT", "currency": "USD"},
            "other_currency",
            "currency",
        ),
    ],
)
def test_what_conflicts_or_does_not_fit_is_refused(
    understand: Understand, topic: str, record: Any, reason: str, field: str
) -> None:
    meaning = understand(topic, record)
    assert meaning.observations == []
    assert [(rejected.reason, rejected.field) for rejected in meaning.rejections] == [(reason, field)]


BUDGET: dict[str, object] = {
    "budget": "spring",
    "amount": 100,
    "starts_at": "2026-12-01T00:00:00Z",
    "ends_at": "2027-03-01T00:00:00Z",
}


def test_a_budget_goes_to_every_partition(understand: Understand) -> None:
    style, told = only(understand("reference.budgets", BUDGET | {"categories": ["denim"]}))
    assert style is None
    assert isinstance(told, BudgetDefined)
    assert (told.budget, told.amount, told.currency, told.categories) == ("spring", 100.0, "EUR", ("denim",))
    assert told.ends_at_ms - told.starts_at_ms == 90 * 86_400_000


@pytest.mark.parametrize(
    ("wrong", "field", "value"),
    [
        ({"ends_at": "2026-12-01T00:00:00Z"}, "ends_at", "2026-12-01T00:00:00+00:00"),
        ({"starts_at": "2026-12-01T00:00:00"}, "starts_at", "2026-12-01T00:00:00"),
        ({"amount": -1}, "amount", -1),
        ({"currency": "euro"}, "currency", "euro"),
        ({"stores": ["S01"]}, "stores", None),
    ],
)
def test_a_budget_that_cannot_be_used_says_where(
    understand: Understand, wrong: dict[str, object], field: str, value: object
) -> None:
    (rejected,) = understand("reference.budgets", BUDGET | wrong).rejections
    assert rejected.field == field
    assert value is None or str(rejected.value) == str(value)


@pytest.mark.parametrize(
    ("topic", "record", "key"),
    [
        ("reference.items", {"sku": "A", "style": "S"}, "A"),
        ("reference.lanes", {"origin": "W1", "destination": "S1"}, "W1|S1"),
        ("reference.devices", {"device": "R9", "kind": "reader", "location": "S1"}, "R9"),
        ("reference.offers", {"supplier": "ACME", "style": "SHIRT", "unit_cost": 1}, "ACME|SHIRT|"),
    ],
)
def test_a_record_under_another_key_than_its_own_is_refused(topic: str, record: dict[str, object], key: str) -> None:
    (read,) = all_formats()[topic].decode([json.dumps(record).encode()])
    assert under_its_key(read, key.encode()) is read
    assert under_its_key(read, None) is read
    refused = under_its_key(read, key.replace("|", "-").encode() + b"x")
    assert isinstance(refused, RejectedReading)
    assert (refused.reason, refused.field) == ("other_key", "key")
    assert f"belongs under {key!r}" in refused.message


def test_a_field_that_is_none_is_told_with_the_one_that_was_meant() -> None:
    (read,) = all_formats()["reference.items"].decode([b'{"sku": "A", "style": "S", "prise": 3}'])
    assert read.message == "prise: is no field there is; did you mean price?"
    (far,) = all_formats()["reference.items"].decode([b'{"sku": "A", "style": "S", "zzz": 3}'])
    assert far.message == "zzz: is no field there is"


@pytest.mark.parametrize(
    ("topic", "key", "expected"),
    [
        ("reference.items", "SHIRT-M", ("SHIRT", ItemDefined)),
        ("reference.locations", "S1", (None, LocationDefined)),
        ("reference.suppliers", "ACME", (None, SupplierDefined)),
        ("reference.lanes", "W1|S1", (None, LaneDefined)),
        ("reference.offers", "ACME|SHIRT|", ("SHIRT", OfferDefined)),
        ("reference.offers", "ACME||SHIRT-M", ("SHIRT", OfferDefined)),
        ("reference.budgets", "spring", (None, BudgetDefined)),
    ],
)
def test_an_empty_value_retires_what_its_key_names(
    catalogue: Catalogue, topic: str, key: str, expected: tuple[str | None, type]
) -> None:
    reading_format = all_formats()[topic]
    (read,) = reading_format.decode([b""])
    style, seen = only(reading_format.interpret(under_its_key(read, key.encode()), catalogue))
    assert (style, type(seen), seen.retired) == (*expected, True)


def test_what_is_retired_keeps_what_else_was_told_of_it(catalogue: Catalogue) -> None:
    known = catalogue.item("SHIRT-M")
    assert known is not None
    reading_format = all_formats()["reference.items"]
    _, told = only(reading_format.interpret(known, catalogue))
    _, retired = only(reading_format.interpret(under_its_key(reading_format.decode([b""])[0], b"SHIRT-M"), catalogue))
    assert retired == msgspec.structs.replace(told, retired=True)


@pytest.mark.parametrize(("topic", "key"), [("reference.items", b"NONE"), ("reference.offers", b"ACME||NONE")])
def test_retiring_what_nobody_knows_is_told(catalogue: Catalogue, topic: str, key: bytes) -> None:
    reading_format = all_formats()[topic]
    meaning = reading_format.interpret(under_its_key(reading_format.decode([b""])[0], key), catalogue)
    assert (meaning.observations, [wrong.reason for wrong in meaning.rejections]) == ([], ["unknown_item"])


@pytest.mark.parametrize(
    ("topic", "key"),
    [("reference.devices", b"R9"), ("reference.tags", b"t"), ("reference.rules", b"rules"), ("reference.lanes", b"W1")],
)
def test_a_retired_key_that_the_core_does_not_know_means_nothing_to_it(
    catalogue: Catalogue, topic: str, key: bytes
) -> None:
    reading_format = all_formats()[topic]
    assert reading_format.interpret(under_its_key(reading_format.decode([b""])[0], key), catalogue) == Meaning()


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        ("reference.lanes", b"ALPHA|"),
        ("reference.locations", b"ALPHA|BETA"),
        ("reference.suppliers", b"x" * 300),
        ("reference.offers", b"|S|"),
    ],
)
def test_an_empty_value_under_what_can_be_no_key_is_told(catalogue: Catalogue, topic: str, key: bytes) -> None:
    reading_format = all_formats()[topic]
    meaning = reading_format.interpret(under_its_key(reading_format.decode([b""])[0], key), catalogue)
    (wrong,) = meaning.rejections
    assert (meaning.observations, wrong.reason, wrong.field, wrong.value) == ([], "other_key", "key", key.decode())
