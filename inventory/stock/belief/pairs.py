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
_STOOD, _WENT, _SURELY_HERE = 0.5, 0.5, 0.98
_MOST_PAIRS = 4
_UNTHOUGHT = 1e-3
"""How far tags may speak against a number of pairs: papers may be wrong about who came with whom."""

Link = tuple[int, int, float]


def new_lot(belief: Belief, quantity: int, named: int) -> None:
    """A delivery of ``quantity`` units comes, whose papers name ``named`` tags."""
    belief.lots_made += 1
    belief.lots[belief.lots_made] = max(named - quantity, 0) + _NOT_TOLD


def found(belief: Belief, tag: Tag) -> None:
    """A tag of a delivery without a list is here: one too many is most likely a second one."""
    if tag.lot in belief.lots:
        belief.lots[tag.lot] += tag.surprise


def put_in_lot(belief: Belief, tag: Tag, at_ms: int) -> None:
    """Papers of the last delivery named the tag."""
    tag.lot, tag.moved_at_ms, tag.stood = belief.lots_made, at_ms, 1.0


def weigh(belief: Belief) -> None:
    """After a sweep: the tags that may be gone now say how many of the units that left were doubly tagged.

    Which of them are gone is seldom sure at once. Each set of them that a number of tags leaves room for has its part.
    """
    doubtful = [key for key, tag in belief.tags.items() if _stood(tag) and tag.presence < _SURELY_HERE]
    belief.went = [key for key in doubtful if belief.tags[key].presence < _WENT]
    asked = doubtful if len(doubtful) <= _MOST_WENT else belief.went
    before, belief.weighed = belief.weighed, {}
    if belief.went and belief.cells and len(asked) <= _MOST_WENT:
        belief.weighed = _factors(belief, asked)
    if before or belief.weighed:
        after = belief.weighed
        belief.cells = units.weighted(
            belief.cells, lambda cell: after.get(_key(cell), 1.0) / before.get(_key(cell), 1.0)
        )


def _stood(tag: Tag) -> bool:
    return tag.stood > _STOOD and not tag.hidden


def _key(cell: int) -> int:
    """Tags of the first sort and pairs that left, as one number."""
    return units.tag_count(cell) * _MOST_PAIRS + units.gone_pairs(cell)


def settle(belief: Belief) -> None:
    """Time passes after a sweep: what left before is over, and what stands now is asked for next."""
    if belief.settled_at_ms >= belief.swept_at_ms:
        return
    belief.settled_at_ms = belief.swept_at_ms
    if belief.weighed:
        _forget_pairs(belief)
    belief.cells = units.settled(belief.cells)
    belief.went, belief.weighed = [], {}
    for tag in belief.tags.values():
        tag.stood = tag.presence
    lots = {tag.lot for tag in belief.tags.values() if _stood(tag)}
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
            if _stood(tag):
                self._lots.setdefault(tag.lot, []).append(tag)
        self._whole = {
            lot: sum(_together(one, other) for one, other in combinations(tags, 2)) for lot, tags in self._lots.items()
        }

    def of(self, one: Tag, other: Tag) -> float:
        """The chance that the two are one unit's."""
        if one.lot != other.lot or one is other:
            return 0.0
        return min(self._belief.lots.get(one.lot, _NOT_TOLD) * _together(one, other) / self._whole[one.lot], 0.95)

    def left(self, one: Tag, other: Tag) -> float:
        """The chance that they are, and that the one that was not heard was here when the other was."""
        return self.of(one, other) * min(one.stood, other.stood, 1.0)

    def single(self, tag: Tag) -> float:
        """The chance that no other named tag is on the tag's unit."""
        return max(1.0 - sum(self.of(tag, other) for other in self._lots[tag.lot]), _LEAST)

    def among(self, keys: Sequence[str]) -> list[Link]:
        """Each two of the tags that may be one unit's, by their places in the list, and the chance."""
        tags = [self._belief.tags[key] for key in keys]
        pairs = [(one, other, self.left(tags[one], tags[other])) for one, other in combinations(range(len(tags)), 2)]
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


def _factors(belief: Belief, asked: Sequence[str]) -> dict[int, float]:
    """F by the number of tags and of pairs that left: the mean over which of those ``asked`` about are gone."""
    known = _Links(belief)
    links, single = known.among(asked), [known.single(belief.tags[key]) for key in asked]
    pairs = max(known.pairs(), 1e-3)
    here = [min(max(belief.tags[key].presence, _RAREST), 1.0 - _RAREST) for key in asked]
    others = _numbers([tag.presence for key, tag in belief.tags.items() if not tag.hidden and key not in set(asked)])
    whole: dict[int, float] = {}
    sums: dict[int, float] = {}
    for gone in _subsets(len(asked)):
        chance = prod(1.0 - x if place in gone else x for place, x in enumerate(here))
        factors = _of_gone(links, single, gone, pairs, known.tags())
        for more, share in others.items():
            tags = len(asked) - len(gone) + more
            whole[tags] = whole.get(tags, 0.0) + chance * share
            for number in range(_MOST_PAIRS):
                key = tags * _MOST_PAIRS + number
                sums[key] = sums.get(key, 0.0) + chance * share * factors[number]
    return {key: value / whole[key // _MOST_PAIRS] for key, value in sums.items()}


def _of_gone(
    links: Sequence[Link], single: Sequence[float], gone: frozenset[int], pairs: float, tags: int
) -> list[float]:
    """F(0), F(1), ... if these are gone, against any as many: above 1 where they make as many pairs more readily."""
    singles = max(tags - 2.0 * pairs, 0.1)
    any_as_many = _choose(float(tags), len(gone))
    factors = []
    for number in range(_MOST_PAIRS):
        rest = len(gone) - 2 * number
        ways = sum(_matchings(links, single, gone, number)) if rest >= 0 else 0.0
        usual = _choose(pairs, number) * _choose(singles, max(rest, 0)) / any_as_many
        factors.append(min(max(ways / usual, _UNTHOUGHT), 1.0 / _UNTHOUGHT))
    return factors


def _subsets(number: int) -> Iterator[frozenset[int]]:
    for size in range(number + 1):
        yield from map(frozenset, combinations(range(number), size))


def _numbers(presences: Sequence[float]) -> dict[int, float]:
    """The chance of each number of the tags to be here, where that is not next to nothing."""
    chances = [1.0]
    for here in presences:
        chances = [a * (1.0 - here) + b * here for a, b in zip([*chances, 0.0], [0.0, *chances], strict=True)]
    return {number: chance for number, chance in enumerate(chances) if chance > _RAREST}


def _choose(of: float, number: int) -> float:
    """Ways to choose ``number`` of ``of``, which need not be whole."""
    ways = 1.0
    for step in range(number):
        ways *= max(of - step, of / (step + 1)) / (step + 1)
    return ways


def _matchings(links: Sequence[Link], single: Sequence[float], gone: frozenset[int], number: int) -> Iterator[float]:
    """The weight of each way to make ``number`` pairs of linked tags that are gone and leave the others single."""

    def choose(start: int, free: frozenset[int], left: int, weight: float) -> Iterator[float]:
        if left == 0:
            yield weight * prod(single[one] for one in free)
            return
        for place in range(start, len(links)):
            one, other, link = links[place]
            if one in free and other in free:
                yield from choose(place + 1, free - {one, other}, left - 1, weight * link)

    return choose(0, gone, number, 1.0)
