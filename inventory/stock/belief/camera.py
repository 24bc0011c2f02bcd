"""Shelf cameras: a count of what can be seen of a facing, often too low, sometimes nonsense, sometimes frozen.

A camera sees each unit on the floor (up to the facing's capacity) with a learned probability. One that
reports the very counts of its last look again and again is stuck or moved, and is not believed until it changes.
"""

from math import comb

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief.arrays import Array
from inventory.stock.belief.passing import advance
from inventory.stock.belief.state import FLOOR, Belief, Camera, Where
from schemas.observations import QuantityMeasured

NONSENSE = 0.06
STUCK_AFTER = 8
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
    """Whether the camera has said the same thing too often to be looking."""
    return camera.repeated >= STUCK_AFTER


def _watch(camera: Camera, belief: Belief, seen: QuantityMeasured) -> None:
    """Empty facings stay empty; any other count should vary from look to look."""
    last = belief.facings.get(seen.facing)
    belief.facings[seen.facing] = seen.quantity
    if last is not None and (last or seen.quantity):
        camera.repeated = camera.repeated + 1 if last == seen.quantity else 0


def _weigh(belief: Belief, camera: Camera, count: int, capacity: int, weight: float) -> None:
    joint = _tags_and_floor(belief)
    likelihood = np.array([_seen(count, on_floor, capacity, camera) for on_floor in range(joint.shape[1])])
    tempered = likelihood**weight
    by_tags = joint.sum(axis=1)
    told = np.where(by_tags > 1e-200, (joint * tempered).sum(axis=1) / np.maximum(by_tags, 1e-200), tempered.min())
    most = len(told) - 1
    belief.cells = units.weighted(belief.cells, lambda cell: float(told[min(units.tag_count(cell), most)]))
    before = joint.sum(axis=0)
    after = before * tempered
    floors = np.arange(len(before))
    said, now = float((before * floors).sum() / before.sum()), float((after * floors).sum() / after.sum())
    _shift_floor(belief, said, now)
    _learn(camera, count, now, capacity)


def _tags_and_floor(belief: Belief) -> Array:
    """Joint probability of how many tags of the first sort (about one a unit) are here and on the floor."""
    mine = [tag for tag in belief.tags.values() if tag.presence > 1e-3 and not tag.hidden]
    joint = np.zeros((len(mine) + 1, len(mine) + 1))
    joint[0, 0] = 1.0
    for number, tag in enumerate(mine):
        upto = number + 1
        floor, other = tag.presence * tag.zones[FLOOR], tag.presence * (1.0 - tag.zones[FLOOR])
        before = joint[:upto, :upto].copy()
        joint[:upto, :upto] *= 1.0 - tag.presence
        joint[1 : upto + 1, :upto] += before * other
        joint[1 : upto + 1, 1 : upto + 1] += before * floor
    return joint


def _seen(count: int, on_floor: int, capacity: int, camera: Camera) -> float:
    """P(count | units on the floor): binomial up to the capacity, else anything."""
    visible = min(on_floor, capacity)
    rate = min(max(camera.seen / camera.there, 0.05), 0.98)
    told = comb(visible, count) * rate**count * (1.0 - rate) ** (visible - count) if count <= visible else 0.0
    return (1.0 - NONSENSE) * told + NONSENSE / (capacity + 1)


def _shift_floor(belief: Belief, said: float, now: float) -> None:
    """Move tags onto or off the floor so that their number is what the camera makes likely."""
    if said <= 1e-6 or abs(now - said) < 1e-3:
        return
    odds = min(max(now / said, 0.1), 10.0)
    for tag in belief.tags.values():
        floor = tag.zones[FLOOR]
        if 0.0 < floor < 1.0:
            moved = floor * odds / (floor * odds + 1.0 - floor)
            rest = (1.0 - moved) / (1.0 - floor)
            tag.zones = [moved if number == FLOOR else share * rest for number, share in enumerate(tag.zones)]


def _learn(camera: Camera, count: int, on_floor: float, capacity: int) -> None:
    """How much of what is there it sees, from looks that make sense."""
    visible = min(on_floor, capacity)
    if visible >= 1.0 and count <= visible + 0.5:
        kept = 0.999
        camera.seen = kept * camera.seen + count
        camera.there = kept * camera.there + visible
