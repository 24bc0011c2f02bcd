"""An order cut into lots that can be bought one after the other, and what each further one is expected to earn."""

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import NamedTuple

MOST_LOTS = 40
"""Of a larger order several packs make one lot."""


class Lots(NamedTuple):
    """``units`` of each lot in turn and its ``gains`` in money; the first holds the least that can be ordered."""

    units: tuple[int, ...]
    gains: tuple[float, ...]


def lots_of(quantity: int, minimum_units: int, pack_units: int, cost_after: Callable[[int], float] | None) -> Lots:
    """The lots of ``quantity`` units; ``cost_after`` are the expected costs with so many bought, None: not known.

    >>> lots_of(10, 4, 3, lambda units: 100.0 / (1 + units))
    Lots(units=(6, 3, 1), gains=(85.7143, 4.2857, 0.9091))
    """
    units = units_of(quantity, *sizes(quantity, minimum_units, pack_units))
    if cost_after is None:
        return Lots(units, (0.0,) * len(units))
    costs = [cost_after(bought) for bought in accumulate(units, initial=0)]
    return Lots(units, tuple(round(before - after, 4) for before, after in pairwise(costs)))


def sizes(quantity: int, minimum_units: int, pack_units: int) -> tuple[int, int]:
    """Units of the first lot and of every further one."""
    pack = max(pack_units, 1)
    first = min(-(-max(minimum_units, pack) // pack) * pack, quantity)
    packs = -(-(quantity - first) // (pack * MOST_LOTS))
    return first, max(packs, 1) * pack


def units_of(quantity: int, first: int, further: int) -> tuple[int, ...]:
    """Units of each lot; the last is what remains.

    >>> units_of(10, 6, 3)
    (6, 3, 1)
    """
    rest = quantity - first
    remains = (rest % further,) if rest % further else ()
    return (first, *[further] * (rest // further), *remains) if quantity else ()
