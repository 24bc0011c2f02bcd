"""Numbers with what they count, and names short enough to be read."""

import math

_SHORT_ID = 8


def amount(number: float | str, noun: str = "unit") -> str:
    """A number of something.

    >>> amount(1), amount(2, "order"), amount(0), amount("1.50", "day"), amount(-1), amount(1.0)
    ('1 unit', '2 orders', '0 units', '1.50 days', '-1 units', '1 unit')
    """
    shown = number if isinstance(number, str) else f"{number:.12g}"
    return f"{shown} {noun}{'' if shown == '1' else 's'}"


def percent(chance: float) -> str:
    """A chance in whole per cent; what is not certain is not called 100 %.

    >>> percent(0.7459), percent(0.58), percent(0.999), percent(1.0)
    ('74 %', '58 %', '99 %', '100 %')
    """
    return f"{math.floor(round(100.0 * chance, 6))} %"


def short(order_id: str) -> str:
    """The beginning of an id, by which commands and pages find it.

    >>> short("078ca647-bead-83cc-a6d3-c6c18640aae9")
    '078ca647'
    """
    return order_id[:_SHORT_ID]
