"""The tags of one belief: which may be here, how likely, in which zone."""

from collections.abc import Iterable, Mapping

from inventory.stock.belief.state import MOST_TAGS, Belief, Tag

SURE, GONE = 1.0 - 1e-7, 1e-4
_FORGOTTEN = 1e-5
_SLOT = "?"
_DEPARTED_KEPT = 48


def is_slot(key: str) -> bool:
    """Whether a key stands for a tag that was never named or heard."""
    return key.startswith(_SLOT)


def add_slots(belief: Belief, presences: Iterable[float], zones: list[float], *, hidden: bool) -> None:
    """Room for tags that must or (``hidden``) may be here though nobody named them."""
    for presence in presences:
        belief.slots += 1
        belief.tags[f"{_SLOT}{belief.slots}"] = Tag(presence, list(zones), hidden=hidden)


def claim(belief: Belief, epc: str, zones: list[float]) -> Tag:
    """The entry of a tag: its own, else that of the likeliest slot, else a new one that hardly can be here."""
    tag = belief.tags.get(epc)
    if tag is None:
        slot = max(filter(is_slot, belief.tags), key=lambda key: belief.tags[key].presence, default=None)
        tag = Tag(0.002, list(zones), hidden=True) if slot is None else belief.tags.pop(slot)
        tag.surprise = 1.0 - tag.presence
        belief.tags[epc] = tag
    return tag


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
    gone = [key for key, tag in belief.tags.items() if tag.presence < _FORGOTTEN and not tag.listed]
    for key in gone:
        del belief.tags[key]
    departed = [key for key, tag in belief.tags.items() if tag.presence < 0.02 and tag.listed]
    for key in departed[: max(len(departed) - _DEPARTED_KEPT, 0)]:
        del belief.tags[key]
    if len(belief.tags) > MOST_TAGS:
        by_presence = sorted(belief.tags, key=lambda key: belief.tags[key].presence)
        for key in by_presence[: len(by_presence) - MOST_TAGS]:
            del belief.tags[key]
