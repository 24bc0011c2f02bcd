"""The joint probability of units and their tags: pure arithmetic on small dictionaries.

A cell says how many there are of five things (``Parts``). *Booked* units are those that
deliveries told of: each has a tag of the first sort, one that papers named or that must
be there; some have a *second* one of that sort, some a *hidden* one that no papers named.
*Extra* units came without being booked: their only tag is a hidden one. *Untagged* units
have none. So there are booked + extra + untagged units, booked + seconds tags of the
first sort and hidden + extra tags of the other. Which of two tags went tells more than how many.
A unit leaves at random, with its tags: a second tag never leaves by itself. How many units
with a second tag left since the last sweep is kept beside until it is clear which tags
went (see ``pairs``).
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

Cells = dict[int, float]

_SECONDS, _HIDDEN, _EXTRA, _UNTAGGED, _GONE = 32, 32, 8, 8, 4
_ONE_BOOKED = _SECONDS * _HIDDEN * _EXTRA * _UNTAGGED * _GONE
_LEAST = 1e-7


class Parts(NamedTuple):
    """What a cell says there is."""

    booked: int
    seconds: int = 0
    hidden: int = 0
    extra: int = 0
    untagged: int = 0
    gone_pairs: int = 0


Batch = list[tuple[Parts, float]]
"""A distribution of what came or went."""


def code(parts: Parts) -> int:
    """The key of a cell; numbers beyond what is kept apart count as the largest."""
    booked, seconds, hidden, extra, untagged, gone = parts
    rest = (booked * _SECONDS + min(seconds, _SECONDS - 1)) * _HIDDEN + min(hidden, _HIDDEN - 1)
    rest = (rest * _EXTRA + min(extra, _EXTRA - 1)) * _UNTAGGED + min(untagged, _UNTAGGED - 1)
    return rest * _GONE + min(gone, _GONE - 1)


def parts(cell: int) -> Parts:
    """What there is in a cell."""
    rest, gone = divmod(cell, _GONE)
    rest, untagged = divmod(rest, _UNTAGGED)
    rest, extra = divmod(rest, _EXTRA)
    rest, hidden = divmod(rest, _HIDDEN)
    booked, seconds = divmod(rest, _SECONDS)
    return Parts(booked, seconds, hidden, extra, untagged, gone)


def total(cell: int) -> int:
    """Units in a cell."""
    if cell % _ONE_BOOKED == 0:
        return cell // _ONE_BOOKED
    rest, untagged = divmod(cell // _GONE, _UNTAGGED)
    rest, extra = divmod(rest, _EXTRA)
    return rest // (_HIDDEN * _SECONDS) + extra + untagged


def tag_count(cell: int) -> int:
    """Tags of the first sort in a cell."""
    return sum(divmod(cell // (_GONE * _UNTAGGED * _EXTRA * _HIDDEN), _SECONDS))


def hidden_count(cell: int) -> int:
    """Tags of the hidden sort in a cell."""
    rest = cell // (_GONE * _UNTAGGED)
    return rest % _EXTRA + rest // _EXTRA % _HIDDEN


def gone_pairs(cell: int) -> int:
    """Units with a second tag that left since the last sweep."""
    return cell % _GONE


def settled(cells: Cells) -> Cells:
    """Which tags went is known as well as it ever will be: how many pairs they were is forgotten."""
    after: Cells = {}
    for cell, weight in cells.items():
        key = cell - cell % _GONE
        after[key] = after.get(key, 0.0) + weight
    return after


def normalised(cells: Cells) -> Cells:
    """Summing to 1, without what is next to impossible."""
    whole = sum(cells.values())
    least = _LEAST * whole
    kept = {cell: weight for cell, weight in cells.items() if weight > least}
    whole = sum(kept.values())
    return {cell: weight / whole for cell, weight in kept.items()}


def weighted(cells: Cells, factor: Callable[[int], float]) -> Cells:
    """Bayes' rule: each cell times its likelihood; what no cell can explain is left out of account."""
    after = {cell: weight * factor(cell) for cell, weight in cells.items()}
    return normalised(after) if sum(after.values()) > 1e-200 else cells


def arrive(cells: Cells, batch: Iterable[tuple[Parts, float]]) -> Cells:
    """More units come, as ``batch`` says."""
    after: Cells = {}
    ways = list(batch)
    for cell, weight in cells.items():
        booked, *others = parts(cell)
        for more, probability in ways:
            sums = [known + new for known, new in zip(others, more[1:], strict=True)]
            key = code(Parts(max(booked + more.booked, 0), *sums))
            after[key] = after.get(key, 0.0) + weight * probability
    return normalised(after)


def leave_one(cells: Cells, share: float, *, tagged_weight: float = 1.0) -> Cells:
    """One unit leaves with probability ``share`` (none can from an empty cell).

    ``tagged_weight`` is how likely a tagged unit is, against an untagged one, to leave as this one did.
    """
    after: Cells = {cell: weight * (1.0 - share) for cell, weight in cells.items()} if share < 1.0 else {}
    for cell, weight in cells.items():
        for key, chance in _one_less(cell, tagged_weight):
            after[key] = after.get(key, 0.0) + weight * share * chance
    return normalised(after)


def _one_less(cell: int, tagged_weight: float) -> list[tuple[int, float]]:
    if cell % _ONE_BOOKED == 0:
        return [(max(cell - _ONE_BOOKED, 0), 1.0)]
    there = parts(cell)
    booked, seconds, hidden, extra, untagged, gone = there
    whole = (booked + extra) * tagged_weight + untagged
    if whole <= 0.0:
        return [(cell, 1.0)]
    with_second = min(seconds, booked)
    with_hidden = min(hidden, booked - with_second)
    single = booked - with_second - with_hidden
    ways = [(cell - _GONE, untagged / whole)] if untagged else []
    if extra:
        ways.append((cell - _GONE * _UNTAGGED, extra * tagged_weight / whole))
    for number, fewer in (
        (with_second, there._replace(booked=booked - 1, seconds=seconds - 1, gone_pairs=gone + 1)),
        (with_hidden, there._replace(booked=booked - 1, hidden=hidden - 1)),
        (single, there._replace(booked=booked - 1)),
    ):
        if number:
            ways.append((code(fewer), number * tagged_weight / whole))
    return ways


def shift(cells: Cells, change: int) -> Cells:
    """``change`` booked units come or go at once, for large numbers where it hardly matters which."""
    after: Cells = {}
    for cell, weight in cells.items():
        if cell % _ONE_BOOKED == 0:
            key = max(cell + change * _ONE_BOOKED, 0)
            after[key] = after.get(key, 0.0) + weight
            continue
        there = parts(cell)
        booked = max(there.booked + change, 0)
        key = code(there._replace(booked=booked, seconds=min(there.seconds, booked), hidden=min(there.hidden, booked)))
        after[key] = after.get(key, 0.0) + weight
    return normalised(after)


def lose(cells: Cells, rate: float) -> Cells:
    """Each unit is lost with probability ``rate``; one at most at once (call it again for longer)."""
    after: Cells = {}
    for cell, weight in cells.items():
        one = min(total(cell) * rate, 0.5)
        after[cell] = after.get(cell, 0.0) + weight * (1.0 - one)
        if one > 0.0:
            for key, chance in _one_less(cell, 1.0):
                after[key] = after.get(key, 0.0) + weight * one * chance
    return normalised(after)


def vanish(cells: Cells, chance: float) -> Cells:
    """All that is there goes at once with probability ``chance``: carried off, sent away, never come."""
    return mixed(cells, {code(Parts(0)): 1.0}, chance)


def mixed(cells: Cells, others: Cells, share: float) -> Cells:
    """``others`` with probability ``share``, else ``cells``."""
    after = {cell: weight * (1.0 - share) for cell, weight in cells.items()}
    for cell, weight in others.items():
        after[cell] = after.get(cell, 0.0) + weight * share
    return normalised(after)


def by_total(cells: Cells) -> dict[int, float]:
    """Probability of each number of units that is possible, in order."""
    chances: dict[int, float] = {}
    for cell, weight in cells.items():
        units = total(cell)
        chances[units] = chances.get(units, 0.0) + weight
    return dict(sorted(chances.items()))


def distribution(cells: Cells) -> list[float]:
    """Probability of 0, 1, 2, ... units."""
    if not cells:
        return []
    pmf = [0.0] * (max(map(total, cells)) + 1)
    for cell, weight in cells.items():
        pmf[total(cell)] += weight
    return pmf


def mean(cells: Cells, of: Callable[[int], float]) -> float:
    """Expectation of a function of the cell."""
    return sum(weight * of(cell) for cell, weight in cells.items())
