"""How our orders are known in Tryton, and what its records say in our words."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

PREFIX = "restockd "
CHUNK = 200

Row = dict[str, Any]


def tag(order_id: str) -> str:
    """What an order's documents are marked with."""
    return PREFIX + order_id


def order_of(text: str | None) -> str:
    """The order id in a tag.

    >>> order_of(tag("5f0c"))
    '5f0c'
    """
    return (text or "").removeprefix(PREFIX)


def chunks(items: Sequence[str]) -> Iterator[list[str]]:
    """Pieces that a database takes in one question."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])


def units(quantity: float, unit: Row, base: Row) -> int:
    """A quantity of ``unit`` in the product's own unit, rounded down to whole ones.

    >>> units(2.0, {"factor": 12.0}, {"factor": 1.0})
    24
    """
    return int(round(quantity * unit["factor"] / base["factor"], 6))


def noon(day: date) -> datetime:
    """A day as a time."""
    return datetime.combine(day, time(12), UTC)


def moved_at(move: Row) -> datetime:
    """When goods moved: the time it was entered, unless that was on another day than the goods moved."""
    entered: datetime = move["write_date"] or move["create_date"]
    day: date | None = move["effective_date"]
    return entered if day is None or day == entered.date() else noon(day)
