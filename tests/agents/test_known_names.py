"""A location whose country, subdivision or timezone nobody knows is taken all the same, and somebody is told."""

import doctest
import json
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import regions
from agents.currencies import CURRENCIES
from agents.regions import is_region, nearest
from inventory.demand.public_holidays import aliases, subdivisions
from inventory.rules import Rules, rules_from
from restockd.configuration import Settings
from restockd.wiring import rules_of
from schemas.observations import ItemDefined, LocationDefined
from schemas.reference import Location
from tests.agents.fakes import PARTITIONS, FakeFeed, FakePublisher, fetched, intake


async def _taken(topic: str, **record: Any) -> tuple[Any, list[dict[str, Any]]]:
    """What every log partition heard of one record, and its dead letters."""
    publisher = FakePublisher()
    agent = intake(publisher, FakeFeed(), topic=topic)
    agent.resume(0, None, (0, 1))
    await agent.handle(fetched(0, json.dumps(record).encode(), topic=topic, key=None))
    batches = [batch for partition in range(PARTITIONS) for batch in publisher.batches(partition)]
    told = [seen for batch in batches for entry in batch.entries for seen in entry.observations]
    assert all(seen == told[0] for seen in told)
    return told[0] if told else None, publisher.dead()


async def _location(**record: Any) -> tuple[LocationDefined, list[dict[str, Any]]]:
    return await _taken("reference.locations", location="lyon", **record)


@pytest.mark.parametrize(
    ("record", "reason", "words"),
    [
        ({"country": "XX"}, "unknown_country", ["country: 'XX'", "ISO 3166-1", "it has none"]),
        (
            {"country": "Germany", "subdivision": "BY"},
            "unknown_country",
            ["country: 'Germany'", "such as DE", "did you mean DE (Germany)?"],
        ),
        ({"country": "de"}, "unknown_country", ["country: 'de'", "did you mean DE (Germany)?"]),
        ({"country": "ECB"}, "unknown_country", ["country: 'ECB'"]),
        ({"country": "GB", "subdivision": "BY"}, "unknown_subdivision", ["'BY' is no region of GB", "ISO 3166-2"]),
        ({"country": "DE", "subdivision": "DE-BY"}, "unknown_subdivision", ["'DE-BY'", "did you mean BY (Bayern)?"]),
        (
            {"country": "FR", "subdivision": "Ile de France"},
            "unknown_subdivision",
            ["mean IDF (Île-de-France)?"],
        ),
        ({"country": "UK", "subdivision": "GB-eng"}, "unknown_subdivision", ["did you mean ENG (England)?"]),
        (
            {"country": "HU", "subdivision": "Budapst"},
            "unknown_subdivision",
            ["mean BU (Budapest)?"],
        ),
        ({"country": "HU", "subdivision": "BY"}, "unknown_subdivision", ["its holidays are the country's"]),
        ({"country": "HK", "subdivision": "KLN"}, "unknown_subdivision", ["'KLN' is no region of HK"]),
        ({"subdivision": "BY"}, "unknown_subdivision", ["subdivision: 'BY'", "of no country"]),
        ({"timezone": "Europe/Pari"}, "unknown_timezone", ["timezone: 'Europe/Pari'", "UTC", "mean Europe/Paris?"]),
        ({"timezone": "america/new york"}, "unknown_timezone", ["mean America/New_York?"]),
        ({"timezone": ""}, "unknown_timezone", ["timezone: ''"]),
    ],
)
async def test_what_nobody_knows_is_a_dead_letter_and_the_location_stays(
    record: dict[str, str], reason: str, words: list[str]
) -> None:
    seen, (letter,) = await _location(**record)
    field = reason.removeprefix("unknown_")
    assert seen.location == "lyon"
    assert getattr(seen, field) == ("UTC" if field == "timezone" else "")
    assert (letter["reason"], letter["field"]) == (reason, field)
    assert all(word in letter["message"] for word in words), letter["message"]


async def test_a_country_stays_where_only_its_subdivision_is_wrong() -> None:
    seen, _ = await _location(country="DE", subdivision="XY", timezone="Europe/Berlin")
    assert (seen.country, seen.subdivision, seen.timezone) == ("DE", "", "Europe/Berlin")


async def test_the_dead_letter_names_field_and_value() -> None:
    _, (letter,) = await _location(country="FR", subdivision="IDX")
    assert (letter["field"], letter["value"]) == ("subdivision", "IDX")
    assert letter["message"] == (
        "subdivision: 'IDX' is no region of FR (ISO 3166-2, without the country); its holidays are the country's; "
        "did you mean IDF (Île-de-France)?"
    )


async def test_each_of_several_wrong_names_is_told() -> None:
    _, letters = await _location(country="XX", timezone="nowhere")
    assert {letter["reason"] for letter in letters} == {"unknown_country", "unknown_timezone"}


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [
        *(("", ""), ("DE", ""), ("DE", "BY"), ("US", "CA"), ("UK", "ENG"), ("DK", "84"), ("HU", "BU")),
        *(("FR", "IDF"), ("FR", "75C"), ("GB", "LND"), ("DE", "Bayern"), ("FR", "Zone A"), ("IT", "Cesena")),
    ],
)
async def test_what_is_known_passes(country: str, subdivision: str) -> None:
    seen, letters = await _location(country=country, subdivision=subdivision)
    assert letters == []
    assert (seen.country, seen.subdivision) == (country, subdivision)


def test_every_country_and_subdivision_of_the_package_is_known() -> None:
    supported = holidays.utils.list_supported_countries(include_aliases=False)
    assert len(supported) > 200
    for country, parts in supported.items():
        assert set(parts) <= set(subdivisions(country) or ())
        assert all(is_region(country, part) for part in (*parts, *aliases(country)))


def test_the_examples_run() -> None:
    assert doctest.testmod(regions) == (0, 3)


def test_every_region_of_the_standard_is_known() -> None:
    countries = holidays.utils.list_supported_countries(include_aliases=False)
    codes = [one.code.partition("-") for one in pycountry.subdivisions]
    told = [(country, region) for country, _, region in codes if country in countries]
    assert len(told) > 4_000
    assert all(is_region(country, region) for country, region in told)


@pytest.mark.parametrize("country", ["HU", "FR", "US", "XK", "XX"])
@given(region=st.text(max_size=120))
def test_what_is_proposed_is_a_region(country: str, region: str) -> None:
    """Whatever somebody wrote."""
    meant = nearest(country, region).partition(" (")[0]
    assert not meant or is_region(country, meant)


@pytest.mark.parametrize("currency", ["EUX", "DEM"])
async def test_an_item_keeps_a_currency_nobody_knows(currency: str) -> None:
    seen, (letter,) = await _taken("reference.items", sku="a", style="b", currency=currency)
    assert isinstance(seen, ItemDefined)
    assert seen.currency == currency
    assert (letter["reason"], letter["field"]) == ("unknown_currency", "currency")


@pytest.mark.parametrize("currency", ["EUR", "JPY", "XCG"])
async def test_an_item_of_a_known_currency_is_no_dead_letter(currency: str) -> None:
    assert (await _taken("reference.items", sku="a", style="b", currency=currency))[1] == []


async def test_letters_that_are_no_code_are_refused_in_words() -> None:
    seen, (letter,) = await _taken("reference.items", sku="a", style="b", currency="eur")
    assert seen is None
    assert letter["message"] == (
        "currency: 'eur' is not the three capital letters of a currency (ISO 4217), such as EUR"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"policy": "min_maxx"}, ["values.policy = 'min_maxx'", "allowed: 'fill_rate_base_stock', "]),
        ({"lead_time_days": "soon"}, ["values.lead_time_days = 'soon'", "a number, at least 0"]),
        ({"cycle_service_level": 1.0}, ["values.cycle_service_level = 1.0", "at most 0.9999"]),
        ({"shadow_service_levels": "1.5"}, ["numbers from 0.01 to 0.9999 by commas"]),
        ({"lead_time_dais": 3.0}, ["values.lead_time_dais is no rule; did you mean lead_time_days?"]),
        ({"version": "v"}, ["values.version is no rule"]),
    ],
)
async def test_a_rule_that_cannot_be_used_is_a_dead_letter_and_the_others_hold(
    values: dict[str, Any], words: list[str]
) -> None:
    told = {"version": "v2", "effective_at": "2023-11-15T00:00:00Z", "values": {**values, "order_cost": 5.0}}
    seen, (letter,) = await _taken("reference.rules", **told)
    assert rules_from(seen.version, seen.values) == Rules("v2", order_cost=5.0)
    assert (letter["reason"], letter["field"]) == ("unusable_rule", f"values.{next(iter(values))}")
    assert all(word in letter["message"] for word in words), letter["message"]


async def test_the_rules_of_the_settings_are_taken_whole() -> None:
    rules = rules_of(Settings()).model_dump(mode="json")
    assert (await _taken("reference.rules", **{**rules, "effective_at": "2023-11-15T00:00:00Z"}))[1] == []


def test_a_location_by_default_is_one_that_is_known() -> None:
    assert ZoneInfo(Location(location="x").timezone)
    assert "EUR" in CURRENCIES
