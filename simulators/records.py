"""What a simulator or a replay gives out: one message for one topic, no Kafka needed."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from schemas.topics import Topic

Units = int | Fraction


class Record(NamedTuple):
    """One message as it would be produced.

    ``kind`` says what it is in the simulator's own words ("basket", "sweep", ...), for counting.
    ``units`` is the net number of units of stock the message speaks of as leaving over a till:
    sales positive, returns negative, 0 for everything else. It is exact: a ``Fraction`` where a
    file holds quantities that are not whole.
    """

    topic: Topic
    key: str
    value: bytes
    event_time_ms: int
    kind: str
    units: Units = 0


def exact_sum(quantities: Iterable[int | float | None]) -> Units:
    """The sum without rounding, missing quantities as 0; a whole total comes back as ``int``.

    >>> exact_sum([1, -3, None]), exact_sum([0.5, 0.25]), exact_sum([0.5, 0.5])
    (-2, Fraction(3, 4), 1)
    """
    whole, broken = 0, None
    for quantity in quantities:
        if isinstance(quantity, int):
            whole += quantity
        elif quantity is not None:
            broken = (broken or Fraction(0)) + Fraction(quantity)
    if broken is None:
        return whole
    total = broken + whole
    return total.numerator if total.denominator == 1 else total
