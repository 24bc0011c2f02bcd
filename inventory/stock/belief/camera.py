"""Shelf cameras: a count of what can be seen of a facing, often too low, sometimes nonsense."""

from inventory.stock.belief.passing import advance
from inventory.stock.belief.state import Belief, Where
from schemas.observations import QuantityMeasured


def looked(belief: Belief, where: Where, seen: QuantityMeasured) -> None:
    """A look at a facing."""
    advance(belief, where, seen.occurred_at_ms)
