"""Budgets through the whole system, on both brokers: shared over partitions, kept through a crash, raised, exceeded."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from restockd import stack as stacks
from restockd.budget_file import send_budgets
from restockd.stack import Stack
from schemas import topics
from schemas.reference import Budget
from sinks.clickhouse import queries
from tests.e2e.conftest import Configure
from tests.e2e.sold_out import reference, tell, trade

STYLES = [f"style-{number}" for number in range(8)]
AMOUNT = 3_010.0


def _budget(amount: float) -> Budget:
    today = datetime.now(UTC)
    return Budget(
        budget="spring", amount=amount, starts_at=today - timedelta(days=9), ends_at=today + timedelta(days=9)
    )


def _eventually(stack: Stack, what: Callable[[dict[str, Any], list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """The orders, once it is true of how the budget stands and of them."""
    deadline = time.monotonic() + 60.0
    while True:
        stack.check()
        standing, orders = queries.budgets(stack.database), queries.orders(stack.database, "all")
        if standing and what(standing[0], orders):
            return orders
        assert time.monotonic() < deadline, (standing, [(o["status"], o["cost"], o["reason"]) for o in orders])
        time.sleep(0.2)


def _cost(orders: list[dict[str, Any]]) -> float:
    return sum(order["cost"] for order in orders if order["status"] == "approved")


def test_a_budget_is_shared_kept_raised_and_exceeded(broker_address: str, configure: Configure) -> None:
    settings = configure(broker_address)
    releases = settings.releases.model_copy(update={"at": "at_once", "gather_seconds": 1.0})
    rules = settings.rules.model_copy(update={"approval_limit": 0.0})
    settings = settings.model_copy(update={"releases": releases, "rules": rules})
    with stacks.running(settings, 1, lambda _: None) as stack:
        send_budgets(stack.broker, stack.cluster, [_budget(AMOUNT)])
        tell(stack, reference(STYLES))
        tell(stack, trade(STYLES))

        def is_shared(standing: dict[str, Any], orders: list[dict[str, Any]]) -> bool:
            """Nothing more fits, everybody who got nothing says so, and the two tell the same."""
            waiting = [order for order in orders if order["status"] == "pending"]
            told = all("raise the budget" in order["reason"] for order in waiting)
            return (
                bool(waiting) and told and standing["state"] == "spent" and standing["committed"] == _cost(orders) > 0
            )

        orders = _eventually(stack, is_shared)
        assert len(orders) == len(STYLES)
        shared, cut = _cost(orders), any("no room for more" in order["reason"] for order in orders)
        # A unit costs 20; a new order is of 20 units at least.
        assert AMOUNT - (20.0 if cut else 400.0) < shared <= AMOUNT
        assert len({order["order_id"] for order in orders}) == len(STYLES)
        waiting = [order for order in orders if order["status"] == "pending"]

        stack.workers[0].kill()
        stack.workers[0].start()
        stack.workers[0].wait_ready()
        by_hand = {"order_id": waiting[0]["order_id"], "verdict": "accept", "by": "ada"}
        tell(stack, [(topics.APPROVALS, waiting[0]["order_id"], json.dumps(by_hand))])
        orders = _eventually(stack, lambda standing, _: standing["state"] == "exceeded")
        assert _cost(orders) == shared + waiting[0]["cost"]
        assert sum(order["status"] == "pending" for order in orders) == len(waiting) - 1

        send_budgets(stack.broker, stack.cluster, [_budget(100_000.0)])
        orders = _eventually(stack, lambda _, orders: all(order["status"] == "approved" for order in orders))
        _eventually(stack, lambda standing, _: standing["state"] == "open" and standing["committed"] == _cost(orders))
        grants = stack.database.rows("SELECT order_id, count() AS n FROM budget_releases GROUP BY order_id")
        assert {row["n"] for row in grants} == {1}
        assert len(grants) == len(STYLES) - 1, "all but the one that a person approved"
        assert queries.dead_letters_by_reason(stack.database) == []
