"""The book: units on hand per location, SKU and zone, as a fold over movements.

Conservation holds exactly, always:

    opening + receipts + transfers_in + returns - sales - transfers_out - adjustments = on_hand

The result does not depend on the order in which events arrive, also around
counts: a count says what was there *at its time*, so movements that happened
later are added to it and ones that happened earlier, however late they are
heard of, are already in it. That takes memory: the events of the last
``memory_hours`` are kept in order of time, with the zones as they were before
the first of them, and what comes late before a count is put in its place and
the rest done again. Older than the memory, only the latest full count is known.
"""

from bisect import bisect_left, insort
from typing import NamedTuple

import msgspec

SALES_ZONE = "sales_floor"
RECEIVING_ZONE = "back_room"

MILLISECONDS_PER_HOUR = 3_600_000
MOST_RECENT = 512
_TIDY_EVERY = 32
_MOVE, _ZONE_COUNT, _FULL_COUNT = 0, 1, 2


class Recent(NamedTuple):
    """An event that may still have to be done again; sorts by time, movements before counts of that time.

    A movement changes ``zone`` by ``quantity``, a count sets it (or, with
    ``_FULL_COUNT``, the whole location).
    """

    at_ms: int
    rank: int
    key: int
    zone: str
    quantity: int


class Ledger(msgspec.Struct, array_like=True):
    """Book stock of one SKU at one location. ``adjustments`` counts units taken off.

    ``base`` is the zones before the first of ``recent``; ``counted_at_ms`` and
    ``counted_key`` name the latest full count. ``openings`` holds time, key and
    units of the opening that is booked, the earliest, of each zone it was told for.
    """

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
    zones: dict[str, int] = {}
    counted_at_ms: int = -1
    counted_key: int = 0
    openings: dict[str, tuple[int, int, int]] = {}
    last_count_ms: int = -1
    forgotten_until_ms: int = -1
    base: dict[str, int] = {}
    recent: list[Recent] = []

    def balance(self) -> int:
        """On-hand as the counters give it; always equal to ``on_hand``."""
        incoming = self.opening + self.receipts + self.transfers_in + self.returns
        return incoming - self.sales - self.transfers_out - self.adjustments


def move(ledger: Ledger, counter: str, quantity: int, occurred_at_ms: int, zone: str, memory_hours: float) -> int:
    """Book ``quantity`` (signed as it changes on-hand) under ``counter``; returns the change of on-hand.

    A movement from before the last count is already in that count: it is booked
    under its counter and taken off again under adjustments.
    """
    _count_under(ledger, counter, quantity)
    before = ledger.on_hand
    _place(ledger, Recent(occurred_at_ms, _MOVE, 0, zone, quantity), memory_hours)
    change = ledger.on_hand - before
    ledger.adjustments += quantity - change
    return change


def move_zone(ledger: Ledger, quantity: int, occurred_at_ms: int, zone: str, to_zone: str, memory_hours: float) -> int:
    """Move units between zones; returns the change of on-hand, 0 unless a zone was counted later."""
    before = ledger.on_hand
    _place(ledger, Recent(occurred_at_ms, _MOVE, 0, zone, -quantity), memory_hours)
    _place(ledger, Recent(occurred_at_ms, _MOVE, 0, to_zone, quantity), memory_hours)
    change = ledger.on_hand - before
    ledger.adjustments -= change
    return change


def count(
    ledger: Ledger, quantity: int, occurred_at_ms: int, key: int, zone: str, memory_hours: float, *, opening: bool
) -> int:
    """Take ``quantity`` as what was there at ``occurred_at_ms``; returns the change of on-hand.

    Of two counts at one time the one with the larger key is the later. A count
    of one ``zone`` corrects that zone and leaves the others. What an opening says
    goes under opening, everything else a count changes under adjustments.
    """
    before = ledger.on_hand
    if opening:
        _book_opening(ledger, zone, (occurred_at_ms, key, quantity))
    rank = _ZONE_COUNT if zone else _FULL_COUNT
    _place(ledger, Recent(occurred_at_ms, rank, key, zone, quantity), memory_hours)
    change = ledger.on_hand - before
    ledger.adjustments -= change
    if not zone:
        latest = (ledger.counted_at_ms, ledger.counted_key)
        ledger.counted_at_ms, ledger.counted_key = max(latest, (occurred_at_ms, key))
    ledger.opening_known = True
    return change


def reserve(ledger: Ledger, quantity: int) -> None:
    """Promise units to a customer (+) or release them (-)."""
    ledger.reserved += quantity


def _book_opening(ledger: Ledger, zone: str, told: tuple[int, int, int]) -> None:
    """Book the earliest opening of a zone under its counter, against adjustments."""
    known = ledger.openings.get(zone)
    if known is None or told < known:
        more = told[2] - (known[2] if known else 0)
        ledger.opening += more
        ledger.adjustments += more
        ledger.openings[zone] = told


def _place(ledger: Ledger, event: Recent, memory_hours: float) -> None:
    """Put an event in its place in time and bring zones and on-hand up to date."""
    if event.rank == _MOVE and not event.quantity:
        return
    if event.at_ms <= ledger.forgotten_until_ms:
        _place_forgotten(ledger, event)
    elif event.rank == _MOVE and event.at_ms > ledger.last_count_ms:
        _remember(ledger, event)
        _change_zone(ledger.zones, event.zone, event.quantity)
        ledger.on_hand += event.quantity
    else:
        _remember(ledger, event)
        _again(ledger)
    if event.rank != _MOVE:
        ledger.last_count_ms = max(ledger.last_count_ms, event.at_ms)
    if len(ledger.recent) >= _TIDY_EVERY and len(ledger.recent) % _TIDY_EVERY == 0:
        _forget(ledger, memory_hours)


def _place_forgotten(ledger: Ledger, event: Recent) -> None:
    """An event older than the memory: what is left of that time is the latest full count alone.

    Before that count it says nothing any more. Without one, everything forgotten
    is taken to be later than a full count; a count of a zone is too old to tell.
    """
    if event.at_ms <= ledger.counted_at_ms or event.rank == _ZONE_COUNT:
        return
    if event.rank == _MOVE or ledger.counted_at_ms < 0:
        zone = event.zone or RECEIVING_ZONE
        _change_zone(ledger.base, zone, event.quantity)
        _again(ledger)


def _remember(ledger: Ledger, event: Recent) -> None:
    """Keep an event in order of time; one that was undone leaves no trace."""
    recent = ledger.recent
    if event.rank == _MOVE and recent and event.at_ms <= recent[-1].at_ms:
        undone = event._replace(quantity=-event.quantity)
        place = bisect_left(recent, undone)
        if place < len(recent) and recent[place] == undone:
            del recent[place]
            return
        insort(recent, event)
    elif recent and event < recent[-1]:
        insort(recent, event)
    else:
        recent.append(event)


def _again(ledger: Ledger) -> None:
    """Zones and on-hand from ``base`` and ``recent``."""
    zones = dict(ledger.base)
    for event in ledger.recent:
        _do(zones, event)
    ledger.zones = zones
    ledger.on_hand = sum(zones.values())


def _do(zones: dict[str, int], event: Recent) -> None:
    if event.rank == _MOVE:
        _change_zone(zones, event.zone, event.quantity)
    elif event.rank == _ZONE_COUNT:
        _change_zone(zones, event.zone, event.quantity - zones.get(event.zone, 0))
    else:
        _correct(zones, event.quantity - sum(zones.values()))


def _correct(zones: dict[str, int], change: int) -> None:
    """Units found go to the back room; missing ones come off the sales floor, then off where there are any."""
    if change >= 0:
        _change_zone(zones, RECEIVING_ZONE, change)
        return
    for zone in (SALES_ZONE, *sorted(zones)):
        part = min(max(zones.get(zone, 0), 0), -change)
        _change_zone(zones, zone, -part)
        change += part
    _change_zone(zones, SALES_ZONE, change)


def _forget(ledger: Ledger, memory_hours: float) -> None:
    """Fold what is older than the memory, or too much of it, into ``base``."""
    recent = ledger.recent
    horizon = recent[-1].at_ms - int(memory_hours * MILLISECONDS_PER_HOUR)
    if len(recent) > MOST_RECENT:
        horizon = max(horizon, recent[-MOST_RECENT // 2].at_ms)
    keep_from = bisect_left(recent, Recent(horizon + 1, _MOVE, -1, "", 0))
    for event in recent[:keep_from]:
        _do(ledger.base, event)
    if keep_from:
        ledger.forgotten_until_ms = max(ledger.forgotten_until_ms, recent[keep_from - 1].at_ms)
        ledger.recent = recent[keep_from:]


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


def _change_zone(zones: dict[str, int], zone: str, quantity: int) -> None:
    if quantity:
        zones[zone] = zones.get(zone, 0) + quantity
        if not zones[zone]:
            del zones[zone]
