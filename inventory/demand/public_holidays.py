"""Public holidays of a place, and the days before them, as named signals."""

import re
from datetime import date, timedelta
from functools import lru_cache

import holidays

HOLIDAY = "holiday: "
"""Begins the flag of the day itself."""


def holiday_signals(day: date, country: str, subdivision: str | None = None) -> dict[str, float]:
    """Flags of the day in a country (ISO 3166-1, two letters) and subdivision (ISO 3166-2, without the country).

    A country that the package does not know has no holidays; a subdivision that it does not know has its country's.

    >>> holiday_signals(date(2025, 12, 24), "US")
    {'before holiday: Christmas Day': True}
    """
    flags: dict[str, float] = {HOLIDAY + name: True for name in _names(day, country, subdivision)}
    flags |= {f"before holiday: {name}": True for name in _names(day + timedelta(days=1), country, subdivision)}
    return flags


def subdivisions(country: str) -> tuple[str, ...] | None:
    """Those of a country (ISO 3166-1, two letters) that have holidays of their own; None if nobody knows its holidays.

    >>> subdivisions("GB"), subdivisions("XX"), subdivisions("Germany")
    (('ENG', 'NIR', 'SCT', 'WLS'), None, None)
    """
    known = _of_country(country)
    return None if known is None else tuple(known.subdivisions)


def aliases(country: str) -> dict[str, str]:
    """Other names of a country's subdivisions, such as ``Bayern``, and their codes; they have the same holidays."""
    known = _of_country(country)
    return {} if known is None else dict(known.subdivisions_aliases)


def country_code(country: str) -> str:
    """The code of ISO 3166-1 for a country; its own where nobody knows its holidays.

    >>> country_code("UK"), country_code("XX")
    ('GB', 'XX')
    """
    known = _of_country(country)
    return country if known is None else str(known.country)


@lru_cache(maxsize=512)
def _of_country(country: str) -> holidays.HolidayBase | None:
    if not re.fullmatch("[A-Z]{2}", country):  # the package takes names of markets and central banks as well
        return None
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None


def _names(day: date, country: str, subdivision: str | None) -> list[str]:
    return _year(day.year, country, subdivision).get(day, [])


@lru_cache(maxsize=4096)
def _year(year: int, country: str, subdivision: str | None) -> dict[date, list[str]]:
    """Named in English where there are translations: without a language the package asks the locale.

    Only the days themselves: when an office closes for one that falls on a Sunday, shops do not.
    """
    for part in (subdivision, None):
        try:
            language = _language(country, part)
            known = holidays.country_holidays(country, subdiv=part, years=year, observed=False, language=language)
        except NotImplementedError:
            continue
        return {day: sorted(map(_plain, known.get_list(day))) for day in sorted(known) if day.year == year}
    return {}


def _plain(name: str) -> str:
    """Feasts by the moon are marked as estimated until they were seen; they are the same feasts."""
    return name.removesuffix(" (estimated)")


def _language(country: str, subdivision: str | None) -> str | None:
    known = holidays.country_holidays(country, subdiv=subdivision)
    return "en_US" if "en_US" in known.supported_languages else known.default_language
