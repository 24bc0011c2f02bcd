"""Units that come: openings, receipts, transfers, with or without a list of their tags."""

from collections.abc import Mapping, Sequence

from inventory.stock.belief import cells as units
from inventory.stock.belief import pairs, tags
from inventory.stock.belief.cells import Batch, Parts
from inventory.stock.belief.oddities import (
    MOST,
    PAPERS_WRONG,
    listed_seconds,
    note_papers,
    note_second_rate,
    seldom,
    unlisted_seconds,
    untagged,
)
from inventory.stock.belief.passing import advance
from inventory.stock.belief.state import LARGE, MOST_TAGS, Belief, Chain, Tag, Where, zone_index

OPENING_WRONG = 0.01
_MOST_UNTAGGED = 3
_MOST_OWN, _SURELY = 0.8, 0.95
_FAR_WRONG = 3e-4
"""How often a delivery that is booked did not come at all, or much of it did not."""
_MOST_WAYS = 25
_RARELY = 1e-3
_NOTHING = {units.code(Parts(0)): 1.0}

_Came = tuple[Batch, list[float], list[float]]
"""What may have come, the chances of tags nobody named, and the slots of those that must be there."""


def zone_shares(where: Where, zone: str) -> list[float]:
    """Where a unit is that was put into ``zone``; where stock usually is if that was not said."""
    usual = where.place.shares
    if not zone:
        return list(usual)
    at = zone_index(zone)
    return [0.08 * share + (0.92 if number == at else 0.0) for number, share in enumerate(usual)]


def come(
    belief: Belief, where: Where, quantity: int, epcs: Sequence[str], zone: str, at_ms: int, wrong: float = PAPERS_WRONG
) -> None:
    """``quantity`` units are booked in; papers may name their tags (none named = not told).

    One unit more or less than booked arrives with probability ``wrong``.
    """
    advance(belief, where, at_ms)
    belief.at_ms = max(belief.at_ms, at_ms)
    epcs, zones = tuple(dict.fromkeys(epcs)), zone_shares(where, zone)
    if epcs:
        equip(belief, where)
    if is_large(belief, quantity) or (not epcs and is_plain(belief, where)):
        known = belief.cells or dict(_NOTHING)
        belief.cells = units.arrive(known, _off_by_one([(Parts(quantity), 1.0)], wrong, listed=False))
        return
    pairs.new_lot(belief, quantity, len(epcs))
    if epcs:
        batch, hidden, slots = _named(belief, where, quantity, epcs, zones, zone, at_ms, wrong)
    else:
        batch, hidden, slots = _unnamed(where, quantity, wrong)
    tags.add_slots(belief, slots, zones, hidden=False)
    tags.add_slots(belief, _tail(hidden, wrong / 2 if epcs else 0.0), zones, hidden=bool(epcs))
    belief.cells = units.arrive(belief.cells or dict(_NOTHING), _off_by_one(batch, wrong, listed=bool(epcs)))
    if len(belief.tags) > MOST_TAGS:
        tags.tidy(belief)


def _named(
    belief: Belief,
    where: Where,
    quantity: int,
    epcs: Sequence[str],
    zones: list[float],
    zone: str,
    at_ms: int,
    wrong: float,
) -> _Came:
    chain = where.chain
    batch, hidden = _told(chain, quantity, len(epcs)), unlisted_seconds(chain).chances(quantity)
    here = 1.0 - wrong / (2 * max(quantity, 1))
    for epc in epcs:
        belief.tags[epc] = Tag(here, list(zones), listed=True, home=zone_home(zone), heard_at_ms=at_ms)
        pairs.put_in_lot(belief, belief.tags[epc], at_ms)
    note_papers(chain, quantity, len(epcs), wrong)
    note_second_rate(belief, chain, quantity)
    return batch, hidden, []


def _unnamed(where: Where, quantity: int, wrong: float) -> _Came:
    chain = where.chain
    here = 1.0 - wrong / 2 / max(quantity, 1) - seldom(chain.untagged, chain).rate
    slots = [max(here, 0.5)] * quantity + ([wrong / 2] if wrong else [])
    return _untold(chain, quantity), seldom(chain.listed_seconds, chain).chances(quantity), slots


def is_large(belief: Belief, quantity: int) -> bool:
    """Whether there are, or come, too many units to follow single tags."""
    return quantity + (units.mean(belief.cells, units.total) if belief.cells else 0.0) > LARGE


def is_plain(belief: Belief, where: Where) -> bool:
    """Whether nobody looks at single units: no tag is known, and no reader or camera was ever heard of at the place.

    Then only the number of units is followed, which is many times quicker.
    """
    return not (belief.tags or where.place.readers or where.place.cameras)


def equip(belief: Belief, where: Where) -> None:
    """Somebody looks at single units from now on: they may have tags, as those of a delivery without a list."""
    if not belief.cells or not is_plain(belief, where) or is_large(belief, 0):
        return
    chain, zones, plain = where.chain, zone_shares(where, ""), belief.cells
    batch = {there: _untold(chain, there) for there in map(units.total, plain)}
    tagged: units.Cells = {}
    for cell, weight in plain.items():
        for came, chance in batch[units.total(cell)]:
            key = units.code(came)
            tagged[key] = tagged.get(key, 0.0) + weight * chance
    above, slots = 1.0, []
    for chance in units.distribution(plain):
        above -= chance
        slots.append(max(above - seldom(chain.untagged, chain).rate, 0.0))
    belief.cells = units.normalised(tagged)
    expected = round(units.mean(plain, units.total))
    pairs.new_lot(belief, expected, 0)
    tags.add_slots(belief, [slot for slot in slots if slot > _RARELY], zones, hidden=False)
    tags.add_slots(belief, _tail(seldom(chain.listed_seconds, chain).chances(expected), 0.0), zones, hidden=False)


def make_room(belief: Belief, where: Where) -> None:
    """Units that came while there were too many to follow single tags have tags as well, now that there are fewer."""
    known = sum(tag.presence > tags.LEAST for tag in belief.tags.values() if not tag.hidden)
    missing = round(units.mean(belief.cells, units.tag_count)) - known
    if missing > 0:
        pairs.new_lot(belief, missing, 0)
        here = 1.0 - seldom(where.chain.untagged, where.chain).rate
        tags.add_slots(belief, [here] * missing, zone_shares(where, ""), hidden=False)


def begin(belief: Belief, where: Where, zone: str, own: Mapping[str, float], at_ms: int) -> None:
    """Stock nobody has told of: what the first sweep hears is there, and perhaps a few more.

    ``own`` is how likely each tag is no stray by its loudness; most that is heard is none.
    """
    zones = zone_shares(where, zone)
    belief.at_ms = max(belief.at_ms, at_ms)
    belief.cells = dict(_NOTHING)
    for epc in sorted(own):
        here = _MOST_OWN * own[epc] / (_MOST_OWN * own[epc] + (1.0 - _MOST_OWN) * (1.0 - own[epc]))
        belief.tags[epc] = Tag(here, list(zones), listed=here > _SURELY, home=zone_home(zone), heard_at_ms=at_ms)
        belief.cells = units.arrive(belief.cells, [(Parts(1), here), (Parts(0), 1.0 - here)])
    belief.cells = units.arrive(belief.cells, [(Parts(more), 0.7 * 0.3**more) for more in range(5)])
    tags.add_slots(belief, [0.3, 0.1, 0.03], zones, hidden=False)


def zone_home(zone: str) -> int:
    """The zone somebody put units into; -1 if that was not said."""
    return zone_index(zone) if zone else -1


def _told(chain: Chain, quantity: int, named: int) -> Batch:
    """What may have come when papers name ``named`` tags."""
    without_tag, listed = untagged(chain).chances(quantity), listed_seconds(chain).chances(quantity)
    unlisted = unlisted_seconds(chain).chances(quantity)
    batch: Batch = []
    for without in range(min(_MOST_UNTAGGED, quantity) + 1):
        booked, seconds = quantity - without, named - quantity + without
        if 0 <= seconds < MOST:
            weight = without_tag[without] * listed[seconds]
            batch += [
                (Parts(booked, seconds, hidden, 0, without), weight * unlisted[hidden])
                for hidden in range(min(MOST, booked - seconds + 1))
            ]
    sure = Parts(min(named, quantity), max(named - quantity, 0), 0, 0, max(quantity - named, 0))
    return _largest(batch) or [(sure, 1.0)]


def _untold(chain: Chain, quantity: int) -> Batch:
    without_tag = seldom(chain.untagged, chain).chances(quantity)
    seconds = seldom(chain.listed_seconds, chain).chances(quantity)
    return _largest(
        [
            (Parts(quantity - without, doubled, untagged=without), without_tag[without] * seconds[doubled])
            for without in range(min(quantity, _MOST_UNTAGGED) + 1)
            for doubled in range(MOST)
        ]
    )


def _largest(batch: Batch) -> Batch:
    most = max((weight for _, weight in batch), default=0.0)
    return [one for one in batch if one[1] > most * 1e-5]


def _off_by_one(batch: Batch, wrong: float, *, listed: bool) -> Batch:
    """A unit too few has no tag here; a unit too many has one that papers, if they name tags, do not name."""
    if not wrong:
        return batch
    right = [(came, weight * (1.0 - wrong - _FAR_WRONG)) for came, weight in batch]
    right += [(came, _FAR_WRONG * chance) for came, chance in _far_off(max(came.booked for came, _ in batch))]
    fewer = [(came._replace(booked=came.booked - 1), weight * wrong / 2) for came, weight in batch if came.booked]
    if listed:
        return right + fewer + [(came._replace(extra=1), weight * wrong / 2) for came, weight in batch]
    return right + fewer + [(came._replace(booked=came.booked + 1), weight * wrong / 2) for came, weight in batch]


def _far_off(booked: int) -> Batch:
    """Nothing came, or any number from one to nearly all, as likely."""
    some_of = range(1, booked - 1, -(-booked // _MOST_WAYS)) if booked > 2 else range(0)
    return [(Parts(0), 0.5), *((Parts(some), 0.5 / len(some_of)) for some in some_of)]


def _tail(chances: list[float], extra: float) -> list[float]:
    """Slots for hidden tags: P(at least 1), P(at least 2), ... while it matters.

    ``extra`` is the chance of a unit that was not booked.
    """
    slots: list[float] = []
    above = 1.0
    for chance in chances:
        above -= chance
        if above < 0.01 and slots:
            break
        slots.append(min(max(above + (extra if not slots else 0.0), 0.001), 0.999))
    return slots
