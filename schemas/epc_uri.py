"""EPCs and classes as addresses: EPC URNs and GS1 Digital Links.

GS1 EPC Tag Data Standard 2.1, section 6; GS1 Digital Link URI Syntax 1.4.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote

from schemas.epc_binary import Sgtin, is_pure_urn_sgtin
from schemas.epc_keys import GTIN_LENGTHS, check_digit, gtin14, is_digits

_SGTIN_URN = re.compile(r"urn:epc:(?:id:sgtin:|tag:sgtin-(?:96|198):[0-7]\.)([0-9]+)\.([0-9]+)\.(.+)")
_CLASS_URN = re.compile(r"urn:epc:(?:class:lgtin|idpat:sgtin):([0-9]+)\.([0-9]+)\.(.+)")
_PLACE_URN = re.compile(r"urn:epc:id:(?:sgln|pgln):([0-9]*)\.([0-9]*)(?:\.(.+))?")
_SERIAL_SEGMENTS = ("21", "ser")
_GTIN_SEGMENTS = ("01", "gtin")
_GLN_SEGMENTS = ("414", "417", "gln", "pgln")
_EXTENSION_SEGMENTS = ("254", "glnx")


class ItemUri(NamedTuple):
    """What an address says of an item: its GTIN-14, and its serial unless it names the whole class."""

    gtin: str
    serial: str | None


class PlaceUri(NamedTuple):
    """A place: its GLN and the extension inside it (a zone, a dock), empty for the whole place."""

    gln: str
    extension: str = ""


def item_uri(text: str) -> ItemUri | None:
    """The item an SGTIN or class URN or a Digital Link (any host) speaks of; None for anything else.

    >>> item_uri("https://id.gs1.org/01/80614141123458/21/6789")
    ItemUri(gtin='80614141123458', serial='6789')
    >>> item_uri("urn:epc:idpat:sgtin:0614141.812345.*")
    ItemUri(gtin='80614141123458', serial=None)
    """
    if text.startswith("urn:epc:"):
        return _item_urn(text)
    return _item_link(text) if _is_link(text) else None


def place_uri(text: str) -> PlaceUri | None:
    """The place an SGLN or PGLN URN or a 414/417 Digital Link speaks of; None for anything else.

    >>> place_uri("urn:epc:id:sgln:9521321.00001.0")
    PlaceUri(gln='9521321000018', extension='')
    """
    if text.startswith("urn:epc:"):
        return _place_urn(text)
    return _place_link(text) if _is_link(text) else None


def _item_urn(text: str) -> ItemUri | None:
    instance = _SGTIN_URN.fullmatch(text)
    match = instance or _CLASS_URN.fullmatch(text)
    if match is None or not is_pure_urn_sgtin(match[1], match[2]):
        return None
    gtin = Sgtin(match[1], match[2], "").gtin
    return ItemUri(gtin, unquote(match[3]) if instance else None)


def _item_link(text: str) -> ItemUri | None:
    segments = _segments(text)
    gtin = _after(segments, _GTIN_SEGMENTS)
    if gtin is None or len(gtin) not in GTIN_LENGTHS or not is_digits(gtin):
        return None
    return ItemUri(gtin14(gtin), _after(segments, _SERIAL_SEGMENTS))


def _place_urn(text: str) -> PlaceUri | None:
    match = _PLACE_URN.fullmatch(text)
    if match is None or len(match[1]) + len(match[2]) != 12:
        return None
    digits = match[1] + match[2]
    extension = unquote(match[3] or "")
    return PlaceUri(f"{digits}{check_digit(digits)}", "" if extension == "0" else extension)


def _place_link(text: str) -> PlaceUri | None:
    segments = _segments(text)
    gln = _after(segments, _GLN_SEGMENTS)
    if gln is None or len(gln) != 13 or not is_digits(gln):
        return None
    extension = _after(segments, _EXTENSION_SEGMENTS) or ""
    return PlaceUri(gln, "" if extension == "0" else extension)


def _is_link(text: str) -> bool:
    return text[:8].lower().startswith(("https://", "http://"))


def _segments(text: str) -> list[str]:
    """The path segments behind the host, unquoted; the query and fragment are left out."""
    path = re.split(r"[?#]", text, maxsplit=1)[0]
    return [unquote(segment) for segment in path.split("/")[3:]]


def _after(segments: list[str], names: tuple[str, ...]) -> str | None:
    """The segment behind the last one with one of these names.

    The last: a host's own path may stand before the keys, nothing stands behind.
    """
    for position in range(len(segments) - 2, -1, -1):
        if segments[position] in names and segments[position + 1]:
            return segments[position + 1]
    return None
