"""The inventory position every reorder decision is made on."""

import msgspec


class InventoryPosition(msgspec.Struct, frozen=True):
    """On-hand + on-order - backorders - reserved.

    ``on_order`` counts what restockd has proposed and nobody has answered yet, so
    that nothing is ordered twice; in-transit units are part of it and not added
    again. A negative book is a record error (a missed receipt, a wrong scan), not
    a debt to customers, and counts as nothing on hand; ``backorders`` are
    reservations beyond what is on hand.
    """

    on_hand: int
    on_order: int
    reserved: int

    @property
    def backorders(self) -> int:
        """Reserved units that are not there."""
        return max(self.reserved - max(self.on_hand, 0), 0)

    @property
    def units(self) -> int:
        """The position in units; reserved units are counted once, backordered or not."""
        return max(self.on_hand, 0) + self.on_order - self.reserved

    @property
    def available(self) -> int:
        """What can be sold now."""
        return max(self.on_hand - self.reserved, 0)
