"""The tags of one belief: which may be here, how likely, in which zone."""

from collections.abc import Iterable, Mapping

from inventory.stock.belief import cells as units
from inventory.stock.belief.state import MOST_TAGS, Belief, Tag

SURE, GONE = 1.0 - 1e-7, 1e-4
LEAST = 1e-5
"""Presence at or below which a tag that is not heard does not matter."""
_SLOT = "?"
_DEPARTED_KEPT = 48
_STRAY, _MUST_BE, _UNBOOKED = 0.1, 0.5, 5e-4


def is_slot(key: str) -> bool:
    """Whether a key stands for a tag that was never named or heard."""
    return key.startswith(_SLOT)


def add_slots(belief: Belief, presences: Iterable[float], zones: list[float], *, hidden: bool) -> None:
    """Room for tags that must or (``hidden``) may be here though nobody named them."""
    for presence in presences:
        belief.slots += 1
        belief.tags[f"{_SLOT}{belief.slots}"] = Tag(presence, list(zones), hidden=hidden)


def is_stray(tag: Tag) -> bool:
    """Whether a tag nobody named is more likely not of this place."""
    return tag.hidden and not tag.listed and tag.presence < _STRAY


def claim(belief: Belief, epc: str, zones: list[float], *, faint: bool = False, second: float = 0.0) -> Tag:
    """The entry of a tag: its own, else that of the likeliest slot, else a new one that hardly can be here.

    A ``faint`` tag, and one that was thought a stray, does not become one that must be here so easily;
    what nobody told of at all is a ``second`` tag of a unit with that probability, else a unit's only one.
    """
    known = belief.tags.get(epc)
    if known is not None and (faint or not is_stray(known)):
        return known
    least = _MUST_BE if known is not None else 0.0
    slots = [key for key in filter(is_slot, belief.tags) if least <= belief.tags[key].presence]
    if faint:
        slots = [key for key in slots if belief.tags[key].presence < _MUST_BE]
    slot = max(slots, key=lambda key: belief.tags[key].presence, default=None)
    if slot is not None:
        tag = belief.tags.pop(slot)
    elif known is not None:
        return known
    else:
        tag = _unbooked(belief, second=second)
    tag.surprise, tag.zones = 1.0 - tag.presence, list(zones)
    tag.lot = belief.lots_made if tag.hidden else tag.lot
    belief.tags[epc] = tag
    return tag


def _unbooked(belief: Belief, *, second: float) -> Tag:
    """A tag for which there is no room: a stray, a second tag nobody thought of, or a unit that came past the books."""
    ways = [(units.Parts(0), 1.0 - _UNBOOKED)]
    ways.append((units.Parts(0, hidden=1), _UNBOOKED * second))
    ways.append((units.Parts(0, extra=1), _UNBOOKED * (1.0 - second)))
    belief.cells = units.arrive(belief.cells, ways)
    return Tag(_UNBOOKED, [], hidden=True)


def scale(belief: Belief, weights: Mapping[str, float], leaving: float, *, hidden: bool = False) -> None:
    """``leaving`` tags of one sort leave, each in proportion to its presence times its weight."""
    mine = [(key, tag) for key, tag in belief.tags.items() if tag.hidden == hidden]
    whole = sum(tag.presence * weights[key] for key, tag in mine)
    if whole <= 0.0:
        return
    share = leaving / whole
    for key, tag in mine:
        stays = max(1.0 - share * weights[key], 0.01)
        tag.presence *= stays
        tag.unsold *= stays


def tidy(belief: Belief) -> None:
    """Forget strangers that are not here, and the oldest of what left; the tags stay within ``MOST_TAGS``."""
    gone = [key for key, tag in belief.tags.items() if tag.presence < LEAST and not tag.listed]
    for key in gone:
        del belief.tags[key]
    departed = [key for key, tag in belief.tags.items() if tag.presence < 0.02 and tag.listed]
    for key in departed[: max(len(departed) - _DEPARTED_KEPT, 0)]:
        del belief.tags[key]
    if len(belief.tags) > MOST_TAGS:
        by_presence = sorted(belief.tags, key=lambda key: belief.tags[key].presence)
        for key in by_presence[: len(by_presence) - MOST_TAGS]:
            del belief.tags[key]
