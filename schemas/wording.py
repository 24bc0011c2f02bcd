"""Numbers with what they count, names short enough to be read, and the name that was probably meant."""

import math
from collections.abc import Iterable
from difflib import get_close_matches

_SHORT_ID = 8


def amount(number: float | str, noun: str = "unit") -> str:
    """A number of something.

    >>> amount(1), amount(2, "order"), amount(0), amount("1.50", "day"), amount(-1), amount(1.0)
    ('1 unit', '2 orders', '0 units', '1.50 days', '-1 units', '1 unit')
    """
    shown = number if isinstance(number, str) else f"{number:.12g}"
    return f"{shown} {noun}{'' if shown == '1' else 's'}"


def percent(chance: float) -> str:
    """A chance in whole per cent; what is not certain is not called 100 %, nor what is possible 0 %.

    >>> percent(0.7459), percent(0.58), percent(0.999), percent(1.0), percent(0.001), percent(0.0)
    ('74 %', '58 %', '99 %', '100 %', '1 %', '0 %')
    """
    return f"{max(math.floor(round(100.0 * chance, 6)), int(chance > 0.0))} %"


def short(order_id: str) -> str:
    """The beginning of an id, by which commands and pages find it.

    >>> short("078ca647-bead-83cc-a6d3-c6c1a556d746")
    '078ca647'
    """
    return order_id[:_SHORT_ID]


def came_of(quantity: int, received: int, status: str) -> str:
    """What an order is for, and what came of it where that is neither nothing yet nor all of it.

    >>> came_of(28, 0, "acknowledged"), came_of(28, 20, "acknowledged"), came_of(28, 20, "received")
    ('28', '20 of 28', '20 of 28')
    >>> came_of(28, 0, "received"), came_of(28, 28, "received")
    ('0 of 28', '28')
    """
    partly = received != quantity and (received > 0 or status == "received")
    return f"{received:,} of {quantity:,}" if partly else f"{quantity:,}"


def meant(name: str, known: Iterable[str]) -> str:
    """A question after the known name that is most like this one; nothing where none is, whatever their case.

    >>> meant("prise", ["price", "pack"]), meant("ALPAH", ["ALPHA", "BETA"]), meant("beta", ["BETA"]), meant("x", ["y"])
    ('; did you mean price?', '; did you mean ALPHA?', '; did you mean BETA?', '')
    """
    by_fold: dict[str, str] = {}
    for one in known:
        by_fold.setdefault(one.casefold(), one)
    close = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.7)
    return f"; did you mean {by_fold[close[0]]}?" if close else ""
