"""The JSON API: the rows the pages show, read-only.

Lists answer ``{"rows": [...]}``. Times are ISO 8601 in UTC. An error answers
``{"error": {"component", "problem", "advice"}}``.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from console import questions
from console.asked import Asked, Hours, Limit, Offset, State, Text, Wanted
from sinks.clickhouse import queries

router = APIRouter()


class Json(Response):
    """JSON of rows as ClickHouse gives them: ids and times as text, no number as null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


@router.get("/health", response_class=Json)
def health(database: Asked) -> Json:
    """Whether ClickHouse answers and how old, by its clock, the newest fact is; 503 if it does not answer."""
    fresh = questions.freshness(database)
    status = "empty" if fresh["newest_fact_at"] is None else "ok"
    return Json({"status": status, "clickhouse": database.settings.url, **fresh})


@router.get("/api/overview", response_class=Json)
def overview(database: Asked) -> Json:
    """The numbers of the overview, freshness and decision latency."""
    totals, freshness = questions.totals(database), questions.freshness(database)
    return Json({**totals, **freshness, "latency": queries.latency(database)})


@router.get("/api/stock", response_class=Json)
def stock(database: Asked, wanted: Wanted, limit: Limit = 100, offset: Offset = 0) -> Json:
    """Stock by location and SKU; ``total`` counts what the filter lets through."""
    rows = questions.stock(database, wanted, limit, offset)
    return Json({"rows": rows, "total": questions.stock_count(database, wanted)})


@router.get("/api/orders", response_class=Json)
def orders(database: Asked, state: State = "open", location: Text = "", limit: Limit = 100) -> Json:
    """Purchase suggestions as they stand, with what they were computed from."""
    return Json({"rows": questions.proposals(database, state, location, limit)})


@router.get("/api/orders/{order_id}", response_class=Json)
def order(database: Asked, order_id: str) -> Json:
    """Every revision of one order; 404 if there is none."""
    revisions = queries.order_history(database, order_id)
    if not revisions:
        raise HTTPException(404, f"there is no order {order_id}")
    return Json({"order_id": order_id, "rows": revisions})


@router.get("/api/transfers", response_class=Json)
def transfers(database: Asked, state: State = "open", location: Text = "", limit: Limit = 100) -> Json:
    """Moves between locations, and those planned and not sent (`held_out`); ``location`` is either end."""
    held = queries.held_out(database, location, limit)
    return Json({"rows": queries.transfers(database, state, location, limit), "held_out": held})


@router.get("/api/transfers/{order_id}", response_class=Json)
def transfer(database: Asked, order_id: str) -> Json:
    """Every state of one transfer, and what came of it (null: not said yet); 404 if there is none."""
    states = queries.transfer_history(database, order_id)
    if not states:
        raise HTTPException(404, f"there is no transfer {order_id}")
    return Json({"order_id": order_id, "rows": states, "outcome": queries.transfer_outcome(database, order_id)})


@router.get("/api/surplus", response_class=Json)
def surplus(database: Asked, location: Text = "", sku: Text = "", limit: Limit = 100) -> Json:
    """Stocks unlikely to sell in time, those that tie up most first."""
    return Json({"rows": queries.surplus(database, location, sku, limit)})


@router.get("/api/budgets", response_class=Json)
def budgets(database: Asked, limit: Limit = 100) -> Json:
    """How every budget stands, and the orders that wait for money, those that earn most with it first."""
    return Json({"rows": queries.budgets(database, limit), "queue": queries.budget_queue(database, limit)})


@router.get("/api/alerts", response_class=Json)
def alerts(database: Asked, limit: Limit = 100) -> Json:
    """Conditions that hold now, most severe first."""
    return Json({"rows": queries.alerts(database, limit)})


@router.get("/api/tasks", response_class=Json)
def tasks(database: Asked, location: Text = "", limit: Limit = 100) -> Json:
    """Open work for people, oldest first."""
    return Json({"rows": queries.tasks(database, location, limit)})


@router.get("/api/dead-letters", response_class=Json)
def dead_letters(database: Asked, reason: Text = "", limit: Limit = 100) -> Json:
    """Inputs that were not understood, newest first, and how many there are for each reason."""
    rows = queries.dead_letters(database, reason, limit)
    return Json({"rows": rows, "by_reason": queries.dead_letters_by_reason(database)})


@router.get("/api/sales", response_class=Json)
def sales(database: Asked, location: Text = "", sku: Text = "", hours: Hours = 168) -> Json:
    """Sales per hour as columns, oldest first; an hour without sales is a zero."""
    found = questions.sales_by_hour(database, location.strip(), sku.strip(), hours)
    return Json({**found._asdict(), "currency": questions.currency(database)})
