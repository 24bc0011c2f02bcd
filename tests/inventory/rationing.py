"""Sharing out units in a shortage, in the plainest way: what plans of transfers are held against.

Every further unit at a place is worth less than the one before (concave values).
Giving the next unit to where it is worth most per unit of what is short is then
exact when all take equal steps, one unit of one SKU, say; with unequal steps
(packs) it lacks at most the first step that did not fit.
"""

import heapq
from collections.abc import Sequence

import msgspec


class Claim(msgspec.Struct, frozen=True):
    """Who could use units: ``gains[j]`` is the worth of its unit j + 1 and must not rise.

    It takes ``lot`` units at a time; the first ``floor`` units go before everybody
    else's further ones.
    """

    key: str
    gains: tuple[float, ...]
    lot: int = 1
    floor: int = 0


def ration(available_units: int, claims: Sequence[Claim], holdback_share: float = 0.0) -> dict[str, int]:
    """Units for each claim, never more than there are less what is held back; worthless ones stay.

    >>> ration(3, [Claim("a", (9.0, 4.0)), Claim("b", (7.0, 5.0, -1.0))])
    {'a': 1, 'b': 2}
    """
    return _share(available_units - int(available_units * holdback_share + 0.5), claims)


def _share(left: int, claims: Sequence[Claim]) -> dict[str, int]:
    """Lots off a heap, floors first, then by worth per unit; a tie goes to the lower key."""
    given = {claim.key: 0 for claim in sorted(claims, key=lambda claim: claim.key)}
    waiting = [entry for claim in claims if (entry := _next(claim, 0)) is not None]
    heapq.heapify(waiting)
    while waiting:
        *_, claim = heapq.heappop(waiting)
        if claim.lot > left:
            continue
        left -= claim.lot
        given[claim.key] += claim.lot
        following = _next(claim, given[claim.key])
        if following is not None:
            heapq.heappush(waiting, following)
    return given


def _next(claim: Claim, given: int) -> tuple[bool, float, str, Claim] | None:
    """The claim's next lot, best first when sorted; None if it is worth nothing."""
    lot = claim.gains[given : given + claim.lot]
    worth = sum(lot)
    if len(lot) < claim.lot or worth <= 0.0:
        return None
    return (given >= claim.floor, -worth / claim.lot, claim.key, claim)
