"""Orders as the fold says them."""

from datetime import UTC, datetime
from typing import Any

from schemas.facts import Reorder, Transfer

NOW = datetime.now(UTC)


def order(order_id: str = "o1", quantity: int = 20, **more: Any) -> Reorder:
    """A purchase of jeans for the first store."""
    told = {"revision": 1, "status": "proposed", "location": "S01", "sku": "jeans-32", "supplier": "mill"} | more
    return Reorder(
        fact_id=f"fact-{order_id}-{told['revision']}-{told['status']}",
        occurred_at=NOW,
        order_id=order_id,
        idempotency_key=f"{order_id}:{told['revision']}",
        style="jeans",
        quantity=quantity,
        requested_delivery_at=NOW,
        input_appended_at=NOW,
        **told,
    )


def transfer(order_id: str = "t1", quantity: int = 3, **more: Any) -> Transfer:
    """Jeans from the first store to the second."""
    told = {"revision": 1, "status": "proposed", "origin": "S01", "destination": "S02", "sku": "jeans-32"} | more
    return Transfer(
        fact_id=f"fact-{order_id}-{told['revision']}-{told['status']}",
        occurred_at=NOW,
        order_id=order_id,
        idempotency_key=f"{order_id}:{told['revision']}",
        style="jeans",
        quantity=quantity,
        expected_gain=1.0,
        expected_cost=0.5,
        input_appended_at=NOW,
        **told,
    )
