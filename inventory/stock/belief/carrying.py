"""Goods are carried from the back room to the floor when few are left there: how few is learned.

``P(carried between two sweeps | least on the floor since) = (usual + carried) / (strength + carried + stayed)``,
by the whole number of units that were expected on the floor.
"""

from inventory.stock.belief.state import BACK, FLOOR, Belief, Chain

_USUAL = (0.8, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05)
_STRENGTH = 4.0


def carry(belief: Belief, chain: Chain) -> None:
    """Tags of the back room may have been carried to the floor by now, if fewer are there than were before."""
    if belief.low_since_ms < belief.swept_at_ms:
        belief.low_since_ms, belief.floor_low = belief.swept_at_ms, -1.0
    on_floor = sum((tag.presence * tag.zones[FLOOR] for tag in belief.tags.values() if not tag.hidden), 0.0)
    before = _chance(chain, belief.floor_low) if belief.floor_low >= 0.0 else 0.0
    if 0.0 <= belief.floor_low <= on_floor:
        return
    belief.floor_low = on_floor
    share = (_chance(chain, on_floor) - before) / (1.0 - before)
    if share <= 0.0:
        return
    for tag in belief.tags.values():
        carried = tag.zones[BACK] * share
        if carried > 0.0:
            tag.zones[BACK] -= carried
            tag.zones[FLOOR] += carried


def _chance(chain: Chain, on_floor: float) -> float:
    """Interpolated between whole numbers of units."""
    low = min(int(on_floor), len(_USUAL) - 1)
    high = min(low + 1, len(_USUAL) - 1)
    rest = min(on_floor - low, 1.0)
    return (1.0 - rest) * _chance_at(chain, low) + rest * _chance_at(chain, high)


def _chance_at(chain: Chain, level: int) -> float:
    if not chain.stayed:
        return _USUAL[level]
    carried, stayed = chain.carried[level], chain.stayed[level]
    return (_STRENGTH * _USUAL[level] + carried) / (_STRENGTH + carried + stayed)


def learn(chain: Chain, floor_low: float, *, carried: bool) -> None:
    """A tag of the back room was carried to the floor, or was not, while at least ``floor_low`` were there."""
    if not chain.stayed:
        chain.stayed, chain.carried = [0.0] * len(_USUAL), [0.0] * len(_USUAL)
    level = min(max(round(floor_low), 0), len(_USUAL) - 1)
    (chain.carried if carried else chain.stayed)[level] += 1.0
