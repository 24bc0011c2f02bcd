"""Signals by their names: any name will do, and these mean more than a number."""

import re
from functools import lru_cache

CLOCK = "clock"
"""Moves event time and means nothing else, where it is of no place and no goods."""
CLOSED = "closed"
"""A place will not trade on some days."""
PROMOTION, UPLIFT, PRICE = "promotion", "promotion_uplift", "price"
RESERVED = (CLOCK, CLOSED, PRICE, PROMOTION, UPLIFT)
FLAGS = ("campaign", "event", "holiday", "promotion")
"""Names that begin with one of these are on or off."""

_SEPARATORS = re.compile(r"[\s_.-]+")
_SHORT_FORMS = {"close": CLOSED, "promo": PROMOTION, "promos": PROMOTION}
_LONG = 6
"""Letters from which on another letter more, less or instead makes no other word."""


@lru_cache(maxsize=1024)
def meant_by(name: str) -> str:
    """The name that was probably meant where one only looks like it; empty where ``name`` can stand for itself.

    Looking like it is to differ by case, blanks, hyphens, a plural's s, two letters that changed places or, of longer
    words, a letter more, less or another; of the names that begin with a flag their first word counts.

    >>> meant_by("Closed"), meant_by("close"), meant_by("promotion uplift"), meant_by("campain_xmas")
    ('closed', 'closed', 'promotion_uplift', 'campaign_xmas')
    >>> meant_by("closed"), meant_by("event_marathon"), meant_by("temperature_celsius")
    ('', '', '')
    """
    if name in RESERVED:
        return ""
    if short := _SHORT_FORMS.get(_folded(name)):
        return short
    for reserved in RESERVED:
        if _are_near(_folded(name), _folded(reserved)):
            return reserved
    if name.startswith(FLAGS):
        return ""
    first, *rest = (word.lower() for word in _SEPARATORS.split(name.strip()))
    for flag in FLAGS:
        if first.startswith(flag) or _are_near(first, flag):
            return "_".join([first if first.startswith(flag) else flag, *rest])
    return ""


def _folded(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())


def _are_near(one: str, other: str) -> bool:
    """Equal but for a plural or two letters that changed places; of longer words, one edit apart."""
    if one in (other, other + "s"):
        return True
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return len(other) >= _LONG and abs(len(one) - len(other)) <= 1
    mine, others = one[start:], other[start:]
    changed_places = mine[:2] == others[1::-1] and mine[2:] == others[2:]
    edited = mine[1:] == others[1:] or mine[1:] == others or mine == others[1:]
    return changed_places or (edited and len(other) >= _LONG)
