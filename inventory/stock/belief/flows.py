"""Units that go, come back, are counted or carried about: tills, transfers, the exit, people."""

from collections.abc import Callable, Sequence

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.deliveries import come, is_large, zone_shares
from inventory.stock.belief.oddities import listed_seconds, unlisted_seconds, untagged
from inventory.stock.belief.passing import advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import FLOOR, Belief, Tag, Where, zone_index

TO_THE_DOOR_MS = 10 * 60_000
_COUNTED_WRONG = 0.04
_MISSCANNED = 0.01
_RARE = 1e-3
_LEAVES = 0.9
_MOST_SINGLY = 20


def go(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], at_ms: int, *, till: bool = True) -> None:
    """``quantity`` units are booked out; ``epcs`` are the tags that were read off them.

    At a till one in a hundred is another SKU than was scanned; it may also name only some tags.
    """
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    if is_large(belief, quantity) or quantity > _MOST_SINGLY:
        belief.cells = units.shift(belief.cells, -quantity)
        tags.scale(belief, dict.fromkeys(belief.tags, 1.0), quantity)
    else:
        _go_singly(belief, where, quantity, list(epcs), at_ms, till=till)
    if till:
        where.place.tagged_sales += quantity
        where.place.epc_sales += min(len(epcs), quantity)
        belief.sold += quantity
        where.place.sold += quantity


def _go_singly(belief: Belief, where: Where, quantity: int, named: list[str], at_ms: int, *, till: bool) -> None:
    doubled = max(len(named) - quantity, 0)
    for _ in range(quantity):
        if till and _left_before(belief, at_ms):
            continue
        belief.cells = units.weighted(belief.cells, lambda cell: 1.0 if units.total(cell) else _RARE)
        if named:
            _go_named(belief, where, named.pop(0), second=named.pop(0) if doubled else None)
            doubled = max(doubled - 1, 0)
        else:
            _go_unnamed(belief, where, till=till)
            belief.sold_unheard, belief.sold_at_ms = belief.sold_unheard + till, max(belief.sold_at_ms, at_ms)


def _left_before(belief: Belief, at_ms: int) -> bool:
    """Whether the unit of this sale was heard leaving already."""
    if belief.left_unsold and abs(at_ms - belief.left_at_ms) <= TO_THE_DOOR_MS:
        belief.left_unsold -= 1
        return True
    belief.left_unsold = 0
    return False


def pass_exit(belief: Belief, where: Where, epc: str, at_ms: int) -> None:
    """A tag was heard at the exit: the one that was just sold, or one that leaves unsold."""
    tag = belief.tags.get(epc)
    if tag is None or tag.presence < 0.2 or not belief.cells:
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
    before = units.mean(belief.cells, units.tag_count)
    another = _MISSCANNED / (_MISSCANNED + (1.0 - _MISSCANNED) * tagged) if till else 0.0
    belief.cells = units.leave_one(belief.cells, 1.0 - another, tagged_weight=tagged)
    left = before - units.mean(belief.cells, units.tag_count)
    weights = {key: 0.1 + tag.zones[FLOOR] if till else 1.0 for key, tag in belief.tags.items()}
    tags.scale(belief, weights, left)


def _go_named(belief: Belief, where: Where, epc: str, second: str | None) -> None:
    """This very tag left: it was here, and it is here no more, nor is the second tag of its unit."""
    tag = tags.claim(belief, epc, zone_shares(where, ""))
    tag.listed = True
    belief.cells = units.weighted(belief.cells, _presence_given_count(belief, epc))
    after: units.Cells = {}
    for cell, weight in belief.cells.items():
        for key, chance in _unit_of_a_tag(cell, doubled=second is not None):
            after[key] = after.get(key, 0.0) + weight * chance
    belief.cells = units.normalised(after)
    tag.presence, tag.unsold = tags.GONE, 0.0
    if second is not None:
        tags.claim(belief, second, zone_shares(where, "")).presence = tags.GONE


def _unit_of_a_tag(cell: int, *, doubled: bool) -> list[tuple[int, float]]:
    count, seconds, untagged = units.parts(cell)
    if not count:
        return [(cell, _RARE)]
    pairs = min(seconds, count)
    of_pair = 2 * pairs / (count + pairs)
    ways = [(units.code(count - 1, seconds - 1, untagged), of_pair)] if pairs else []
    if not doubled or not pairs:
        ways.append((units.code(count - 1, seconds, untagged), 1.0 - of_pair if not doubled else _RARE))
    return ways


def _presence_given_count(belief: Belief, epc: str) -> Callable[[int], float]:
    """P(this tag is here | number of tags), as a likelihood of a cell: [z^T] x z prod_others / [z^T] prod_all."""
    keys = list(belief.tags)
    row = np.clip(np.array([belief.tags[key].presence for key in keys]), 1e-9, 1 - 1e-9)
    constant, linear = np.array([1.0 - row, 1.0 - row]), np.array([row, row])
    constant[1, keys.index(epc)] = 0.0
    made, scales = products(constant, linear)
    ratio = made[1] / np.maximum(made[0], 1e-300) * np.exp(scales[1] - scales[0])
    ratio = np.clip(ratio, 1e-6, 1.0)
    most = len(ratio) - 1
    return lambda cell: float(ratio[min(units.tag_count(cell), most)])


def come_back(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], zone: str, at_ms: int) -> None:
    """``quantity`` units that had left are back."""
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    zones = zone_shares(where, zone)
    if is_large(belief, quantity):
        belief.cells = units.shift(belief.cells, quantity)
        return
    doubled = listed_seconds(where.chain).rate + unlisted_seconds(where.chain).rate
    bare = untagged(where.chain).rate
    for number in range(quantity):
        named = epcs[number] if number < len(epcs) else None
        ways = [(1, 0, 0, (1.0 - doubled) * (1.0 - bare)), (1, 1, 0, doubled)]
        if named is None:
            ways.append((0, 0, 1, bare))
            _revive(belief, zones)
        else:
            belief.tags[named] = Tag(0.98, list(zones), listed=True)
        belief.cells = units.arrive(belief.cells, ways)


def _revive(belief: Belief, zones: list[float]) -> None:
    """Any of the tags that left may be the one that is back."""
    departed = [tag for tag in belief.tags.values() if tag.listed and tag.presence < 0.05]
    for tag in departed:
        tag.presence = min(tag.presence + 1.0 / (len(departed) + 1), 0.5)
        tag.zones = list(zones)
        tag.run, tag.heard_at_ms = 0.0, -1
    tags.add_slots(belief, [max(1.0 / (len(departed) + 1), 0.05)], zones)


def counted(belief: Belief, where: Where, quantity: int, at_ms: int, wrong: float = _COUNTED_WRONG) -> None:
    """Somebody counted ``quantity`` units; off by one with probability ``wrong``, by more hardly ever."""
    advance(belief, where, at_ms)
    if not belief.cells:
        come(belief, where, quantity, (), "", at_ms, wrong)
        return

    def likelihood(cell: int) -> float:
        off = abs(units.total(cell) - quantity)
        return 1.0 - wrong if off == 0 else wrong / 2 * 0.05 ** (off - 1) + 1e-5

    belief.cells = units.weighted(belief.cells, likelihood)


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
