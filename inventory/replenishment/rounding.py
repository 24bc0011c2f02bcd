"""From units needed to units that can be ordered: minimum order quantity, pack, cap (FORMULAS.md 3.6).

What can be ordered is nothing, or a multiple of the pack from the minimum to the
cap. Each named rule takes one of these quantities.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Literal

import msgspec

Rounding = Literal["up", "down", "nearest"]


class Lots(msgspec.Struct, frozen=True):
    """What the supplier and the shelf allow; ``most_units`` of None is no cap."""

    minimum_order_units: int = 0
    pack_units: int = 1
    most_units: int | None = None

    @property
    def first(self) -> int:
        """The smallest order."""
        return max(-(-self.minimum_order_units // self.pack_units), 1) * self.pack_units

    @property
    def last(self) -> int | None:
        """The largest order; 0 where none fits under the cap, None without one."""
        if self.most_units is None:
            return None
        largest = self.most_units // self.pack_units * self.pack_units
        return largest if largest >= self.first else 0


def round_up(need_units: int, minimum_order_units: int, pack_units: int) -> int:
    """``pack * ceil(max(need, minimum) / pack)``, and 0 for no need.

    >>> round_up(30 - 11, 24, 6), round_up(30 - 29, 12, 6), round_up(0, 12, 6)
    (24, 12, 0)
    """
    return orderable(need_units, Lots(minimum_order_units, pack_units))


def orderable(need_units: int, lots: Lots, rounding: Rounding = "up") -> int:
    """The quantity for a need: ``up`` to what covers it, ``down`` to what it covers, ``nearest`` (up if as near).

    The cap cuts all of them; no need is no order.

    >>> lots = Lots(minimum_order_units=12, pack_units=6)
    >>> [orderable(need, lots, "nearest") for need in (5, 6, 14, 15, 21)]
    [0, 12, 12, 18, 24]
    >>> orderable(40, Lots(0, 6, most_units=20)), orderable(1, Lots(12, 6, most_units=10))
    (18, 0)
    """
    if need_units <= 0:
        return 0
    pack = lots.pack_units
    below = need_units // pack * pack if need_units >= lots.first else 0
    above = max(-(-need_units // pack) * pack, lots.first)
    up = rounding == "up" or (rounding == "nearest" and above - need_units <= need_units - below)
    wanted, last = above if up else below, lots.last
    return wanted if last is None else min(wanted, last)


def economic(worth: Callable[[int], float], lots: Lots, most_units: int) -> int:
    """Packs are added while the next one pays; the first order must pay as a whole.

    ``worth`` of a number of units is what they are expected to earn together, each less
    than the one before; no pack that begins beyond ``most_units`` is looked at.

    >>> economic(lambda units: sum((0.55, 0.35, 0.15, -0.05, -0.15, -0.25)[:units]), Lots(pack_units=2), 6)
    4
    """
    first, pack = lots.first, lots.pack_units
    last = lots.last
    if last == 0 or worth(first) < 0.0:
        return 0
    most = most_units if last is None else min(most_units, last)

    def pays_not(more: int) -> bool:
        return worth(first + more * pack) < worth(first + (more - 1) * pack)

    packs = max(-(-(most - first) // pack), 0)
    return first + pack * bisect_left(range(1, packs + 1), True, key=pays_not)
