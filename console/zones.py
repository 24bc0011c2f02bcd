"""The book by zone, as far as it can be so."""

from collections.abc import Mapping


def settled(zones: Mapping[str, int]) -> dict[str, int]:
    """What left a zone without ever being told to come there is taken from the others, the fullest first.

    Tills book sales off the floor, and nobody books what is carried there. The sum stays as it is.

    >>> settled({"back_room": 10, "sales_floor": -2})
    {'back_room': 8, 'sales_floor': 0}
    >>> settled({"back_room": 1, "sales_floor": -2, "window": 0})
    {'back_room': 0, 'sales_floor': -1, 'window': 0}
    """
    known = dict(zones)
    for zone in sorted(known):
        for other in sorted(known, key=lambda name: (-known[name], name)):
            moved = max(min(-known[zone], known[other]), 0)
            known[zone], known[other] = known[zone] + moved, known[other] - moved
    return known
