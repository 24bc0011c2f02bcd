"""Readings that make the main job order and raise an alert."""

import json
from datetime import UTC, datetime, timedelta

from restockd.stack import Stack
from schemas import topics
from schemas.reference import Item, Location, Supplier
from streams.sender import Sender

SOLD = 6


def sold_out() -> list[tuple[topics.Topic, str, bytes]]:
    """One store that had a few jeans and sold them all."""
    now = datetime.now(UTC)
    opening = {
        "movement_id": "opening",
        "type": "opening",
        "location": "S01",
        "item_id": "jeans-32",
        "quantity": SOLD,
        "occurred_at": (now - timedelta(days=2)).isoformat(),
    }
    sold = now - timedelta(hours=1)
    basket = {
        "transaction_id": "1",
        "store": "S01",
        "workstation": "till-1",
        "business_day": sold.date().isoformat(),
        "occurred_at": sold.isoformat(),
        "lines": [{"line_no": 1, "type": "sale", "item_id": "jeans-32", "quantity": SOLD, "unit_price": 20.0}],
    }
    return [
        (topics.LOCATIONS, "S01", Location(location="S01").model_dump_json().encode()),
        (topics.SUPPLIERS, "mill", Supplier(supplier="mill", lead_time_days=2.0).model_dump_json().encode()),
        (topics.ITEMS, "jeans-32", Item(sku="jeans-32", style="jeans", supplier="mill").model_dump_json().encode()),
        (topics.ERP, "S01", json.dumps(opening).encode()),
        (topics.POS, "S01", json.dumps(basket).encode()),
    ]


def tell(stack: Stack, records: list[tuple[topics.Topic, str, bytes]]) -> None:
    """Send these readings, one after the other."""
    with Sender(stack.broker, stack.cluster, stack.broker.group("intake")) as sender:
        for topic, key, value in records:
            sender.send(topic, key, value)
            sender.flush()


def receipt(quantity: int) -> list[tuple[topics.Topic, str, bytes]]:
    """New jeans for that store."""
    told = {
        "movement_id": "receipt",
        "type": "receipt",
        "location": "S01",
        "item_id": "jeans-32",
        "quantity": quantity,
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    return [(topics.ERP, "S01", json.dumps(told).encode())]
