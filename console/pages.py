"""The pages. Each shows what its question answers now; htmx asks again every two seconds."""

import math

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console import questions
from console.asked import PAGE_ROWS, Asked, Hours, Page, State, Text, Wanted
from console.rendering import page
from console.why import why
from console.zones import settled
from sinks.clickhouse import queries
from sinks.clickhouse.client import Row

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

_SHORT = 6
_SHOWN = 200


@router.get("/")
def overview(request: Request, database: Asked) -> HTMLResponse:
    values = {
        "totals": questions.totals(database),
        "fresh": questions.freshness(database),
        "latency": queries.latency(database),
        "alerts": queries.alerts(database, _SHORT),
        "orders": _with_reasons(questions.proposals(database, limit=_SHORT)),
        "negative": queries.negative_book(database, _SHORT),
    }
    return page(request, "overview.html", values)


@router.get("/stock")
def stock(request: Request, database: Asked, wanted: Wanted, number: Page = 1) -> HTMLResponse:
    total = questions.stock_count(database, wanted)
    last = max(1, math.ceil(total / PAGE_ROWS))
    shown = min(number, last)
    rows = questions.stock(database, wanted, PAGE_ROWS, (shown - 1) * PAGE_ROWS)
    values = {
        "wanted": wanted,
        "rows": [row | {"zones": settled(row["zones"])} for row in rows],
        "total": total,
        "number": shown,
        "last": last,
        "locations": questions.locations(database),
    }
    return page(request, "stock.html", values)


@router.get("/orders")
def orders(request: Request, database: Asked, state: State = "open", location: Text = "") -> HTMLResponse:
    rows = _with_reasons(questions.proposals(database, state, location, _SHOWN))
    values = {"rows": rows, "state": state, "location": location, "locations": questions.locations(database)}
    return page(request, "orders.html", values | {"shown": _SHOWN})


@router.get("/orders/{order_id}")
def order(request: Request, database: Asked, order_id: str) -> HTMLResponse:
    revisions = queries.order_history(database, order_id)
    if not revisions:
        raise HTTPException(404, f"There is no order {order_id}.")
    computed = [row for row in revisions if row["input_policy"] is not None]
    as_it_is = [row for row in computed if row["quantity"] == revisions[-1]["quantity"]]
    decided = next(iter((as_it_is or computed)[-1:]), None)
    values = {"order": revisions[-1], "revisions": revisions, "computed": decided}
    return page(request, "order.html", values | {"why": why(decided) if decided else ""})


@router.get("/transfers")
def transfers(request: Request, database: Asked, state: State = "open", location: Text = "") -> HTMLResponse:
    rows = queries.transfers(database, state, location, _SHOWN)
    values = {"rows": rows, "state": state, "location": location, "locations": questions.locations(database)}
    return page(request, "transfers.html", values | {"shown": _SHOWN})


@router.get("/transfers/{order_id}")
def transfer(request: Request, database: Asked, order_id: str) -> HTMLResponse:
    states = queries.transfer_history(database, order_id)
    if not states:
        raise HTTPException(404, f"There is no transfer {order_id}.")
    computed = [row for row in states if row["input_trigger"] is not None]
    values = {"transfer": states[-1], "states": states, "computed": computed[-1] if computed else None}
    values |= {"why": (computed or states)[0]["reason"], "outcome": queries.transfer_outcome(database, order_id)}
    return page(request, "transfer.html", values)


@router.get("/surplus")
def surplus(request: Request, database: Asked, location: Text = "") -> HTMLResponse:
    values = {"rows": queries.surplus(database, location, limit=_SHOWN), "location": location, "shown": _SHOWN}
    return page(request, "surplus.html", values | {"locations": questions.locations(database)})


@router.get("/budgets")
def budgets(request: Request, database: Asked) -> HTMLResponse:
    values = {"rows": queries.budgets(database, _SHOWN), "queue": queries.budget_queue(database, _SHOWN)}
    return page(request, "budgets.html", values | {"shown": _SHOWN})


@router.get("/alerts")
def alerts(request: Request, database: Asked) -> HTMLResponse:
    return page(request, "alerts.html", {"rows": queries.alerts(database, _SHOWN), "shown": _SHOWN})


@router.get("/tasks")
def tasks(request: Request, database: Asked, location: Text = "") -> HTMLResponse:
    values = {"rows": queries.tasks(database, location, _SHOWN), "location": location, "shown": _SHOWN}
    return page(request, "tasks.html", values | {"locations": questions.locations(database)})


@router.get("/sales")
def sales(request: Request, database: Asked, location: Text = "", sku: Text = "", hours: Hours = 168) -> HTMLResponse:
    place, part = location.strip(), sku.strip()
    values = {
        "location": place,
        "sku": part,
        "hours": hours,
        "locations": questions.locations(database),
        "series": questions.sales_by_hour(database, place, part, hours),
        "best": questions.best_sellers(database, place, part, hours),
        "currency": questions.currency(database),
    }
    return page(request, "sales.html", values)


@router.get("/dead-letters")
def dead_letters(request: Request, database: Asked, reason: Text = "") -> HTMLResponse:
    values = {
        "rows": queries.dead_letters(database, reason, _SHOWN),
        "reasons": queries.dead_letters_by_reason(database),
        "reason": reason,
        "shown": _SHOWN,
    }
    return page(request, "dead_letters.html", values)


def _with_reasons(rows: list[Row]) -> list[Row]:
    return [row | {"why": why(row)} for row in rows]
