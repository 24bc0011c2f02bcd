"""A sweep that ended: what one reader heard, and did not hear, of everything in one zone of a place."""

from math import exp, log

import numpy as np

from inventory.stock.belief import beside, carrying, detection, pairs, tags
from inventory.stock.belief import cells as units
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.entries import Beliefs, Entries
from inventory.stock.belief.learning import learn_detection, learn_strays
from inventory.stock.belief.oddities import learn_seconds
from inventory.stock.belief.passing import MILLISECONDS_PER_DAY, advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import BACK, FLOOR, Belief, Chain, Place, Reader, Tag, Where, zone_index
from inventory.stock.belief.tilting import means, tilted

_READ_THOUGH_GONE = 0.002
_NEW_ZONE = 0.05
_NOTICED = 0.005
_BAD = -1.8
_SURELY_HERE = 0.95
_ONE_ROUND_MS = 2 * 3_600_000
_SPLIT, _LOCATED = 2.0, 0.9


def sweep(where: Where, reader: Reader, zone_name: str, beliefs: Beliefs, at_ms: int) -> None:
    """Weigh the end of a sweep of ``zone_name``; ``beliefs`` are all of the place's.

    A style lies together: its tags are one section, which can be heard badly or be skipped as a whole.
    A ``deaf`` reader heard next to nothing: that says nothing of the stock.
    """
    place, zone = where.place, zone_index(zone_name)
    if not place.shares[zone]:
        _open_zone(place, zone, beliefs)
    for _, belief, losses in beliefs:
        advance(belief, where._replace(losses=losses), at_ms)
        belief.fell = belief.fell if at_ms - belief.swept_at_ms < _ONE_ROUND_MS else 0.0
        belief.swept_at_ms = at_ms
    beliefs = [held for held in beliefs if zone_name in held.belief.heard or _may_be_in(held.belief, zone)]
    for held in beliefs:
        learn_seconds(held.belief, where.chain)
    seen = Entries(beliefs, zone, zone_name, where, reader, at_ms)
    if not seen.tags:
        return
    if not reader.deaf:
        seen.here = _where_unlocated(seen)
    _agree(beliefs, seen)
    # First what the sweep teaches of the reader, then, with that, what it says of the stock.
    learn_detection(where, reader, seen, zone, _rates_and_shifts(where, reader, seen)[1] <= detection.SKIPPED)
    rates, shifts = _rates_and_shifts(where, reader, seen)
    skipped = shifts <= detection.SKIPPED
    _note_bad(reader, seen, shifts)
    with np.errstate(over="ignore"):
        shifted = np.where(skipped, 0.0, 1.0 / (1.0 + (1.0 / rates - 1.0) * np.exp(-np.where(skipped, 0.0, shifts))))
    inside, outside, absent = _likelihoods(reader, seen, shifted, skipped)
    present = seen.here * inside + (1.0 - seen.here) * outside
    before = means(beliefs, units.total)
    _reweigh(beliefs, seen, present, absent)
    after = seen.presence * present / (seen.presence * present + (1.0 - seen.presence) * absent)
    zones_after = np.clip(seen.here * inside / np.maximum(present, 1e-12), 0.0, 1.0)
    _learn_losses(where, beliefs, before)
    after = tilted(beliefs, seen, after)
    _store(where.chain, seen, after, zones_after, zone, skipped, at_ms)
    learn_strays(reader, seen, zone)
    for held in beliefs:
        pairs.weigh(held.belief)
        beside.weigh(held.belief)
        tags.tidy(held.belief)


def _agree(beliefs: Beliefs, seen: Entries) -> None:
    """What tills and silence said of the number since the last sweep, each tag has its part in."""
    agreeing = tilted(beliefs, seen, seen.presence)
    for tag, unsold in zip(seen.tags, (agreeing / seen.presence).tolist(), strict=True):
        tag.unsold = min(tag.unsold * unsold, 1.0)
    seen.presence = agreeing


def _where_unlocated(seen: Entries) -> Array:
    """P(in the zone) of each tag, (n,); of a SKU no tag of which was located yet, all may be in one zone or the other.

    They share an unknown split, Beta(2 p, 2 (1 - p)) about where stock usually is: of the others of the SKU, ``heard``
    of ``there`` were in this zone, so ``p = (2 p + heard) / (2 + there)`` for each. Taken one by one, the
    silence of many in a zone where none of them is would say that there are none.
    """
    located = [any(tag.home >= 0 for tag in held.belief.tags.values()) for held in seen.beliefs]
    new = ~np.array(located, dtype=np.bool_)[seen.owner]
    theirs = seen.presence * new
    there, heard = (np.bincount(seen.owner, one, len(seen.beliefs)) for one in (theirs, theirs * seen.heard))
    split = (_SPLIT * seen.here + heard[seen.owner]) / (_SPLIT + there[seen.owner] - theirs)
    open_to = np.array([max(tag.zones) < _LOCATED for tag in seen.tags], dtype=np.bool_)
    return np.where(new & open_to & ~seen.heard, np.minimum(split, _LOCATED), seen.here)


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
    return rates, np.full(len(rates), detection.SKIPPED) if reader.deaf else _shifts(reader, seen, rates)


def _shifts(reader: Reader, seen: Entries, rates: Array) -> Array:
    shifts = np.zeros(len(rates))
    in_zone = seen.presence * seen.here
    for section, style in enumerate(seen.styles):
        mine = (seen.section == section) & (in_zone > 0.3) & (seen.listed | (seen.hits > 2))
        bad = reader.bad.get(style, 0)
        shifts[seen.section == section] = detection.section_shift(
            in_zone[mine], rates[mine], seen.heard[mine], 0.05, bad
        )
    return shifts


def _note_bad(reader: Reader, seen: Entries, shifts: Array) -> None:
    """Sections that went badly again, of which it is the less likely the next time."""
    if reader.deaf:
        return
    for section, style in enumerate(seen.styles):
        if (shifts[seen.section == section] <= _BAD).any():
            reader.bad[style] = reader.bad.get(style, 0) + 1
        elif style in reader.bad:
            del reader.bad[style]


def _likelihoods(reader: Reader, seen: Entries, shifted: Array, skipped: Mask) -> tuple[Array, Array, Array]:
    """Of what was heard of each tag: were it in the zone, elsewhere in the place, not here."""
    near = min(reader.near / reader.near_looks, 0.5)
    ghost = min(reader.ghosts / reader.ghost_looks, 0.5)
    absent = np.where(seen.listed | seen.room, _READ_THOUGH_GONE, ghost)
    inside, outside = np.where(skipped, 1e-3, shifted), np.full(len(shifted), near)
    loud = np.array([detection.loudness(reader, rssi) if rssi is not None else (1.0, 1.0) for rssi in seen.rssi])
    heard = seen.heard
    inside = np.where(heard, inside * loud[:, 0], 1.0 - inside)
    outside = np.where(heard, outside * loud[:, 1], 1.0 - outside)
    absent = np.where(heard, absent * loud[:, 1], 1.0 - absent)
    return inside, outside, absent


def _reweigh(beliefs: Beliefs, seen: Entries, present: Array, absent: Array) -> None:
    """cells(T) *= [z^T] prod(absent_i (1 - x_i) + present_i x_i z) / [z^T] prod(1 - x_i + x_i z), for either sort."""
    rows = 2 * len(beliefs)
    counts = np.bincount(seen.group, minlength=rows)
    order = np.argsort(seen.group, kind="stable")
    group, x = seen.group[order], seen.presence[order]
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    constant, linear = np.ones((2 * rows, int(counts.max()))), np.zeros((2 * rows, int(counts.max())))
    constant[group, place], linear[group, place] = 1.0 - x, x
    constant[rows + group, place], linear[rows + group, place] = (1.0 - x) * absent[order], x * present[order]
    made, _ = products(constant, linear)  # both rows of a group up to a factor, which normalising takes out
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(made[rows:]) - np.log(made[:rows])
    ratios = np.where(made[:rows] > 1e-250, ratios, -60.0)
    for row, held in enumerate(beliefs):
        mine = slice(2 * row, 2 * row + 2)
        if held.belief.cells and counts[mine].any():
            _reweigh_one(held.belief, ratios[mine].tolist(), counts[mine].tolist())


def _reweigh_one(belief: Belief, ratios: list[list[float]], most: list[int]) -> None:
    told = {}
    for cell, weight in belief.cells.items():
        value = log(weight)
        for ratio, limit, count in zip(ratios, most, (units.tag_count(cell), units.hidden_count(cell)), strict=True):
            value += max(ratio[min(count, limit)], -300.0) - 20.0 * max(count - limit, 0)
        told[cell] = value
    highest = max(told.values())
    belief.cells = units.normalised({cell: exp(max(one - highest, -60.0)) for cell, one in told.items()})


def _store(chain: Chain, seen: Entries, presence: Array, here: Array, zone: int, skipped: Mask, at_ms: int) -> None:
    floor_low = [seen.beliefs[owner].belief.floor_low for owner in seen.owner.tolist()]
    for number, tag in enumerate(seen.tags):
        tag.presence = presence[number].item()
        _put_zone(tag, zone, float(here[number]))
        if seen.heard[number]:
            if here[number] > 0.5:
                sure = here[number] > _SURELY_HERE
                _hit(chain, tag, floor_low[number] if sure else -1.0, zone, at_ms)
        elif not skipped[number] and (tag.home == zone or (tag.home < 0 and seen.here[number] > 0.5)):
            tag.run += 1.0
        if not tag.listed and tag.presence > 0.95 and tag.hits >= 2:
            tag.listed = True
            chain.unlisted_seconds += tag.surprise > 0.3


def _hit(chain: Chain, tag: Tag, floor_low: float, zone: int, at_ms: int) -> None:
    """Heard: if it was here before, the misses since then were misses; else it may have been elsewhere."""
    if tag.home >= 0 and tag.heard_at_ms >= 0 and tag.presence > 0.9:
        _learn_move(chain, tag, floor_low, zone, (at_ms - tag.heard_at_ms) / MILLISECONDS_PER_DAY)
    tag.moved_at_ms = at_ms if tag.home != zone or tag.moved_at_ms < 0 else tag.moved_at_ms
    tag.came_from = tag.home if tag.home != zone else -1
    tag.heard_at_ms = at_ms
    tag.hits += 1.0
    tag.misses += tag.run if tag.home == zone else 0.0
    tag.run, tag.home, tag.unsold = 0.0, zone, 1.0


def _learn_move(chain: Chain, tag: Tag, floor_low: float, zone: int, days: float) -> None:
    """Only the second time in a row that it is heard in a zone it has surely come there, or stayed.

    Carried goods are counted at once, if they do not just seem to be back where they were.
    """
    chain.tag_days += days
    if tag.hits and tag.came_from != zone:
        chain.found[tag.home] += 1.0
        chain.moved[tag.home] += zone != tag.home and floor_low >= 0.0
    if tag.home == BACK and floor_low >= 0.0 and zone in (BACK, FLOOR) and tag.came_from != FLOOR:
        carrying.learn(chain, floor_low, carried=zone == FLOOR)
    if tag.home == zone and tag.came_from >= 0:
        chain.wandered += (tag.came_from, zone) != (BACK, FLOOR)


def _put_zone(tag: Tag, zone: int, here: float) -> None:
    rest = 1.0 - tag.zones[zone]
    scale = (1.0 - here) / rest if rest > 1e-9 else 0.0
    tag.zones = [here if number == zone else share * scale for number, share in enumerate(tag.zones)]


def _learn_losses(where: Where, beliefs: Beliefs, before: Array) -> None:
    """What the sweep took off the believed number was lost unseen, what it added had been thought so."""
    for held, fell in zip(beliefs, (before - means(beliefs, units.total)).tolist(), strict=True):
        held.belief.fell += fell
        for counter in (held.belief.losses, where.place.losses, held.losses):
            counter.lost += fell
