"""Numbers with what they count, names short enough to be read, and the name that was probably meant."""

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


def short(order_id: str) -> str:
    """The beginning of an id, by which commands and pages find it.

    >>> short("078ca647-bead-83cc-a6d3-c6c18640aae9")
    '078ca647'
    """
    return order_id[:_SHORT_ID]


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
