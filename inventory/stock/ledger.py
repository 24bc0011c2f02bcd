"""The book: units on hand per location, SKU and zone, as a fold over movements.

Conservation holds exactly, always:

    opening + receipts + transfers_in + returns - sales - transfers_out - adjustments = on_hand

The result does not depend on the order in which movements arrive, also around
counts: a count says what was there *at its time*, so movements that happened
later are added to it and ones that happened earlier, however late they are
heard of, are already in it.
"""

import msgspec

SALES_ZONE = "sales_floor"
RECEIVING_ZONE = "back_room"

MILLISECONDS_PER_HOUR = 3_600_000


class Ledger(msgspec.Struct, array_like=True):
    """Book stock of one SKU at one location. ``adjustments`` counts units taken off."""

    opening: int = 0
    receipts: int = 0
    transfers_in: int = 0
    returns: int = 0
    sales: int = 0
    transfers_out: int = 0
    adjustments: int = 0
    on_hand: int = 0
    reserved: int = 0
    opening_known: bool = False
    opened: bool = False
    zones: dict[str, int] = {}
    counted_at_ms: int = -1
    counted_key: int = 0
    recent: list[tuple[int, int]] = []

    def balance(self) -> int:
        """On-hand as the counters give it; always equal to ``on_hand``."""
        incoming = self.opening + self.receipts + self.transfers_in + self.returns
        return incoming - self.sales - self.transfers_out - self.adjustments


def move(ledger: Ledger, counter: str, quantity: int, occurred_at_ms: int, zone: str, memory_hours: float) -> int:
    """Book ``quantity`` (signed as it changes on-hand) under ``counter``; returns the change of on-hand.

    A movement from before the last count is already in that count: it is booked
    under its counter and taken off again under adjustments, and changes nothing.
    """
    _count_under(ledger, counter, quantity)
    if occurred_at_ms <= ledger.counted_at_ms:
        ledger.adjustments += quantity
        return 0
    ledger.on_hand += quantity
    _change_zone(ledger, zone, quantity)
    _remember(ledger, occurred_at_ms, quantity, memory_hours)
    return quantity


def move_zone(ledger: Ledger, quantity: int, zone: str, to_zone: str) -> None:
    """Move units between zones; on-hand stays."""
    _change_zone(ledger, zone, -quantity)
    _change_zone(ledger, to_zone, quantity)


def count(ledger: Ledger, quantity: int, occurred_at_ms: int, key: int, zone: str, *, opening: bool) -> int:
    """Take ``quantity`` as what was there at ``occurred_at_ms``; returns the change of on-hand.

    Only the latest count matters (of two at one time, the one with the larger
    key). A count of one ``zone`` corrects that zone and leaves the others.
    The change goes under opening for an opening, under adjustments otherwise.
    """
    if (occurred_at_ms, key) <= (ledger.counted_at_ms, ledger.counted_key):
        return _count_outdone(ledger, quantity, opening=opening)
    since = sum(units for at, units in ledger.recent if at > occurred_at_ms)
    change = _correction(ledger, quantity, since, zone)
    if opening and not ledger.opened:
        ledger.opening += change
        ledger.opened = True
    else:
        ledger.adjustments -= change
    ledger.on_hand += change
    if not zone:
        ledger.counted_at_ms, ledger.counted_key = occurred_at_ms, key
    ledger.opening_known = True
    return change


def _count_outdone(ledger: Ledger, quantity: int, *, opening: bool) -> int:
    """A later count is known: an opening is only booked and taken off again, a count says nothing."""
    if opening and not ledger.opened:
        ledger.opening += quantity
        ledger.adjustments += quantity
        ledger.opened = True
    return 0


def reserve(ledger: Ledger, quantity: int) -> None:
    """Promise units to a customer (+) or release them (-)."""
    ledger.reserved += quantity


def _correction(ledger: Ledger, quantity: int, since: int, zone: str) -> int:
    if zone:
        change = quantity - ledger.zones.get(zone, 0)
        _change_zone(ledger, zone, change)
        return change
    change = quantity + since - ledger.on_hand
    _change_zone(ledger, RECEIVING_ZONE if change > 0 else SALES_ZONE, change)
    return change


def _count_under(ledger: Ledger, counter: str, quantity: int) -> None:
    if counter == "sales":
        ledger.sales -= quantity
    elif counter == "returns":
        ledger.returns += quantity
    elif counter == "receipts":
        ledger.receipts += quantity
    elif counter == "transfers_in":
        ledger.transfers_in += quantity
    elif counter == "transfers_out":
        ledger.transfers_out -= quantity
    elif counter == "adjustments":
        ledger.adjustments -= quantity
    else:
        raise ValueError(f"no such counter: {counter}")


def _change_zone(ledger: Ledger, zone: str, quantity: int) -> None:
    if quantity:
        ledger.zones[zone] = ledger.zones.get(zone, 0) + quantity
        if not ledger.zones[zone]:
            del ledger.zones[zone]


def _remember(ledger: Ledger, occurred_at_ms: int, quantity: int, memory_hours: float) -> None:
    recent = ledger.recent
    recent.append((occurred_at_ms, quantity))
    if len(recent) >= 32 and len(recent) % 32 == 0:
        oldest = max(at for at, _ in recent) - int(memory_hours * MILLISECONDS_PER_HOUR)
        ledger.recent = [entry for entry in recent if entry[0] > oldest]
