"""Units that come and go by papers, tills and counts."""

from collections.abc import Sequence
from math import exp, factorial

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.passing import advance
from inventory.stock.belief.polynomials import products
from inventory.stock.belief.state import FLOOR, Belief, Tag, Where, zone_index

PAPERS_WRONG, OPENING_WRONG = 0.03, 0.01
_COUNTED_WRONG = 0.04
_MISSCANNED = 0.01
_RARE = 1e-3
_PRIOR_UNITS = 100.0
_PRIOR_SHARE = 0.01
_MOST_SECONDS = 9
_MOST_UNTAGGED = 3


def _share(count: float, received: float) -> float:
    return (count + _PRIOR_UNITS * _PRIOR_SHARE) / (received + _PRIOR_UNITS)


def _poisson(count: int, mean: float) -> float:
    return exp(-mean) * mean**count / factorial(count)


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
    received = where.chain.received
    untagged = quantity * _share(where.chain.untagged, received)
    listed = quantity * _share(where.chain.listed_seconds, received)
    unlisted = quantity * _share(where.chain.unlisted_seconds, received)
    zones = zone_shares(where, zone)
    if epcs:
        batch, hidden = _told(quantity, len(epcs), untagged, listed, unlisted), unlisted + wrong / 2
        where.chain.received += quantity
        where.chain.listed_seconds += max(len(epcs) - quantity, 0)
        where.chain.untagged += max(quantity - len(epcs), 0)
        for epc in epcs:
            belief.tags[epc] = Tag(1.0 - wrong / (2 * max(quantity, 1)), list(zones), listed=True)
        slots = []
    else:
        batch, hidden = _untold(quantity, untagged, listed + unlisted), untagged + listed + unlisted + wrong / 2
        slots = [max(1.0 - (wrong / 2 + untagged) / max(quantity, 1), 0.5)] * quantity
    tags.add_slots(belief, slots + _tail(hidden), zones)
    belief.cells = units.arrive(belief.cells or {units.code(0, 0, 0): 1.0}, _off_by_one(batch, wrong))


def _told(
    quantity: int, named: int, untagged: float, listed: float, unlisted: float
) -> list[tuple[int, int, int, float]]:
    """What may have come when papers name ``named`` tags: units, second tags, untagged units."""
    batch = []
    for without in range(_MOST_UNTAGGED + 1):
        seconds = named - quantity + without
        if seconds < 0 or without > quantity:
            continue
        weight = _poisson(without, untagged) * _poisson(min(seconds, 60), listed)
        for hidden in range(_MOST_SECONDS):
            more = weight * _poisson(hidden, unlisted)
            batch.append((quantity - without, seconds + hidden, without, more))
    return _largest(batch) or [(min(named, quantity), max(named - quantity, 0), max(quantity - named, 0), 1.0)]


def _untold(quantity: int, untagged: float, seconds: float) -> list[tuple[int, int, int, float]]:
    return _largest(
        [
            (quantity - without, doubled, without, _poisson(without, untagged) * _poisson(doubled, seconds))
            for without in range(min(quantity, _MOST_UNTAGGED) + 1)
            for doubled in range(_MOST_SECONDS)
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


def _tail(mean: float) -> list[float]:
    """P(at least 1), P(at least 2), ... of a Poisson number, while it matters."""
    slots, above = [], 1.0
    for count in range(_MOST_SECONDS):
        above -= _poisson(count, mean)
        if above < 0.01 and slots:
            break
        slots.append(max(above, 0.001))
    return slots


def go(belief: Belief, where: Where, quantity: int, epcs: Sequence[str], at_ms: int, *, till: bool = True) -> None:
    """``quantity`` units are booked out; ``epcs`` are the tags that were read off them.

    At a till one in a hundred is another SKU than was scanned; it may also name only some tags.
    """
    advance(belief, where, at_ms)
    if not belief.cells:
        return
    named = list(epcs)
    doubled = max(len(named) - quantity, 0)
    for _ in range(quantity):
        belief.cells = units.weighted(belief.cells, lambda cell: 1.0 if units.total(cell) else _RARE)
        if named:
            _go_named(belief, where, named.pop(0), second=named.pop(0) if doubled else None)
            doubled = max(doubled - 1, 0)
        else:
            _go_unnamed(belief, where, till=till)
    if till:
        where.place.tagged_sales += quantity
        where.place.epc_sales += min(len(epcs), quantity)
        belief.sold += quantity
        where.place.sold += quantity


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


def _presence_given_count(belief: Belief, epc: str):  # type: ignore[no-untyped-def]
    import numpy as np

    keys = list(belief.tags)
    chosen = np.array([[belief.tags[key].presence for key in keys], [belief.tags[key].presence for key in keys]])
    chosen = np.clip(chosen, 1e-9, 1 - 1e-9)
    constant, linear = 1.0 - chosen, chosen.copy()
    constant[1, keys.index(epc)] = 0.0
    made, scales = products(constant, linear)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(made[0] > 1e-300, made[1] / made[0], 0.0) * np.exp(scales[1] - scales[0])
    ratio = np.clip(np.nan_to_num(ratio), 1e-6, 1.0)
    return lambda cell: float(ratio[min(units.tag_count(cell), len(ratio) - 1)])


def come_back(
    belief: Belief, where: Where, quantity: int, epcs: Sequence[str], zone: str, at_ms: int
) -> None:
    """``quantity`` units that had left are back."""
    advance(belief, where, at_ms)
    zones = zone_shares(where, zone)
    doubled = _share(where.chain.listed_seconds + where.chain.unlisted_seconds, where.chain.received)
    untagged = _share(where.chain.untagged, where.chain.received)
    for number in range(quantity):
        named = epcs[number] if number < len(epcs) else None
        ways = [(1, 0, 0, (1.0 - doubled) * (1.0 - untagged)), (1, 1, 0, doubled)]
        if named is None:
            ways.append((0, 0, 1, untagged))
            _revive(belief, zones)
        else:
            belief.tags[named] = Tag(0.98, list(zones), listed=True)
        belief.cells = units.arrive(belief.cells or {units.code(0, 0, 0): 1.0}, ways)


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
