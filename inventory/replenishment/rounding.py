"""From units needed to units that can be ordered: minimum order quantity and pack."""


def round_up(need_units: int, minimum_order_units: int, pack_units: int) -> int:
    """``pack * ceil(max(need, minimum) / pack)``, and 0 for no need (FORMULAS.md 3.6).

    >>> round_up(30 - 11, 24, 6), round_up(30 - 29, 12, 6), round_up(0, 12, 6)
    (24, 12, 0)
    """
    if need_units <= 0:
        return 0
    packs = -(-max(need_units, minimum_order_units) // pack_units)
    return packs * pack_units
