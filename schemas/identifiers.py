"""Who is meant: tags, GTINs, places, vocabulary words and event keys, however they are written.

One tag has one identity, whether it arrives as hex, URN or Digital Link. The
canonical form is the GS1 element string ``(01)<GTIN-14>(21)<serial>``: it can be
made from all three (a URN cannot be made from a Digital Link, which does not say
how long the company prefix is), and it is short in a log of billions of reads.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from schemas.epc_binary import Sgtin, decode_sgtin, encode_sgtin96, is_hex
from schemas.epc_keys import check_digit, gtin14, has_valid_check_digit, is_digits
from schemas.epc_uri import ItemUri, PlaceUri, item_uri, place_uri
from schemas.errors import RejectedReading

__all__ = [
    "Epc",
    "ItemUri",
    "PlaceUri",
    "Sgtin",
    "canonical_epc",
    "cbv_word",
    "check_digit",
    "decode_sgtin",
    "encode_sgtin96",
    "epc_to_gtin14",
    "event_key",
    "gtin14",
    "has_valid_check_digit",
    "is_digits",
    "item_uri",
    "place_uri",
    "read_epc",
]

_SGTIN_URNS = ("urn:epc:id:sgtin:", "urn:epc:tag:sgtin-", "urn:epc:class:lgtin:", "urn:epc:idpat:sgtin:")
_CACHED_EPCS = 1 << 17
_ELEMENT_STRING = re.compile(r"\(01\)([0-9]{14})\(21\)(.+)", re.DOTALL)
_CBV_LINK = re.compile(r"(?:https?://(?:www\.)?(?:ref\.)?gs1\.org/(?:cbv|voc)/|cbv:|gs1:)(?:[A-Za-z]+-)?([\w-]+)")
_CBV_URN = re.compile(r"urn:epcglobal:cbv:\w+:([\w-]+)")
_SEPARATOR, _ESCAPE = "\x1f", "\x1e"


class Epc(NamedTuple):
    """A tag's identity: canonical ``id``, GTIN-14 if it is an item's, else ``reason`` says why not."""

    id: str
    gtin: str | None
    reason: str = ""
    problem: str = ""


@lru_cache(maxsize=_CACHED_EPCS)
def read_epc(text: str) -> Epc:
    """The identity of a tag written in any way; never raises.

    What is no SGTIN keeps its own text as identity (hex in upper case), so that
    an explicit mapping can still say what it is on. The cache is bounded.
    """
    text = text.strip()
    if _ELEMENT_STRING.fullmatch(text):
        return Epc(text, text[4:18])
    if ":" in text:
        return _read_uri(text)
    try:
        sgtin = decode_sgtin(text)
    except RejectedReading as fault:
        return Epc(text.upper() if is_hex(text) else text, None, fault.reason, fault.message)
    gtin = sgtin.gtin
    return Epc(f"(01){gtin}(21){sgtin.serial}", gtin)


def _read_uri(text: str) -> Epc:
    item = item_uri(text)
    if item is None and text.startswith(_SGTIN_URNS):
        return Epc(text, None, "epc_malformed", f"EPC {text[:120]} has not the digits of an SGTIN")
    if item is None:
        return Epc(text, None, "epc_other_key", f"EPC {text[:120]} is not an item's")
    if item.serial is None:
        return Epc(text, item.gtin, "epc_class", f"EPC {text[:120]} names a class, not one item")
    return Epc(f"(01){item.gtin}(21){item.serial}", item.gtin)


def canonical_epc(text: str) -> str:
    """The one spelling of a tag's identity; see the module's docstring.

    >>> canonical_epc("3074257BF7194E4000001A85")
    '(01)80614141123458(21)6789'
    """
    return read_epc(text).id


def epc_to_gtin14(epc: str) -> str | None:
    """The GTIN-14 a tag, URN or Digital Link speaks of; None when it is not an item's."""
    return read_epc(epc).gtin


def cbv_word(text: str) -> str:
    """The bare word of a CBV value in any of its spellings; what is not CBV stays as it is.

    >>> cbv_word("https://ref.gs1.org/cbv/BizStep-receiving")
    'receiving'
    >>> cbv_word("urn:epcglobal:cbv:disp:in_transit")
    'in_transit'
    """
    match = _CBV_LINK.fullmatch(text) or _CBV_URN.fullmatch(text)
    return match[1] if match else text


def event_key(*parts: object) -> int:
    """64 bits that identify an event by its parts, unsigned; equal parts, equal key.

    The parts are joined so that no two different lists of parts read the same,
    whatever characters they hold.
    """
    texts = list(map(str, parts))
    joined = _SEPARATOR.join(texts)
    if _ESCAPE in joined or joined.count(_SEPARATOR) != len(texts) - 1:
        joined = _SEPARATOR.join(map(_escaped, texts))
    digest = blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _escaped(text: str) -> str:
    return text.replace(_ESCAPE, _ESCAPE + "0").replace(_SEPARATOR, _ESCAPE + "1")
