"""Shelf cameras: a count of what can be seen of a facing, often too low, sometimes nonsense, sometimes frozen.

A camera sees each unit on the floor (up to the facing's capacity) with a learned probability. One that reports the
very counts of its last looks again, against chance, is stuck; one that sees none of what is surely there is covered
or moved. Neither is believed until it changes.
"""

from collections.abc import Callable
from math import comb, log

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief.arrays import Array
from inventory.stock.belief.passing import advance
from inventory.stock.belief.state import FLOOR, Belief, Camera, Where
from schemas.observations import QuantityMeasured

NONSENSE = 0.06
STUCK_AT = 9.0
"""Evidence at which a camera is not believed any more: odds of about 8,000 to 1 against chance."""

_TEMPER = 0.5
_CAPACITY = 8
_MOST_LOG = 4.0


def looked(belief: Belief, where: Where, seen: QuantityMeasured) -> Camera:
    """Weigh a look at a facing; returns what is known of the camera now."""
    advance(belief, where, seen.occurred_at_ms)
    camera = where.place.cameras.setdefault(seen.device, Camera())
    _watch(camera, belief, seen)
    if belief.cells and not stuck(camera):
        weight = _TEMPER * seen.confidence * (1.0 - seen.occlusion)
        _weigh(belief, camera, seen.quantity, seen.capacity or _CAPACITY, weight)
    return camera


def stuck(camera: Camera) -> bool:
    """Whether the camera has said the same, or nothing of what is there, too often to be looking."""
    return max(camera.still, camera.dark) >= STUCK_AT


def _watch(camera: Camera, belief: Belief, seen: QuantityMeasured) -> None:
    """Gather evidence that the picture is still or dark; one facing that changes shows that it is not."""
    last = belief.facings.get(seen.facing)
    belief.facings[seen.facing] = seen.quantity
    if last is not None and last != seen.quantity:
        camera.still = 0.0
    elif last:
        camera.still += -log(_same_again(camera, seen.quantity))
    if seen.quantity:
        camera.dark = 0.0
    elif belief.cells:
        camera.dark += -log(_sees_none(camera, chances_in_zone(belief, FLOOR)))


def _same_again(camera: Camera, count: int) -> float:
    """P(the next look counts the same), were as many there as it takes to see so many."""
    rate = _rate(camera)
    there = max(round(count / rate), count)
    return comb(there, count) * rate**count * (1.0 - rate) ** (there - count)


def _sees_none(camera: Camera, on_floor: Array) -> float:
    """P(a camera that works sees none); what it cannot see for other reasons is part of it."""
    chance = float((on_floor * (1.0 - _rate(camera)) ** np.arange(len(on_floor))).sum())
    return max(chance, NONSENSE)


def _rate(camera: Camera) -> float:
    return min(max(camera.seen / camera.there, 0.05), 0.98)


def _weigh(belief: Belief, camera: Camera, count: int, capacity: int, weight: float) -> None:
    now = weigh_zone(belief, FLOOR, lambda on_floor: _seen(count, on_floor, capacity, camera) ** weight)
    _learn(camera, count, now, capacity)


def chances_in_zone(belief: Belief, zone: int) -> Array:
    """Probability of 0, 1, 2, ... units in the zone, by the tags' own odds."""
    joint = _tags_and_zone(belief, zone)
    return np.asarray(joint.sum(axis=0) / joint.sum())


def weigh_zone(belief: Belief, zone: int, likelihood: Callable[[int], float]) -> float:
    """Weigh what was seen of one zone, given how many units are in it; returns how many are now expected there."""
    joint = _tags_and_zone(belief, zone)
    tempered = np.array([likelihood(units_there) for units_there in range(joint.shape[1])])
    by_tags = joint.sum(axis=1)
    told = np.where(by_tags > 1e-200, (joint * tempered).sum(axis=1) / np.maximum(by_tags, 1e-200), tempered.min())
    most = len(told) - 1
    belief.cells = units.weighted(belief.cells, lambda cell: float(told[min(units.tag_count(cell), most)]))
    before = joint.sum(axis=0)
    after = before * tempered
    floors = np.arange(len(before))
    said, now = float((before * floors).sum() / before.sum()), float((after * floors).sum() / after.sum())
    _shift_zone(belief, zone, said, now)
    return now


def _tags_and_zone(belief: Belief, zone: int) -> Array:
    """Joint probability of how many tags of the first sort (about one a unit) are here and in the zone."""
    mine = [tag for tag in belief.tags.values() if tag.presence > 1e-3 and not tag.hidden]
    joint = np.zeros((len(mine) + 1, len(mine) + 1))
    joint[0, 0] = 1.0
    for number, tag in enumerate(mine):
        upto = number + 1
        inside, other = tag.presence * tag.zones[zone], tag.presence * (1.0 - tag.zones[zone])
        before = joint[:upto, :upto].copy()
        joint[:upto, :upto] *= 1.0 - tag.presence
        joint[1 : upto + 1, :upto] += before * other
        joint[1 : upto + 1, 1 : upto + 1] += before * inside
    return joint


def _seen(count: int, on_floor: int, capacity: int, camera: Camera) -> float:
    """P(count | units on the floor): binomial up to the capacity, else anything."""
    visible = min(on_floor, capacity)
    rate = _rate(camera)
    told = comb(visible, count) * rate**count * (1.0 - rate) ** (visible - count) if count <= visible else 0.0
    return (1.0 - NONSENSE) * told + NONSENSE / (capacity + 1)


def _shift_zone(belief: Belief, zone: int, said: float, now: float) -> None:
    """Move tags into or out of the zone so that their number is what was seen makes likely."""
    if said <= 1e-6 or abs(now - said) < 1e-3:
        return
    odds = min(max(now / said, 0.1), 10.0)
    for tag in belief.tags.values():
        inside = tag.zones[zone]
        if 0.0 < inside < 1.0:
            moved = inside * odds / (inside * odds + 1.0 - inside)
            rest = (1.0 - moved) / (1.0 - inside)
            tag.zones = [moved if number == zone else share * rest for number, share in enumerate(tag.zones)]


def _learn(camera: Camera, count: int, on_floor: float, capacity: int) -> None:
    """How much of what is there it sees, from looks that make sense."""
    visible = min(on_floor, capacity)
    if visible >= 1.0 and count <= visible + 0.5:
        kept = 0.999
        camera.seen = kept * camera.seen + count
        camera.there = kept * camera.there + visible
