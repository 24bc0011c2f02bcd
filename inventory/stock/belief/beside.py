"""Whether a hidden tag hangs beside a named one, or is the only tag of a unit that came past the books.

Two tags of one unit are always in one zone. A hidden tag that was surely apart from every named tag it could hang
beside is a unit of its own. ``cells`` count how many are which without knowing the tags; ``weigh`` multiplies them by
how much likelier (or less) what was seen of the hidden tags makes each number of second ones,

    F(k) = sum over sets of k of the m hidden tags, prod(likelihood as second / as only tag) / (m choose k)
"""

from collections.abc import Sequence
from math import comb

from inventory.stock.belief import cells as units
from inventory.stock.belief.state import Belief, Tag

_HERE, _MAY_BE = 0.9, 0.02
_APART = 0.9
_AT_ONCE_MS = 3_600_000
_NEVERTHELESS, _BY_ITSELF = 0.002, 0.1
"""How often two tags of one unit are taken to have been apart, and how often a unit is alone in its zone."""


def weigh(belief: Belief) -> None:
    """After a sweep: note who is apart from whom, and weigh what that says."""
    hidden = [tag for tag in belief.tags.values() if tag.hidden and tag.home >= 0 and tag.presence > _HERE]
    if not hidden and not belief.beside:
        return
    named = [(key, tag) for key, tag in belief.tags.items() if not tag.hidden and tag.presence > _MAY_BE]
    odds = sorted(_second(tag, named) for tag in hidden)
    if odds == belief.beside:
        return
    now, before = _sums(odds), _sums(belief.beside)
    belief.beside = odds
    belief.cells = units.weighted(belief.cells, lambda cell: _at(now, cell) / _at(before, cell))


def _second(hidden: Tag, named: Sequence[tuple[str, Tag]]) -> float:
    """How much likelier it is that the tag hangs beside a named one than that it is a unit's only one.

    A named one that came later is none of them.
    """
    fits = whole = 0.0
    for key, tag in named:
        if tag.lot <= hidden.lot:
            _part(hidden, key, tag)
            fits += tag.presence * hidden.apart.get(key, 1.0)
            whole += tag.presence
    fit = fits / whole if whole else 0.0
    return min((fit + _NEVERTHELESS) / _BY_ITSELF, 1.0)


def _part(hidden: Tag, key: str, tag: Tag) -> None:
    """Two tags that were heard at once were in one zone or not: how likely they were is kept while they seem apart."""
    if tag.presence > _HERE and tag.home >= 0 and tag.hits and abs(tag.heard_at_ms - hidden.heard_at_ms) < _AT_ONCE_MS:
        same = sum(one * other for one, other in zip(hidden.zones, tag.zones, strict=True))
        if same < min(_APART, hidden.apart.get(key, 1.0)):
            hidden.apart[key] = same


def _sums(odds: Sequence[float]) -> list[float]:
    """F(0), F(1), ..., by elementary symmetric sums."""
    sums = [1.0]
    for one in odds:
        sums = [a + one * b for a, b in zip([*sums, 0.0], [0.0, *sums], strict=True)]
    return [value / comb(len(odds), number) for number, value in enumerate(sums)]


def _at(sums: Sequence[float], cell: int) -> float:
    return sums[min(units.parts(cell).hidden, len(sums) - 1)]
