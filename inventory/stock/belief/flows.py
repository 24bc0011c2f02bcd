"""Units that go, come back, are counted or carried about: tills, transfers, the exit, people."""

from collections.abc import Callable, Sequence

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.cells import Parts
from inventory.stock.belief.counts import left_before
from inventory.stock.belief.deliveries import equip, is_large, is_plain, zone_shares
from inventory.stock.belief.oddities import listed_seconds, unlisted_seconds, untagged
from inventory.stock.belief.passing import advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import FLOOR, Belief, Tag, Where, zone_index

TO_THE_DOOR_MS = 10 * 60_000
_MISSCANNED = 0.01
_RARE = 1e-3
_LEAVES = 0.9
_AT_THE_DOOR = 0.3
_MOST_SINGLY = 20
_FELL = 0.5


def go(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], at_ms: int, *, till: bool = True) -> None:
    """``quantity`` units are booked out; ``epcs`` are the tags that were read off them.

    At a till one in a hundred is another SKU than was scanned; it may also name only some tags. What was told
    late of the time before a count is in the count already, and a unit that the last sweep missed may be this one.
    """
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    if epcs:
        equip(belief, where)
    if at_ms > belief.counted_at_ms:
        _leave(belief, where, quantity, epcs, at_ms, till=till)
    else:
        left_before(belief, quantity)
    if till:
        where.place.tagged_sales += quantity
        where.place.epc_sales += min(len(epcs), quantity)
        belief.sold += quantity
        where.place.sold += quantity
        where.place.sold_at_ms = max(where.place.sold_at_ms, at_ms)


def _leave(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], at_ms: int, *, till: bool) -> None:
    if is_large(belief, quantity) or quantity > _MOST_SINGLY:
        belief.cells = units.weighted(belief.cells, lambda cell: 1.0 if units.total(cell) else _RARE)
        belief.cells = units.shift(belief.cells, -quantity)
        tags.scale(belief, dict.fromkeys(belief.tags, 1.0), quantity)
    elif is_plain(belief, where):
        _go_uncounted(belief, quantity, till=till)
    else:
        _go_singly(belief, where, quantity, list(epcs), at_ms, till=till)


def _go_uncounted(belief: Belief, quantity: int, *, till: bool) -> None:
    """Of units that nobody tells apart; one of them may have been another SKU, wrongly scanned."""
    known = units.weighted(belief.cells, lambda cell: 1.0 if units.total(cell) else _RARE)
    after = units.shift(known, -quantity)
    wrong = min(_MISSCANNED * quantity, 0.5)
    belief.cells = units.mixed(after, units.shift(known, 1 - quantity), wrong) if till else after


def _go_singly(belief: Belief, where: Where, quantity: int, named: list[str], at_ms: int, *, till: bool) -> None:
    doubled = max(len(named) - quantity, 0)
    for _ in range(quantity):
        if (till and _left_before(belief, at_ms)) or (not named and _missed_before(belief, where, at_ms)):
            continue
        belief.cells = units.weighted(belief.cells, lambda cell: 1.0 if units.total(cell) else _RARE)
        if named:
            _go_named(belief, where, named.pop(0), second=named.pop(0) if doubled else None)
            doubled = max(doubled - 1, 0)
        else:
            _go_unnamed(belief, where, till=till)
            belief.sold_unheard, belief.sold_at_ms = belief.sold_unheard + till, max(belief.sold_at_ms, at_ms)


def _missed_before(belief: Belief, where: Where, at_ms: int) -> bool:
    """Whether a sweep after this sale took off a unit already that it could not explain: then it was no loss."""
    if at_ms >= belief.swept_at_ms or belief.fell < _FELL:
        return False
    belief.fell -= 1.0
    for losses in (belief.losses, where.place.losses, where.losses):
        losses.lost -= 1.0
    return True


def _left_before(belief: Belief, at_ms: int) -> bool:
    """Whether the unit of this sale was heard leaving already."""
    if belief.left_unsold and abs(at_ms - belief.left_at_ms) <= TO_THE_DOOR_MS:
        belief.left_unsold -= 1
        return True
    belief.left_unsold = 0
    return False


def pass_exit(belief: Belief, where: Where, epc: str, own: float, at_ms: int) -> None:
    """A tag was heard at the exit: the one that was just sold, or one that leaves unsold.

    ``own`` is how likely it was at the door by its loudness: faint ones lie on a shelf near it.
    """
    tag = belief.tags.get(epc)
    if tag is None or tag.presence < 0.2 or not belief.cells or own < _AT_THE_DOOR:
        return
    if belief.sold_unheard and abs(at_ms - belief.sold_at_ms) <= TO_THE_DOOR_MS:
        belief.sold_unheard -= 1
    else:
        belief.sold_unheard = 0
        advance(belief, where, at_ms)
        stays = {cell: weight * (1.0 - _LEAVES) for cell, weight in belief.cells.items()}
        _go_named(belief, where, epc, second=None)
        for cell, weight in belief.cells.items():
            stays[cell] = stays.get(cell, 0.0) + weight * _LEAVES
        belief.cells = units.normalised(stays)
        belief.left_unsold, belief.left_at_ms = belief.left_unsold + 1, max(belief.left_at_ms, at_ms)
    tag.presence = 1.0 - _LEAVES


def _go_unnamed(belief: Belief, where: Where, *, till: bool) -> None:
    """Any unit left, an untagged one the sooner the more tags the till names; or another SKU did, wrongly scanned.

    A till that names tags names none of a wrong scan, so that what it does not name is more often one.
    """
    tagged = 1.0 - min(where.place.epc_sales / where.place.tagged_sales, 0.98) if till else 1.0
    before = belief.cells
    another = _MISSCANNED / (_MISSCANNED + (1.0 - _MISSCANNED) * tagged) if till else 0.0
    belief.cells = units.leave_one(belief.cells, 1.0 - another, tagged_weight=tagged)
    weights = {key: 0.1 + tag.zones[FLOOR] if till else 1.0 for key, tag in belief.tags.items()}
    _tags_leave(belief, before, weights)


def _tags_leave(belief: Belief, before: units.Cells, weights: dict[str, float]) -> None:
    """As many tags of either sort leave as ``cells`` have fewer than ``before``."""
    for hidden, of in ((False, units.tag_count), (True, units.hidden_count)):
        tags.scale(belief, weights, units.mean(before, of) - units.mean(belief.cells, of), hidden=hidden)


def _go_named(belief: Belief, where: Where, epc: str, second: str | None) -> None:
    """This very tag left: it was here, and it is here no more, nor is the second tag of its unit."""
    zones = zone_shares(where, "")
    gone = [tags.claim(belief, one, zones) for one in (epc, second) if one is not None]
    belief.cells = units.weighted(belief.cells, _presence_given_count(belief, epc))
    before = belief.cells
    after: units.Cells = {}
    for cell, weight in before.items():
        for key, chance in _unit_of_a_tag(cell, hidden=gone[0].hidden, doubled=second is not None):
            after[key] = after.get(key, 0.0) + weight * chance
    belief.cells = units.normalised(after)
    for tag in gone:
        tag.listed, tag.presence, tag.unsold = True, tags.GONE, 0.0
    if second is None:
        _tag_beside_leaves(belief, before, hidden=gone[0].hidden)


def _tag_beside_leaves(belief: Belief, before: units.Cells, *, hidden: bool) -> None:
    """The unit of the tag that left may have had another one, which nobody told."""
    weights = dict.fromkeys(belief.tags, 1.0)
    for sort, of in ((False, units.tag_count), (True, units.hidden_count)):
        fewer = units.mean(before, of) - units.mean(belief.cells, of) - (sort == hidden)
        tags.scale(belief, weights, max(fewer, 0.0), hidden=sort)


def _unit_of_a_tag(cell: int, *, hidden: bool, doubled: bool) -> list[tuple[int, float]]:
    """What is left when the unit leaves that a tag of one sort hangs on."""
    there = units.parts(cell)
    booked, seconds = there.booked, min(there.seconds, there.booked)
    beside = min(there.hidden, booked - seconds)
    if hidden:
        ways = [(there._replace(extra=there.extra - 1), there.extra, False)]
        ways.append((there._replace(booked=booked - 1, hidden=there.hidden - 1), beside, True))
    else:
        pair = there._replace(booked=booked - 1, seconds=there.seconds - 1, gone_pairs=there.gone_pairs + 1)
        ways = [(pair, 2 * seconds, True)]
        ways.append((there._replace(booked=booked - 1, hidden=there.hidden - 1), beside, True))
        ways.append((there._replace(booked=booked - 1), booked - seconds - beside, False))
    weights = [(left, number * (1.0 if paired or not doubled else _RARE)) for left, number, paired in ways if number]
    whole = sum(weight for _, weight in weights)
    return [(units.code(left), weight / whole) for left, weight in weights] if whole else [(cell, _RARE)]


def _presence_given_count(belief: Belief, epc: str) -> Callable[[int], float]:
    """P(this tag is here | number of tags), as a likelihood of a cell: [z^T] x z prod_others / [z^T] prod_all."""
    hidden = belief.tags[epc].hidden
    keys = [key for key, tag in belief.tags.items() if tag.hidden == hidden]
    row = np.clip(np.array([belief.tags[key].presence for key in keys]), 1e-9, 1 - 1e-9)
    constant, linear = np.array([1.0 - row, 1.0 - row]), np.array([row, row])
    constant[1, keys.index(epc)] = 0.0
    made, scales = products(constant, linear)
    ratio = made[1] / np.maximum(made[0], 1e-300) * np.exp(scales[1] - scales[0])
    ratio = np.clip(ratio, 1e-6, 1.0)
    most = len(ratio) - 1
    count = units.hidden_count if hidden else units.tag_count
    return lambda cell: float(ratio[min(count(cell), most)])


def come_back(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], zone: str, at_ms: int) -> None:
    """``quantity`` units that had left are back."""
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    zones = zone_shares(where, zone)
    if epcs:
        equip(belief, where)
    if is_large(belief, quantity) or is_plain(belief, where):
        belief.cells = units.shift(belief.cells, quantity)
        return
    listed, hidden = listed_seconds(where.chain).rate, unlisted_seconds(where.chain).rate
    bare = untagged(where.chain).rate
    for number in range(quantity):
        named = epcs[number] if number < len(epcs) else None
        ways = [
            (Parts(1), (1.0 - listed - hidden) * (1.0 - bare)),
            (Parts(1, seconds=1), listed),
            (Parts(1, hidden=1), hidden),
        ]
        if named is None:
            ways.append((Parts(0, untagged=1), bare))
            _revive(belief, zones, 1.0 + listed, hidden=False)
            _revive(belief, zones, hidden, hidden=True)
        else:
            belief.tags[named] = Tag(0.98, list(zones), listed=True)
        belief.cells = units.arrive(belief.cells, ways)


def _revive(belief: Belief, zones: list[float], back: float, *, hidden: bool) -> None:
    """Any of the tags that left may be the one that is back; ``back`` of one sort are."""
    departed = [tag for tag in belief.tags.values() if tag.listed and tag.presence < 0.05 and tag.hidden == hidden]
    for tag in departed:
        tag.presence = min(tag.presence + back / (len(departed) + 1), 0.5)
        tag.zones = list(zones)
        tag.run, tag.heard_at_ms = 0.0, -1
    tags.add_slots(belief, [max(back / (len(departed) + 1), 0.05 * back)], zones, hidden=hidden)


def moved(belief: Belief, where: Where, quantity: int, zone: str, to_zone: str, at_ms: int) -> None:
    """``quantity`` units were carried from one zone to another."""
    advance(belief, where, at_ms)
    origin, destination = zone_index(zone), zone_index(to_zone)
    there = sum(tag.presence * tag.zones[origin] for tag in belief.tags.values())
    share = min(quantity / there, 1.0) if there > 0.0 else 0.0
    for tag in belief.tags.values():
        carried = tag.zones[origin] * share
        tag.zones[origin] -= carried
        tag.zones[destination] += carried
