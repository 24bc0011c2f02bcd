"""The same till baskets for every contestant, from a seed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from schemas import topics
from schemas.reference import Item, Location
from schemas.topics import Topic

STORES = 8
STYLES = 50
SIZES = ("S", "M", "L", "XL")
OPENING_UNITS = 60
LOW_STOCK_UNITS = 10
PAST_DAYS = 30
DAYS = 3


class Sent(NamedTuple):
    """One message for a topic and how many till lines or openings it holds."""

    topic: Topic
    key: str
    value: bytes
    lines: int


def stores() -> list[str]:
    """Every store."""
    return [f"S{number:02}" for number in range(1, STORES + 1)]


def skus() -> list[tuple[str, str]]:
    """Every SKU with its style."""
    return [(f"ST{number:03}-{size}", f"ST{number:03}") for number in range(1, STYLES + 1) for size in SIZES]


def reference() -> Iterator[Sent]:
    """Items and locations."""
    for store in stores():
        yield Sent(topics.LOCATIONS, store, Location(location=store).model_dump_json().encode(), 0)
    for sku, style in skus():
        item = Item(sku=sku, style=style, price=20.0, cost=8.0)
        yield Sent(topics.ITEMS, sku, item.model_dump_json().encode(), 0)


def openings() -> Iterator[Sent]:
    """The stock every SKU begins with in every store."""
    at = opening_time().isoformat()
    for store in stores():
        for sku, _ in skus():
            movement = {
                "movement_id": f"opening-{store}-{sku}",
                "type": "opening",
                "location": store,
                "item_id": sku,
                "quantity": OPENING_UNITS,
                "occurred_at": at,
            }
            yield Sent(topics.ERP, store, orjson.dumps(movement), 1)


def baskets(lines: int, seed: int = 1) -> list[Sent]:
    """Baskets of one to four lines, ``lines`` in all, few SKUs sold often, one line in fifty brought back."""
    chance = random.Random(seed)
    known = [sku for sku, _ in skus()]
    popularity = [1.0 / (rank + 20) for rank in range(1, len(known) + 1)]
    made: list[Sent] = []
    left, at = lines, opening_time()
    pause = timedelta(days=DAYS) / max(lines, 1)
    while left > 0:
        size = min(chance.randint(1, 4), left)
        left, at = left - size, at + size * pause
        bought = chance.choices(known, popularity, k=size)
        store = chance.choice(stores())
        basket = {
            "transaction_id": f"{seed}-{len(made)}",
            "store": store,
            "workstation": str(chance.randint(1, 4)),
            "occurred_at": at.isoformat(),
            "lines": [_line(number, sku, chance) for number, sku in enumerate(bought, 1)],
        }
        made.append(Sent(topics.POS, store, orjson.dumps(basket), size))
    return made


def opening_time() -> datetime:
    """When the stores open: some days ago, at midnight."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=PAST_DAYS)


def _line(number: int, sku: str, chance: random.Random) -> dict[str, object]:
    kind = "return" if chance.random() < 0.02 else "sale"
    return {"line_no": number, "type": kind, "item_id": sku, "quantity": 1, "unit_price": 20.0}
