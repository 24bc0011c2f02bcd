"""Units that come and go by papers, tills and counts."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.passing import advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import FLOOR, LARGE, Belief, Chain, Tag, Where, zone_index

PAPERS_WRONG, OPENING_WRONG = 0.03, 0.01
_COUNTED_WRONG = 0.04
_MISSCANNED = 0.01
_RARE = 1e-3
_LEAVES = 0.9
TO_THE_DOOR_MS = 10 * 60_000
_PRIOR_FOUND, _PRIOR_UNITS = 0.5, 25.0
_MOST = 10
_MOST_UNTAGGED = 3
_MOST_SINGLY = 20


class _Rare(NamedTuple):
    """Something that befalls a few of the units: a gamma posterior of its rate per unit."""

    shape: float
    units: float

    @property
    def rate(self) -> float:
        """The expected rate per unit."""
        return self.shape / self.units

    def chances(self, quantity: int) -> list[float]:
        """P(0), P(1), ... among ``quantity`` units: negative binomial, since the rate itself is not known."""
        fails = self.units / (self.units + quantity)
        chances = [fails**self.shape]
        for count in range(1, _MOST):
            chances.append(chances[-1] * (self.shape + count - 1) / count * (1.0 - fails))
        return chances


def _rare(found: float, received: float) -> _Rare:
    return _Rare(_PRIOR_FOUND + max(found, 0.0), _PRIOR_UNITS + received)


def _untagged(chain: Chain) -> _Rare:
    return _rare(chain.untagged, chain.received)


def _listed_seconds(chain: Chain) -> _Rare:
    return _rare(chain.listed_seconds, chain.received)


def _seldom(found: float, chain: Chain) -> _Rare:
    """Where no papers tell: about one in a hundred, as elsewhere in the trade."""
    return _Rare(2.0 + max(found, 0.0), 200.0 + chain.received)


def _unlisted_seconds(chain: Chain) -> _Rare:
    """Tags found that nobody had named, less the units that came without being booked."""
    return _rare(chain.unlisted_seconds - chain.receipts * PAPERS_WRONG / 2, chain.received)


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
    zones = zone_shares(where, zone)
    if _many(belief, quantity):
        known = belief.cells or {units.code(0, 0, 0): 1.0}
        belief.cells = units.arrive(known, _off_by_one([(quantity, 0, 0, 1.0)], wrong))
        return
    if epcs:
        batch, hidden, slots = _named(belief, where, quantity, epcs, zone, at_ms, wrong)
    else:
        batch, hidden, slots = _unnamed(where, quantity, wrong)
    tags.add_slots(belief, slots + _tail(hidden, wrong / 2), zones)
    belief.cells = units.arrive(belief.cells or {units.code(0, 0, 0): 1.0}, _off_by_one(batch, wrong))


_Came = tuple[list[tuple[int, int, int, float]], list[float], list[float]]
"""What may have come, the chances of tags nobody named, and the slots of those that must be there."""


def _named(
    belief: Belief, where: Where, quantity: int, epcs: Sequence[str], zone: str, at_ms: int, wrong: float
) -> _Came:
    chain = where.chain
    batch, hidden = _told(chain, quantity, len(epcs)), _unlisted_seconds(chain).chances(quantity)
    here, zones = 1.0 - wrong / (2 * max(quantity, 1)), zone_shares(where, zone)
    for epc in epcs:
        belief.tags[epc] = Tag(here, list(zones), listed=True, home=zone_home(zone), heard_at_ms=at_ms)
    _note_papers(chain, quantity, len(epcs), wrong)
    _note_second_rate(belief, chain, quantity)
    return batch, hidden, []


def _unnamed(where: Where, quantity: int, wrong: float) -> _Came:
    chain = where.chain
    here = 1.0 - wrong / 2 / max(quantity, 1) - _seldom(chain.untagged, chain).rate
    return _untold(chain, quantity), _seldom(chain.listed_seconds, chain).chances(quantity), [max(here, 0.5)] * quantity


def _many(belief: Belief, quantity: int) -> bool:
    """Whether there are, or come, too many units to follow single tags."""
    return quantity + (units.mean(belief.cells, units.total) if belief.cells else 0.0) > LARGE


def begin(belief: Belief, where: Where, zone: str, told: Iterable[str], at_ms: int) -> None:
    """Stock nobody has told of: what the first sweep hears is there, and perhaps a few more."""
    heard = sorted(told)
    come(belief, where, len(heard), heard, zone, at_ms, wrong=0.0)
    more = [(extra, 0, 0, 0.7 * 0.3**extra) for extra in range(5)]
    belief.cells = units.arrive(belief.cells, more)
    tags.add_slots(belief, [0.3, 0.1, 0.03], zone_shares(where, zone))


def _note_papers(chain: Chain, quantity: int, named: int, wrong: float) -> None:
    chain.received += quantity
    chain.receipts += wrong / PAPERS_WRONG
    chain.listed_seconds += max(named - quantity, 0)
    chain.untagged += max(quantity - named, 0)


def _note_second_rate(belief: Belief, chain: Chain, quantity: int) -> None:
    rate = _unlisted_seconds(chain).rate
    known = units.mean(belief.cells, units.total) if belief.cells else 0.0
    share = quantity / (quantity + known) if quantity else 0.0
    belief.second_rate = rate if not belief.second_rate else belief.second_rate ** (1.0 - share) * rate**share


def learn_seconds(belief: Belief, chain: Chain) -> None:
    """Second tags nobody names prove to be more or less usual than was thought when the units came."""
    if not belief.second_rate or not belief.cells:
        return
    ratio = _unlisted_seconds(chain).rate / belief.second_rate
    if not 0.9 < ratio < 1.1:
        belief.cells = units.weighted(belief.cells, lambda cell: ratio ** _unnamed_seconds(cell))
        belief.second_rate *= ratio


def _unnamed_seconds(cell: int) -> int:
    """Up to a constant: each untagged unit means one more second tag among those that papers named."""
    _, seconds, untagged = units.parts(cell)
    return seconds - untagged


def zone_home(zone: str) -> int:
    """The zone somebody put units into; -1 if that was not said."""
    return zone_index(zone) if zone else -1


def _told(chain: Chain, quantity: int, named: int) -> list[tuple[int, int, int, float]]:
    """What may have come when papers name ``named`` tags: units, second tags, untagged units."""
    untagged, listed = _untagged(chain).chances(quantity), _listed_seconds(chain).chances(quantity)
    unlisted = _unlisted_seconds(chain).chances(quantity)
    batch = []
    for without in range(min(_MOST_UNTAGGED, quantity) + 1):
        seconds = named - quantity + without
        if 0 <= seconds < _MOST:
            weight = untagged[without] * listed[seconds]
            batch += [(quantity - without, seconds + more, without, weight * unlisted[more]) for more in range(_MOST)]
    return _largest(batch) or [(min(named, quantity), max(named - quantity, 0), max(quantity - named, 0), 1.0)]


def _untold(chain: Chain, quantity: int) -> list[tuple[int, int, int, float]]:
    untagged = _seldom(chain.untagged, chain).chances(quantity)
    seconds = _seldom(chain.listed_seconds, chain).chances(quantity)
    return _largest(
        [
            (quantity - without, doubled, without, untagged[without] * seconds[doubled])
            for without in range(min(quantity, _MOST_UNTAGGED) + 1)
            for doubled in range(_MOST)
        ]
    )


def _largest(batch: list[tuple[int, int, int, float]]) -> list[tuple[int, int, int, float]]:
    most = max((weight for *_, weight in batch), default=0.0)
    return [one for one in batch if one[3] > most * 1e-5]


def _off_by_one(batch: list[tuple[int, int, int, float]], wrong: float) -> list[tuple[int, int, int, float]]:
    return [
        (units_ + change, seconds, untagged, weight * chance)
        for units_, seconds, untagged, weight in batch
        for change, chance in ((0, 1.0 - wrong), (1, wrong / 2), (-1, wrong / 2))
        if units_ + change >= 0 and chance > 0.0
    ]


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


def go(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], at_ms: int, *, till: bool = True) -> None:
    """``quantity`` units are booked out; ``epcs`` are the tags that were read off them.

    At a till one in a hundred is another SKU than was scanned; it may also name only some tags.
    """
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    if _many(belief, quantity) or quantity > _MOST_SINGLY:
        belief.cells = units.shift(belief.cells, -quantity)
        tags.scale(belief, dict.fromkeys(belief.tags, 1.0), quantity)
    else:
        _go_singly(belief, where, quantity, list(epcs), at_ms, till=till)
    where.chain.left += quantity
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
    tagged = 1.0 - min(where.place.epc_sales / where.place.tagged_sales, 0.98) if till else 1.0
    before = units.mean(belief.cells, units.tag_count)
    belief.cells = units.leave_one(belief.cells, 1.0 - (_MISSCANNED if till else 0.0), tagged_weight=tagged)
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
    tag.presence = tags.GONE
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
    if _many(belief, quantity):
        belief.cells = units.shift(belief.cells, quantity)
        return
    doubled = _listed_seconds(where.chain).rate + _unlisted_seconds(where.chain).rate
    untagged = _untagged(where.chain).rate
    for number in range(quantity):
        named = epcs[number] if number < len(epcs) else None
        ways = [(1, 0, 0, (1.0 - doubled) * (1.0 - untagged)), (1, 1, 0, doubled)]
        if named is None:
            ways.append((0, 0, 1, untagged))
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
        tag.run = 0.0
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
