"""Ids of orders and transfers: UUIDs of version 8 whose last eight digits are a check of the others.

People and ERPs write them back. One that was mistyped or made up is told from ours without knowing any order, whatever
has become of it and wherever it is.
"""

import re
import zlib

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHECKED = 8


def with_check(uuid: str) -> str:
    """The id that these first digits of a UUID make; CRC-32 misses no single wrong digit nor two neighbours swapped.

    >>> with_check("078ca647-bead-83cc-a6d3-c6c18640aae9")
    '078ca647-bead-83cc-a6d3-c6c1a556d746'
    """
    kept = uuid[:-_CHECKED]
    return f"{kept}{zlib.crc32(kept.encode()):08x}"


def is_order_id(text: str) -> bool:
    """Whether restockd can have given this id to an order or transfer."""
    return _FORM.fullmatch(text) is not None and with_check(text) == text


def is_uuid(text: str) -> bool:
    """Whether it looks like an id of ours rather than like a number of somebody's own."""
    return _UUID.fullmatch(text) is not None


def as_given(text: str) -> str:
    """Our ids as they were given, whatever databases make of UUIDs; other names as they are.

    >>> as_given(" {5F0CA647-BEAD-83CC-A6D3-C6C1A556D746}"), as_given("PO-4711 ")
    ('5f0ca647-bead-83cc-a6d3-c6c1a556d746', 'PO-4711 ')
    """
    bare = text.strip().removeprefix("{").removesuffix("}").lower()
    return bare if is_uuid(bare) else text
