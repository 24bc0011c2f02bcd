"""From units needed to units that can be ordered: minimum order quantity, pack, cap (FORMULAS.md 3.6).

What can be ordered is nothing, or a multiple of the pack from the minimum to the
cap. Each named rule takes one of these quantities.
"""

from collections.abc import Sequence
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
    wanted = {"up": above, "down": below, "nearest": above if above - need_units <= need_units - below else below}
    last = lots.last
    return wanted[rounding] if last is None else min(wanted[rounding], last)


def economic(chances: Sequence[float], lots: Lots, overage_ratio: float) -> int:
    """Packs are added while the next one pays; the first order must pay as a whole.

    ``chances[j]`` is the probability that demand reaches unit j + 1 of the order,
    falling (units beyond the end never sell); ``overage_ratio`` is
    ``C_o / (C_u + C_o)``: a pack pays if its chances sum to at least that times its units.

    >>> economic([0.9, 0.7, 0.5, 0.3, 0.2, 0.1], Lots(pack_units=2), 0.35)
    4
    """
    quantity = lots.first
    if sum(chances[:quantity]) < overage_ratio * quantity or lots.last == 0:
        return 0
    while quantity < min(len(chances), lots.last or len(chances)):
        pack = chances[quantity : quantity + lots.pack_units]
        if sum(pack) < overage_ratio * lots.pack_units:
            break
        quantity += lots.pack_units
    return quantity
