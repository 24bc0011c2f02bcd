"""Which tags hang on one unit: known by the delivery they came with, and by where they are.

A sale after which two tags are gone took a doubly tagged unit, or one unit was sold and another lost. How likely
each is depends on whether those two can be a pair: two tags of one unit came with one delivery and are always in one
zone. ``cells`` count pairs without knowing which tags they are; ``weigh`` multiplies them by how much likelier
(or less) the tags that went make each number of pairs than any other tags would:

    F(p) = sum over ways to pair 2p of the a tags, prod(link) prod(single) / (pairs choose p) / (singles choose a - 2p)
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import prod

from inventory.stock.belief import cells as units
from inventory.stock.belief.state import Belief, Tag

_MOST_WENT = 6
_NOT_TOLD = 0.02
"""Second tags a delivery may hold though its papers name no more tags than units."""

_APART, _MOVED_APART = 0.02, 0.15
"""How often two tags of one unit seem to be in two zones, or to have come to theirs at other times."""

_LEAST, _LEAST_LINK, _RAREST = 0.02, 1e-6, 1e-9
_STOOD, _WENT = 0.5, 0.5

Link = tuple[int, int, float]


def new_lot(belief: Belief, quantity: int, named: int) -> None:
    """A delivery of ``quantity`` units comes, whose papers name ``named`` tags."""
    belief.lots_made += 1
    belief.lots[belief.lots_made] = max(named - quantity, 0) + _NOT_TOLD


def put_in_lot(belief: Belief, tag: Tag, at_ms: int) -> None:
    """Papers of the last delivery named the tag."""
    tag.lot, tag.moved_at_ms, tag.stood = belief.lots_made, at_ms, True


def weigh(belief: Belief) -> None:
    """After a sweep: the tags that are gone now say how many of the units that left were doubly tagged."""
    went = [key for key, tag in belief.tags.items() if tag.stood and not tag.hidden and tag.presence < _WENT]
    if went == belief.went or not belief.cells:
        return
    factors = _factors(belief, went) if 2 <= len(went) <= _MOST_WENT else []
    before, belief.weighed, belief.went = belief.weighed, factors, went
    if not before and not factors:
        return
    belief.cells = units.weighted(
        belief.cells, lambda cell: _at(factors, units.gone_pairs(cell)) / _at(before, units.gone_pairs(cell))
    )


def _at(factors: Sequence[float], pairs: int) -> float:
    return factors[pairs] if pairs < len(factors) else 1.0


def settle(belief: Belief) -> None:
    """Time passes after a sweep: what left before is over, and what stands now is asked for next."""
    if belief.settled_at_ms >= belief.swept_at_ms:
        return
    belief.settled_at_ms = belief.swept_at_ms
    if belief.weighed:
        _forget_pairs(belief)
    belief.cells = units.settled(belief.cells)
    belief.went, belief.weighed = [], []
    for tag in belief.tags.values():
        tag.stood = tag.presence > _STOOD
    lots = {tag.lot for tag in belief.tags.values() if tag.stood and not tag.hidden}
    belief.lots = {lot: pairs for lot, pairs in belief.lots.items() if lot in lots}


def _forget_pairs(belief: Belief) -> None:
    """Pairs that left are no more among those of their lot."""
    left = units.mean(belief.cells, units.gone_pairs)
    went = [key for key in belief.went if key in belief.tags]
    links = _Links(belief).among(went)
    whole = sum(link for *_, link in links)
    for one, _, link in links:
        lot = belief.tags[went[one]].lot
        belief.lots[lot] = max(belief.lots.get(lot, 0.0) - left * link / whole, _NOT_TOLD)


class _Links:
    """The chance that two tags are one unit's, among the named tags that stood when it was last asked who left."""

    def __init__(self, belief: Belief) -> None:
        self._belief = belief
        self._lots: dict[int, list[Tag]] = {}
        for tag in belief.tags.values():
            if tag.stood and not tag.hidden:
                self._lots.setdefault(tag.lot, []).append(tag)
        self._whole = {
            lot: sum(_together(one, other) for one, other in combinations(tags, 2)) for lot, tags in self._lots.items()
        }

    def of(self, one: Tag, other: Tag) -> float:
        """The chance that the two are one unit's."""
        if one.lot != other.lot or one is other:
            return 0.0
        return min(self._belief.lots.get(one.lot, _NOT_TOLD) * _together(one, other) / self._whole[one.lot], 0.95)

    def single(self, tag: Tag) -> float:
        """The chance that no other named tag is on the tag's unit."""
        return max(1.0 - sum(self.of(tag, other) for other in self._lots[tag.lot]), _LEAST)

    def among(self, keys: Sequence[str]) -> list[Link]:
        """Each two of the tags that may be one unit's, by their places in the list, and the chance."""
        tags = [self._belief.tags[key] for key in keys]
        pairs = [(one, other, self.of(tags[one], tags[other])) for one, other in combinations(range(len(tags)), 2)]
        return [pair for pair in pairs if pair[2] > _LEAST_LINK]

    def pairs(self) -> float:
        """How many pairs are expected."""
        return sum(pairs for lot, pairs in self._belief.lots.items() if lot in self._lots)

    def tags(self) -> int:
        """How many named tags stood."""
        return sum(map(len, self._lots.values()))


def _together(one: Tag, other: Tag) -> float:
    """How well two tags fit on one unit, by where they were last heard and since when."""
    if one.home != other.home and one.home >= 0 and other.home >= 0:
        return _APART
    return 1.0 if one.moved_at_ms == other.moved_at_ms else _MOVED_APART


def _factors(belief: Belief, went: list[str]) -> list[float]:
    """F(0), F(1), ... up to a constant."""
    known = _Links(belief)
    links = known.among(went)
    single = [known.single(belief.tags[key]) for key in went]
    pairs = max(known.pairs(), 1e-3)
    singles = max(known.tags() - 2.0 * pairs, 0.1)
    factors = []
    for number in range(len(went) // 2 + 1):
        ways = sum(_matchings(links, single, number))
        factors.append(max(ways, _RAREST) / _choose(pairs, number) / _choose(singles, len(went) - 2 * number))
    return [factor / max(factors) for factor in factors]


def _choose(of: float, number: int) -> float:
    """Ways to choose ``number`` of ``of``, which need not be whole."""
    ways = 1.0
    for step in range(number):
        ways *= max(of - step, of / (step + 1)) / (step + 1)
    return ways


def _matchings(links: Sequence[Link], single: Sequence[float], number: int) -> Iterator[float]:
    """The weight of each way to make ``number`` pairs of linked tags and leave the others single."""

    def choose(start: int, free: frozenset[int], left: int, weight: float) -> Iterator[float]:
        if left == 0:
            yield weight * prod(single[one] for one in free)
            return
        for place in range(start, len(links)):
            one, other, link = links[place]
            if one in free and other in free:
                yield from choose(place + 1, free - {one, other}, left - 1, weight * link)

    return choose(0, frozenset(range(len(single))), number, 1.0)
