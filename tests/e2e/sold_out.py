"""A shop whose stocks ran out an hour ago, so that each style asks for an order: told to a system that runs."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from restockd.draining import drain
from restockd.stack import Stack
from schemas import topics
from schemas.reference import Item, Location, Supplier
from streams.sender import Sender

UNITS = 6
"""Opened with, and sold."""

Told = list[tuple[topics.Topic, str, str]]


def reference(styles: Sequence[str]) -> Told:
    """One SKU of each style, at 20 a unit and 20 units an order at least."""
    told = [
        (topics.LOCATIONS, "S01", Location(location="S01").model_dump_json()),
        (topics.SUPPLIERS, "mill", Supplier(supplier="mill", lead_time_days=2.0).model_dump_json()),
    ]
    item = Item(sku="any", style="any", supplier="mill", cost=20.0, price=50.0, minimum_order_units=20)
    items = [item.model_copy(update={"sku": f"{style}-m", "style": style}) for style in styles]
    return told + [(topics.ITEMS, item.sku, item.model_dump_json()) for item in items]


def trade(styles: Sequence[str]) -> Told:
    """What was there, and that it was sold."""
    now = datetime.now(UTC)
    told: Told = []
    for style in styles:
        opening = {"movement_id": style, "type": "opening", "location": "S01", "item_id": f"{style}-m",
                   "quantity": UNITS, "occurred_at": (now - timedelta(days=2)).isoformat()}  # fmt: skip
        told.append((topics.ERP, "S01", json.dumps(opening)))
    sold = now - timedelta(hours=1)
    for number, style in enumerate(styles):
        line = {"line_no": 1, "type": "sale", "item_id": f"{style}-m", "quantity": UNITS, "unit_price": 50.0}
        basket = {"transaction_id": style, "store": "S01", "workstation": f"till-{number}", "lines": [line],
                  "business_day": sold.date().isoformat(), "occurred_at": sold.isoformat()}  # fmt: skip
        told.append((topics.POS, "S01", json.dumps(basket)))
    return told


def tell(stack: Stack, told: Told) -> None:
    """Send it, one by one, and wait until all is archived."""
    with Sender(stack.broker, stack.cluster, stack.broker.group("intake")) as sender:
        for topic, key, value in told:
            sender.send(topic, key, value.encode())
            sender.flush()
    drain(stack, 60.0, lambda _: None)
