"""Somebody counted: nearly always right, and right even where the belief had thought it impossible."""

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.camera import chances_in_zone, weigh_zone
from inventory.stock.belief.cells import Parts
from inventory.stock.belief.deliveries import come, equip, is_large, is_plain, zone_shares
from inventory.stock.belief.passing import advance
from inventory.stock.belief.state import Belief, Where, zone_index

_WRONG = 0.04
_ASTRAY, _ANY_NUMBER = 0.05, 0.1
"""How often a belief is wrong in ways its cells do not know of, and how likely any number then is."""

_FARTHER, _NOT_FOUND, _FAR_OFF = 0.02, 0.003, 1e-5
_NOTICED = 1e-3


def counted(belief: Belief, where: Where, quantity: int, at_ms: int, wrong: float = _WRONG) -> None:
    """Somebody counted ``quantity`` units; off by one with probability ``wrong``, by more hardly ever.

    What is told later of an older count is nothing new. The units found missing are lost ones, and teach so.
    """
    if at_ms < belief.counted_at_ms:
        return
    advance(belief, where, at_ms)
    belief.counted_at_ms, belief.counted_units = at_ms, quantity
    belief.looked_at_ms = max(belief.looked_at_ms, at_ms)
    if not belief.cells:
        come(belief, where, quantity, (), "", at_ms, wrong)
        return
    before = units.mean(belief.cells, units.total)
    told = sum(weight * _chance(units.total(cell), quantity, wrong) for cell, weight in belief.cells.items())
    belief.cells = units.weighted(belief.cells, lambda cell: _chance(units.total(cell), quantity, wrong))
    _begin_anew(belief, where, quantity, _astray(told), wrong)
    _learn_losses(belief, where, before)


def left_before(belief: Belief, quantity: int) -> None:
    """Units left before the last count, as is told only now: where the count found fewer than was believed, these."""
    for _ in range(quantity):
        cells, counted_ = belief.cells, belief.counted_units
        above = {cell: weight for cell, weight in cells.items() if units.total(cell) > counted_}
        if not above:
            return
        share = sum(above.values())
        fewer = units.leave_one(units.normalised(above), 1.0)
        rest = {cell: weight for cell, weight in cells.items() if units.total(cell) <= counted_}
        after = {cell: weight * share * _likelier(cell, counted_) for cell, weight in fewer.items()}
        for cell, weight in rest.items():
            after[cell] = after.get(cell, 0.0) + weight
        belief.cells = units.normalised(after)


def _likelier(cell: int, quantity: int) -> float:
    """How many times likelier the count is with this cell than it was with one unit more."""
    there = units.total(cell)
    return _chance(there, quantity, _WRONG) / _chance(there + 1, quantity, _WRONG)


def counted_in_zone(belief: Belief, where: Where, quantity: int, zone: str, at_ms: int) -> None:
    """Somebody counted ``quantity`` units in one zone; of the others it says nothing."""
    advance(belief, where, at_ms)
    belief.looked_at_ms = max(belief.looked_at_ms, at_ms)
    equip(belief, where)
    if not belief.cells or is_large(belief, quantity):
        return
    number, before = zone_index(zone), units.mean(belief.cells, units.total)
    there = chances_in_zone(belief, number)
    told = sum(chance * _chance(inside, quantity, _WRONG) for inside, chance in enumerate(there.tolist()))
    elsewhere = sum(tag.presence * (1.0 - tag.zones[number]) for tag in belief.tags.values() if not tag.hidden)
    weigh_zone(belief, number, lambda inside: _chance(inside, quantity, _WRONG))
    _begin_anew(belief, where, quantity + round(elsewhere), _astray(told), _WRONG)
    _learn_losses(belief, where, before)


def _astray(told: float) -> float:
    """The chance that the belief was wrong altogether, now that it had given the count a chance of ``told``."""
    return _ASTRAY * _ANY_NUMBER / (_ASTRAY * _ANY_NUMBER + (1.0 - _ASTRAY) * told)


def _chance(there: int, quantity: int, wrong: float) -> float:
    """P(somebody counts ``quantity`` where ``there`` are); now and then nothing is found of what is there."""
    off = abs(there - quantity)
    if off == 0:
        return 1.0 - wrong
    return wrong / 2 * _FARTHER ** (off - 1) + (_FAR_OFF if quantity else _NOT_FOUND)


def _begin_anew(belief: Belief, where: Where, quantity: int, astray: float, wrong: float) -> None:
    """With probability ``astray`` there is what was counted, with tags of which some may not be known."""
    if astray < _NOTICED:
        return
    known = sum(tag.presence for tag in belief.tags.values() if not tag.hidden)
    missing = 0 if is_large(belief, quantity) or is_plain(belief, where) else max(quantity - round(known), 0)
    tags.add_slots(belief, [min(astray, 0.99)] * missing, zone_shares(where, ""), hidden=False)
    anew = {units.code(Parts(booked)): wrong / 2 for booked in (quantity - 1, quantity + 1) if booked >= 0}
    anew[units.code(Parts(quantity))] = 1.0 - sum(anew.values())
    belief.cells = units.mixed(belief.cells, anew, astray)


def _learn_losses(belief: Belief, where: Where, before: float) -> None:
    fell = before - units.mean(belief.cells, units.total)
    for losses in (belief.losses, where.place.losses, where.losses):
        losses.lost += fell
