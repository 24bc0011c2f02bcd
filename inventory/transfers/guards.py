"""What a location must not give and need not take: display minimums, size runs, units moved a moment ago."""

from collections.abc import Sequence

import msgspec

from inventory.transfers.lanes import Place
from inventory.transfers.value import Market, worth_of_units


class Size(msgspec.Struct, frozen=True):
    """One size of a style at a location; ``share`` is its part of the style's size curve there."""

    sku: str
    on_hand: int
    share: float


class Moved(msgspec.Struct, frozen=True):
    """A transfer that was made."""

    sku: str
    origin: str
    destination: str
    units: int
    day: int


class Guard(msgspec.Struct, frozen=True):
    """Limits at one place: ``keep`` units are never given, ``most_taken`` at most are taken, ``most_given`` looked at.

    The first ``floor`` taken go before others'. ``run_worth`` is lost with the last unit here, and won with the first
    one: what the other sizes would sell less while this one is missing.
    """

    keep: int = 0
    most_taken: int = 20
    run_worth: float = 0.0
    most_given: int = 1_000_000
    floor: int = 0


def run_worth(sizes: Sequence[Size], sku: str, worth_of_others: float, major_share: float, lost_share: float) -> float:
    """What a size holds up beside its own sales.

    Where every major size is there, or only this one is missing, it decides alone
    whether the run is whole; a broken run sells ``lost_share`` less of the others'
    ``worth_of_others``. Elsewhere it decides nothing.
    """
    others = [size for size in sizes if size.sku != sku and size.share >= major_share]
    own = next((size for size in sizes if size.sku == sku), None)
    if own is None or own.share < major_share or any(size.on_hand <= 0 for size in others):
        return 0.0
    return lost_share * worth_of_others


def resting_units(moved: Sequence[Moved], sku: str, location: str, day: int, rest_days: int) -> int:
    """Units that came by transfer within ``rest_days``: they are not moved on, nor back."""
    return sum(
        move.units
        for move in moved
        if (move.sku, move.destination) == (sku, location) and 0 <= day - move.day < rest_days
    )


def has_given(moved: Sequence[Moved], sku: str, location: str, day: int, rest_days: int) -> bool:
    """Whether the location gave some within ``rest_days``: it takes none back."""
    return any((move.sku, move.origin) == (sku, location) and 0 <= day - move.day < rest_days for move in moved)


def guarded_place(
    location: str,
    sku: str,
    market: Market,
    on_hand: int,
    guard: Guard,
    *,
    arrivals: Sequence[tuple[float, int]] = (),
    first_day: float = 0.0,
) -> Place:
    """What units are worth here, within the guard; units taken come on ``first_day``, at the earliest.

    >>> place = guarded_place("lyon", "s", Market(1.0, 1.0, 1.0, 30.0, 5.0), 2, Guard(keep=1, most_taken=0))
    >>> tuple(round(worth, 3) for worth in place.gives)
    (11.606,)
    """
    given = min(max(on_hand - guard.keep, 0), guard.most_given)
    gives = worth_of_units(market, max(on_hand, 0) - given, 0.0, given, arrivals)[::-1]
    takes = worth_of_units(market, on_hand, first_day, guard.most_taken, arrivals)
    if gives and given == on_hand:
        gives = (*gives[:-1], gives[-1] + guard.run_worth)
    if takes and on_hand <= 0:
        takes = (takes[0] + guard.run_worth, *takes[1:])
    return Place(location, sku, gives, takes, guard.floor)


def delay_per_unit(market: Market, on_hand: int, first_day: float, day: float, most_taken: int = 20) -> float:
    """What coming on ``day`` instead of ``first_day`` costs a unit, on average over those that would be taken."""
    early = worth_of_units(market, on_hand, first_day, most_taken)
    late = worth_of_units(market, on_hand, day, most_taken)
    wanted = sum(worth > market.leftover_value + 0.05 * market.margin for worth in early)
    return max(sum(early[:wanted]) - sum(late[:wanted]), 0.0) / wanted if wanted else 0.0
