"""Reference data with a country, subdivision, timezone, currency or rule that nobody knows.

Such a record is taken without what is not known (a currency as it stands), and that part is a dead letter of its own:
without its location every reading of a shop would be lost, not only its holidays.
"""

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

import msgspec

from agents.currencies import CURRENCIES
from agents.regions import is_region, nearest, nearest_country
from inventory.demand.public_holidays import subdivisions
from inventory.rules import left_out
from schemas.errors import RejectedReading
from schemas.observations import BudgetDefined, ItemDefined, LocationDefined, Observation, OfferDefined, RulesChanged
from schemas.readings.format import Meaning, Routed

_PRICED = (ItemDefined, OfferDefined, BudgetDefined)


def checked(meaning: Meaning) -> Meaning:
    """The meaning of a reference record without names that mean nothing, each of which is a rejection."""
    observations: list[Routed] = []
    rejections = list(meaning.rejections)
    for style, observation in meaning.observations:
        known, refused = _checked(observation)
        observations.append(Routed(style, known))
        rejections += refused
    return Meaning(observations, rejections, meaning.latest_ms)


def _checked(seen: Observation) -> tuple[Observation, list[RejectedReading]]:
    if isinstance(seen, LocationDefined):
        return _place(seen)
    if isinstance(seen, _PRICED) and seen.currency not in CURRENCIES:
        return seen, [_refused("currency", seen.currency, "is no currency of ISO 4217; it is taken as it stands")]
    if isinstance(seen, RulesChanged):
        return seen, [_unusable(name, seen.values[name], why) for name, why in left_out(seen.values)]
    return seen, []


def _unusable(name: str, value: object, why: str) -> RejectedReading:
    """The log's rules leave it out by themselves, and hold for the rest."""
    return RejectedReading("unusable_rule", f"values.{name} {why}", field=f"values.{name}", value=value)


def _place(seen: LocationDefined) -> tuple[LocationDefined, list[RejectedReading]]:
    refused = []
    if seen.timezone not in _timezones():
        problem = "is not in the IANA time zone database (such as Europe/Paris is); its days are those of UTC"
        refused.append(_refused("timezone", seen.timezone, problem + _advice(_nearest_zone(seen.timezone))))
        seen = msgspec.structs.replace(seen, timezone="UTC")
    if seen.country and subdivisions(seen.country) is None:
        problem = "is no country whose public holidays are known (ISO 3166-1, such as DE); it has none"
        refused.append(_refused("country", seen.country, problem + _advice(nearest_country(seen.country))))
        return msgspec.structs.replace(seen, country="", subdivision=""), refused
    if seen.subdivision and not seen.country:
        refused.append(_refused("subdivision", seen.subdivision, "is of no country; it has no public holidays"))
    elif seen.subdivision and not is_region(seen.country, seen.subdivision):
        refused.append(_refused("subdivision", seen.subdivision, _no_region(seen)))
    else:
        return seen, refused
    return msgspec.structs.replace(seen, subdivision=""), refused


def _no_region(seen: LocationDefined) -> str:
    problem = f"is no region of {seen.country} (ISO 3166-2, without the country); its holidays are the country's"
    return problem + _advice(nearest(seen.country, seen.subdivision))


def _advice(meant: str) -> str:
    return f"; did you mean {meant}?" if meant else ""


def _nearest_zone(told: str) -> str:
    """The name that was probably meant; empty where none is like it."""
    names = {name.casefold(): name for name in sorted(_timezones())}
    return next((names[one] for one in get_close_matches(told.strip().casefold(), names, n=1, cutoff=0.75)), "")


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _refused(field: str, value: str, problem: str) -> RejectedReading:
    return RejectedReading(f"unknown_{field}", f"{field}: {value!r} {problem}", field=field, value=value)
