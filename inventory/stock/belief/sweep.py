"""A sweep that ended: what one reader heard, and did not hear, of everything in one zone of a place."""

from collections.abc import Callable
from math import log

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import detection, tags
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.entries import Beliefs, Entries
from inventory.stock.belief.learning import learn_detection, learn_strays
from inventory.stock.belief.oddities import learn_seconds
from inventory.stock.belief.passing import MILLISECONDS_PER_DAY, advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import BACK, FLOOR, Belief, Chain, Place, Reader, Tag, Where, zone_index

_READ_THOUGH_GONE = 0.002
_NEW_ZONE = 0.05
_NOTICED = 0.005


def sweep(where: Where, reader: Reader, zone_name: str, beliefs: Beliefs, at_ms: int) -> None:
    """Weigh the end of a sweep of ``zone_name``; ``beliefs`` are all of the place's.

    A style lies together: its tags are one section, which can be heard badly or be skipped as a whole.
    A ``deaf`` reader heard next to nothing: that says nothing of the stock.
    """
    place, zone = where.place, zone_index(zone_name)
    if not place.shares[zone]:
        _open_zone(place, zone, beliefs)
    for _, belief, losses in beliefs:
        belief.swept_at_ms = at_ms
        advance(belief, where._replace(losses=losses), at_ms)
    beliefs = [held for held in beliefs if zone_name in held.belief.heard or _may_be_in(held.belief, zone)]
    for held in beliefs:
        learn_seconds(held.belief, where.chain)
    seen = Entries(beliefs, zone, zone_name, where, at_ms)
    if not seen.tags:
        return
    # First what the sweep teaches of the reader, then, with that, what it says of the stock.
    learn_detection(where, reader, seen, zone, _rates_and_shifts(where, reader, seen)[1] <= detection.SKIPPED)
    rates, shifts = _rates_and_shifts(where, reader, seen)
    skipped = shifts <= detection.SKIPPED
    with np.errstate(over="ignore"):
        shifted = np.where(skipped, 0.0, 1.0 / (1.0 + (1.0 / rates - 1.0) * np.exp(-np.where(skipped, 0.0, shifts))))
    inside, outside, absent = _likelihoods(reader, seen, shifted, skipped)
    present = seen.here * inside + (1.0 - seen.here) * outside
    before = _means(beliefs, units.total)
    _reweigh(beliefs, seen, present, absent)
    after = seen.presence * present / (seen.presence * present + (1.0 - seen.presence) * absent)
    zones_after = np.clip(seen.here * inside / np.maximum(present, 1e-12), 0.0, 1.0)
    after = _settle(where, beliefs, seen, before, after)
    _store(where.chain, seen, after, zones_after, zone, skipped, at_ms)
    learn_strays(reader, seen, zone)
    for held in beliefs:
        tags.tidy(held.belief)


def _may_be_in(belief: Belief, zone: int) -> bool:
    """Whether silence in the zone can say anything."""
    return any(tag.presence * tag.zones[zone] > _NOTICED for tag in belief.tags.values())


def _open_zone(place: Place, zone: int, beliefs: Beliefs) -> None:
    """A zone that was never swept before: stock may be there too."""
    place.shares = _with_zone(place.shares, zone)
    for held in beliefs:
        for tag in held.belief.tags.values():
            tag.zones = _with_zone(tag.zones, zone)


def _with_zone(shares: list[float], zone: int) -> list[float]:
    return [share * (1.0 - _NEW_ZONE) + (_NEW_ZONE if number == zone else 0.0) for number, share in enumerate(shares)]


def _rates_and_shifts(where: Where, reader: Reader, seen: Entries) -> tuple[Array, Array]:
    """Each tag's detection rate, and the logit shift of its section; everything is skipped by a deaf reader."""
    rates = np.clip(detection.tag_rates(where.chain, reader, seen.hits, seen.misses + seen.run), 0.005, 0.998)
    return rates, np.full(len(rates), detection.SKIPPED) if reader.deaf else _shifts(seen, rates)


def _shifts(seen: Entries, rates: Array) -> Array:
    shifts = np.zeros(len(rates))
    in_zone = seen.presence * seen.here
    for section in range(int(seen.section.max()) + 1):
        mine = (seen.section == section) & (in_zone > 0.3) & (seen.listed | (seen.hits > 2))
        shift = detection.section_shift(in_zone[mine], rates[mine], seen.heard[mine], 0.05)
        shifts[seen.section == section] = shift
    return shifts


def _likelihoods(reader: Reader, seen: Entries, shifted: Array, skipped: Mask) -> tuple[Array, Array, Array]:
    """Of what was heard of each tag: were it in the zone, elsewhere in the place, not here."""
    near = min(reader.near / reader.near_looks, 0.5)
    ghost = min(reader.ghosts / reader.ghost_looks, 0.5)
    absent = np.where(seen.listed, _READ_THOUGH_GONE, ghost)
    inside, outside = np.where(skipped, 1e-3, shifted), np.full(len(shifted), near)
    loud = np.array([detection.loudness(reader, rssi) if rssi is not None else (1.0, 1.0) for rssi in seen.rssi])
    heard = seen.heard
    inside = np.where(heard, inside * loud[:, 0], 1.0 - inside)
    outside = np.where(heard, outside * loud[:, 1], 1.0 - outside)
    absent = np.where(heard, absent * loud[:, 1], 1.0 - absent)
    return inside, outside, absent


def _reweigh(beliefs: Beliefs, seen: Entries, present: Array, absent: Array) -> None:
    """cells(T) *= [z^T] prod(absent_i (1 - x_i) + present_i x_i z) / [z^T] prod(1 - x_i + x_i z)."""
    counts = np.bincount(seen.owner, minlength=len(beliefs))
    rows, width = len(beliefs), int(counts.max())
    place = np.arange(len(seen.owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    constant, linear = np.ones((2 * rows, width)), np.zeros((2 * rows, width))
    x = seen.presence
    constant[seen.owner, place], linear[seen.owner, place] = 1.0 - x, x
    constant[rows + seen.owner, place], linear[rows + seen.owner, place] = (1.0 - x) * absent, x * present
    made, _ = products(constant, linear)  # both rows of a belief up to a factor, which normalising takes out
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(made[rows:]) - np.log(made[:rows])
    ratios = np.where(made[:rows] > 1e-250, ratios, -60.0)
    for row, (_, belief, _) in enumerate(beliefs):
        if belief.cells and counts[row]:
            _reweigh_one(belief, ratios[row], int(counts[row]))


def _reweigh_one(belief: Belief, ratio: Array, most: int) -> None:
    told = {}
    for cell, weight in belief.cells.items():
        tag_count = units.tag_count(cell)
        value = float(ratio[min(tag_count, most)]) - (20.0 * (tag_count - most) if tag_count > most else 0.0)
        told[cell] = log(weight) + max(value, -300.0)
    highest = max(told.values())
    belief.cells = units.normalised({cell: float(np.exp(max(one - highest, -60.0))) for cell, one in told.items()})


def _store(chain: Chain, seen: Entries, presence: Array, here: Array, zone: int, skipped: Mask, at_ms: int) -> None:
    for number, tag in enumerate(seen.tags):
        tag.presence = presence[number].item()
        _put_zone(tag, zone, float(here[number]))
        if seen.heard[number]:
            if here[number] > 0.5:
                _hit(chain, tag, zone, at_ms)
        elif not skipped[number] and (tag.home == zone or (tag.home < 0 and seen.here[number] > 0.5)):
            tag.run += 1.0
        if not tag.listed and tag.presence > 0.95 and tag.hits >= 2:
            tag.listed = True
            chain.unlisted_seconds += tag.surprise > 0.3


def _hit(chain: Chain, tag: Tag, zone: int, at_ms: int) -> None:
    """Heard: if it was here before, the misses since then were misses; else it may have been elsewhere."""
    if tag.home >= 0 and tag.heard_at_ms >= 0 and tag.presence > 0.9:
        days = (at_ms - tag.heard_at_ms) / MILLISECONDS_PER_DAY
        chain.tag_days += days
        chain.back_days += days if tag.home == BACK else 0.0
        chain.carried += (tag.home, zone) == (BACK, FLOOR)
        chain.wandered += zone not in (tag.home, FLOOR) or (zone == FLOOR and tag.home not in (FLOOR, BACK))
    tag.heard_at_ms = at_ms
    tag.hits += 1.0
    tag.misses += tag.run if tag.home == zone else 0.0
    tag.run, tag.home, tag.unsold = 0.0, zone, 1.0


def _put_zone(tag: Tag, zone: int, here: float) -> None:
    rest = 1.0 - tag.zones[zone]
    scale = (1.0 - here) / rest if rest > 1e-9 else 0.0
    tag.zones = [here if number == zone else share * scale for number, share in enumerate(tag.zones)]


def _settle(where: Where, beliefs: Beliefs, seen: Entries, before: Array, after: Array) -> Array:
    """Learn losses from what the sweep changed; the tags' presences, made to agree with their number.

    One common logit shift of the tags of each belief, found by bisection.
    """
    for (_, belief, losses), fell in zip(beliefs, (before - _means(beliefs, units.total)).tolist(), strict=True):
        for counter in (belief.losses, where.place.losses, losses):
            counter.lost += fell
    counts = np.bincount(seen.owner, minlength=len(beliefs))
    target = np.clip(_means(beliefs, units.tag_count), 1e-3, np.maximum(counts - 1e-3, 1e-3))
    clipped = np.clip(after, 1e-9, tags.SURE)
    logit = np.log(clipped / (1.0 - clipped))
    low, high = np.full(len(beliefs), -20.0), np.full(len(beliefs), 20.0)
    for _ in range(24):
        middle = (low + high) / 2
        whole = np.bincount(seen.owner, 1.0 / (1.0 + np.exp(-(logit + middle[seen.owner]))), len(beliefs))
        high, low = np.where(whole > target, middle, high), np.where(whole > target, low, middle)
    settled: Array = 1.0 / (1.0 + np.exp(-(logit + ((low + high) / 2)[seen.owner])))
    return settled.clip(1e-9, tags.SURE)


def _means(beliefs: Beliefs, of: Callable[[int], float]) -> Array:
    return np.array([units.mean(belief.cells, of) for _, belief, _ in beliefs])
