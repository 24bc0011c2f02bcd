"""The joint probability of tagged units, second tags and untagged units: pure arithmetic on small dictionaries.

A cell ``(u, m, k)`` says: ``u`` tagged units, ``m`` of which carry a second tag,
and ``k`` untagged ones; so there are ``u + k`` units and ``u + m`` tags. Units
leave at random: an untagged one with probability k / (u + k), a doubly tagged
one with probability m / (u + k) (a second tag never leaves by itself).
"""

from collections.abc import Callable, Iterable

Cells = dict[int, float]

_SECONDS, _UNTAGGED = 32, 8
_LEAST = 1e-7


def code(units: int, seconds: int, untagged: int) -> int:
    """The key of a cell."""
    return (units * _SECONDS + min(seconds, _SECONDS - 1)) * _UNTAGGED + min(untagged, _UNTAGGED - 1)


def parts(cell: int) -> tuple[int, int, int]:
    """Tagged units, second tags, untagged units of a cell."""
    rest, untagged = divmod(cell, _UNTAGGED)
    units, seconds = divmod(rest, _SECONDS)
    return units, seconds, untagged


def total(cell: int) -> int:
    """Units in a cell."""
    units, _, untagged = parts(cell)
    return units + untagged


def tag_count(cell: int) -> int:
    """Tags in a cell."""
    units, seconds, _ = parts(cell)
    return units + seconds


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


def arrive(cells: Cells, batch: Iterable[tuple[int, int, int, float]]) -> Cells:
    """More units: ``batch`` is the distribution of what came, as ``(units, seconds, untagged, probability)``."""
    after: Cells = {}
    for cell, weight in cells.items():
        units, seconds, untagged = parts(cell)
        for more_units, more_seconds, more_untagged, probability in batch:
            key = code(max(units + more_units, 0), seconds + more_seconds, untagged + more_untagged)
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
    units, seconds, untagged = parts(cell)
    whole = units * tagged_weight + untagged
    if whole <= 0.0:
        return [(cell, 1.0)]
    ways = []
    if untagged:
        ways.append((code(units, seconds, untagged - 1), untagged / whole))
    pairs = min(seconds, units)
    if pairs:
        ways.append((code(units - 1, seconds - 1, untagged), pairs * tagged_weight / whole))
    if units > pairs:
        ways.append((code(units - 1, seconds, untagged), (units - pairs) * tagged_weight / whole))
    return ways


def shift(cells: Cells, change: int) -> Cells:
    """``change`` tagged units come or go at once, for large numbers where it hardly matters which."""
    after: Cells = {}
    for cell, weight in cells.items():
        units, seconds, untagged = parts(cell)
        units = max(units + change, 0)
        key = code(units, min(seconds, units), untagged)
        after[key] = after.get(key, 0.0) + weight
    return normalised(after)


def lose(cells: Cells, rate: float) -> Cells:
    """Each unit is lost with probability ``rate``; at most two at once (call it again for longer)."""
    after: Cells = {}
    for cell, weight in cells.items():
        units = total(cell)
        one = min(units * rate, 0.5)
        after[cell] = after.get(cell, 0.0) + weight * (1.0 - one)
        if one > 0.0:
            for key, chance in _one_less(cell, 1.0):
                after[key] = after.get(key, 0.0) + weight * one * chance
    return normalised(after)


def by_total(cells: Cells) -> dict[int, float]:
    """Probability of each number of units that is possible, in order."""
    chances: dict[int, float] = {}
    for cell, weight in cells.items():
        units = cell // (_SECONDS * _UNTAGGED) + cell % _UNTAGGED  # total(cell), written out: it is asked often
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
