"""The belief: how many units of a SKU are at a location, with a probability, from all evidence together."""

from collections.abc import Mapping

from inventory.stock.belief.cells import Cells, by_total
from inventory.stock.belief.cells import distribution as _distribution
from inventory.stock.belief.state import ZONES, Belief, Camera, Chain, Held, Losses, Place, Reader, Tag, Where


def distribution(belief: Belief) -> list[float]:
    """Probability of 0, 1, 2, ... units on hand; empty where nothing is known."""
    return _distribution(belief.cells)


def zone_of(belief: Belief, epc: str) -> str:
    """The likeliest zone of a tag; empty where it is more likely not here at all."""
    tag = belief.tags.get(epc)
    return "" if tag is None or tag.presence < 0.5 else zone_if_here(tag)


def zone_if_here(tag: Tag) -> str:
    """The likeliest zone of a tag, if it is here at all."""
    return ZONES[max(range(len(ZONES)), key=tag.zones.__getitem__)]


_ASKED: list[tuple[Cells, Mapping[int, float]]] = [({}, {})]
"""The cells that were asked about last, and the answer: a decision asks about the same ones some twenty times."""


def chances(belief: Belief) -> Mapping[int, float]:
    """Probability of each number of units that is possible, in order; empty where nothing is known."""
    cells, known = _ASKED[0]
    if cells is not belief.cells:  # they are replaced, never changed: what belongs to the very same ones is the same
        known = by_total(belief.cells)
        _ASKED[0] = belief.cells, known
    return known


def likeliest(belief: Belief) -> int:
    """The most probable number of units; -1 where nothing is known."""
    known = chances(belief)
    return max(known, key=known.__getitem__) if known else -1


def empty(belief: Belief) -> float:
    """The probability that there are none."""
    return chances(belief).get(0, 0.0)


def quantile(belief: Belief, level: float) -> int:
    """The smallest number of units with at least ``level`` probability at or below it; -1 where nothing is known."""
    below = 0.0
    known = chances(belief)
    for units, chance in known.items():
        below += chance
        if below >= level:
            return units
    return max(known, default=-1)


def mean(belief: Belief) -> float:
    """Expected units; 0 where nothing is known."""
    return sum(units * chance for units, chance in chances(belief).items())


def by_zone(belief: Belief) -> dict[str, float]:
    """Expected units in each zone, as the tags' zones say."""
    weights = [sum(tag.presence * tag.zones[zone] for tag in belief.tags.values()) for zone in range(len(ZONES))]
    whole = sum(weights)
    if whole <= 0.0:
        return {}
    units = mean(belief)
    return {zone: units * weight / whole for zone, weight in zip(ZONES, weights, strict=True) if weight > 0.005 * whole}


__all__ = [
    "ZONES",
    "Belief",
    "Camera",
    "Chain",
    "Held",
    "Losses",
    "Place",
    "Reader",
    "Tag",
    "Where",
    "by_zone",
    "chances",
    "distribution",
    "empty",
    "likeliest",
    "mean",
    "quantile",
    "zone_if_here",
    "zone_of",
]
