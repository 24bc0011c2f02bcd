"""Regions of countries: those of ISO 3166-2, and what the list of public holidays calls regions beside them."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import pycountry

from inventory.demand.public_holidays import aliases, country_code, subdivisions


def is_region(country: str, region: str) -> bool:
    """Whether a country (ISO 3166-1) has a region of this code (ISO 3166-2, without the country) or alias.

    >>> is_region("FR", "IDF"), is_region("DE", "Bayern"), is_region("HU", "BU"), is_region("HU", "BY")
    (True, True, True, False)
    """
    return region in _names(country) or region in aliases(country)


def nearest(country: str, region: str) -> str:
    """The code, with its name, that was probably meant; empty where nothing is like it.

    >>> nearest("DE", "DE-BY"), nearest("FR", "Ile de France"), nearest("HU", "12345")
    ('BY (Bayern)', 'IDF (Île-de-France)', '')
    """
    names = _names(country)
    code = region.strip().upper().removeprefix(f"{country}-").removeprefix(f"{country_code(country)}-")
    if code not in names:
        code = _like(region.strip().casefold(), _by_name(country)) or _like(code, {one: one for one in names})
    return f"{code} ({names[code]})" if names.get(code) else code


def _by_name(country: str) -> dict[str, str]:
    named = {name.casefold(): code for code, name in _names(country).items() if name}
    return named | {alias.casefold(): code for alias, code in aliases(country).items()}


def _like(told: str, codes: Mapping[str, str]) -> str:
    return next((codes[one] for one in get_close_matches(told, codes, n=1)), "")


@lru_cache(maxsize=512)
def _names(country: str) -> Mapping[str, str]:
    """Codes without the country, and what they are called; empty where only the list of holidays knows them."""
    code = country_code(country)
    iso: list[Any] = sorted(pycountry.subdivisions.get(country_code=code) or (), key=lambda one: one.code)
    return dict.fromkeys(subdivisions(country) or (), "") | {one.code.partition("-")[2]: one.name for one in iso}
