"""Countries and their regions: ISO 3166-1 and 3166-2, and what the list of public holidays knows beside them."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import pycountry

from inventory.demand.public_holidays import aliases, country_code, subdivisions

_PROBABLY, _SURELY = 0.6, 0.8
_CODE_LETTERS = 3
"""A name that is no longer is a code, and of those nearly each is another country's."""


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
        named = _by_name(country) if len(region.strip()) > _CODE_LETTERS else {}
        code = _like(region.strip().casefold(), named) or _like(code, {one: one for one in names})
    return f"{code} ({names[code]})" if names.get(code) else code


def nearest_country(told: str) -> str:
    """The code, with its name, of the country that was probably meant; empty where nothing is like it.

    >>> nearest_country("de"), nearest_country("Germny"), nearest_country("FRA"), nearest_country("XX")
    ('DE (Germany)', 'DE (Germany)', 'FR (France)', '')
    """
    names = _countries()
    wanted = told.strip().casefold()
    code = names.get(wanted) or (_like(wanted, names, _SURELY) if len(wanted) > _CODE_LETTERS else "")
    found: Any = pycountry.countries.get(alpha_2=code)
    return f"{code} ({found.name})" if code else ""


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """The codes of those whose holidays are known, by their codes and names in small letters."""
    iso: list[Any] = [one for one in pycountry.countries if subdivisions(one.alpha_2) is not None]
    called = ("alpha_2", "alpha_3", "name", "common_name", "official_name")
    return {getattr(one, name).casefold(): one.alpha_2 for name in called for one in iso if hasattr(one, name)}


def _by_name(country: str) -> dict[str, str]:
    named = {name.casefold(): code for code, name in _names(country).items() if name}
    return named | {alias.casefold(): code for alias, code in aliases(country).items()}


def _like(told: str, codes: Mapping[str, str], cutoff: float = _PROBABLY) -> str:
    return next((codes[one] for one in get_close_matches(told, codes, n=1, cutoff=cutoff)), "")


@lru_cache(maxsize=512)
def _names(country: str) -> Mapping[str, str]:
    """Codes without the country, and what they are called; empty where only the list of holidays knows them."""
    code = country_code(country)
    iso: list[Any] = sorted(pycountry.subdivisions.get(country_code=code) or (), key=lambda one: one.code)
    return dict.fromkeys(subdivisions(country) or (), "") | {one.code.partition("-")[2]: one.name for one in iso}
