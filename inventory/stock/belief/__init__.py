"""The belief: how many units of a SKU are at a location, with a probability, from all evidence together."""

from inventory.stock.belief.cells import distribution as _distribution
from inventory.stock.belief.state import ZONES, Belief, Chain, Place, Reader, Tag, Where


def distribution(belief: Belief) -> list[float]:
    """Probability of 0, 1, 2, ... units on hand; empty where nothing is known."""
    return _distribution(belief.cells)


def zone_of(belief: Belief, epc: str) -> str:
    """The likeliest zone of a tag; empty where it is more likely not here at all."""
    tag = belief.tags.get(epc)
    if tag is None or tag.presence < 0.5:
        return ""
    return ZONES[max(range(len(ZONES)), key=tag.zones.__getitem__)]


__all__ = ["Belief", "Chain", "Place", "Reader", "Tag", "Where", "distribution", "zone_of"]
