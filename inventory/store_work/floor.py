"""What is on the sales floor and in the back room, and whether that makes work or ends it."""

from typing import NamedTuple

from inventory.state import LocationStock
from inventory.stock import belief as believed
from inventory.stock.ledger import RECEIVING_ZONE, SALES_ZONE
from schemas.observations import ItemDefined

REFILL, COUNT = "refill", "count"
_LACKING, _ENOUGH = 0.5, 0.25
"""Believed units are expected ones: half a unit less than the minimum is too little, a quarter less is not."""


class Floor(NamedTuple):
    """Units on the sales floor and in the back room, and who says so."""

    floor: float
    back: float
    source: str

    def lacks(self, minimum: float) -> bool:
        """Whether there is something to bring, and a place for it."""
        return 0.0 <= self.floor <= minimum - _LACKING and self.back >= 1.0 - _ENOUGH

    def is_full(self, minimum: float) -> bool:
        """Whether the floor has its minimum."""
        return self.floor >= minimum - _ENOUGH

    def has_no_more(self) -> bool:
        """Whether the back room has nothing to bring."""
        return self.back < 1.0 - _LACKING


def floor_of(stock: LocationStock) -> Floor | None:
    """By the belief where readers sweep, else by the book; None where nobody tells zones apart."""
    if stock.belief.swept_at_ms >= 0 and stock.belief.cells:
        zones = believed.by_zone(stock.belief)
        return Floor(zones.get(SALES_ZONE, 0.0), zones.get(RECEIVING_ZONE, 0.0), "readers")
    if not stock.zones_told:
        return None
    told = stock.ledger.zones
    return Floor(float(told.get(SALES_ZONE, 0)), float(told.get(RECEIVING_ZONE, 0)), "the book")


def is_news(item: ItemDefined, stock: LocationStock) -> bool:
    """Whether what a sweep heard may open or end a task, although the number of units is what it was."""
    if not stock.tasks and not stock.zones_told and not item.shelf_minimum_units:
        return False
    there, minimum = floor_of(stock), float(max(item.shelf_minimum_units, 1))
    if COUNT in stock.tasks or there is None:
        return COUNT in stock.tasks
    if REFILL in stock.tasks:
        return there.is_full(minimum) or there.has_no_more()
    return there.lacks(minimum)
