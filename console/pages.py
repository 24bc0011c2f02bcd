"""The pages. Each shows what its question answers now; htmx asks again every two seconds.

A verdict on an order or transfer is the only thing that is sent; what becomes of it is read like all the rest.
"""

import math
from typing import Any

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from console import questions
from console.asked import PAGE_ROWS, Asked, Hours, Page, Sent, State, Text, Wanted
from console.deciding import form_values, hand_in, refused_values
from console.forms import VerdictForm
from console.rendering import page
from console.why import why, why_moved
from console.zones import settled
from sinks.clickhouse import queries
from sinks.clickhouse.client import Database, Row

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

_SHORT = 6
_SHOWN = 200
_MOST_AT_A_PLACE = 10_000


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
def order(request: Request, database: Asked, order_id: str, sent: Sent = None) -> HTMLResponse:
    revisions = _revisions(database, order_id)
    return _order(request, revisions, form_values(request, database, "order", revisions[-1], sent))


@router.post("/orders/{order_id}")
def decide_order(request: Request, database: Asked, order_id: str, given: VerdictForm) -> Response:
    revisions = _revisions(database, order_id)
    done = hand_in(request, "order", revisions[-1], given)
    if isinstance(done, Response):
        return done
    form = form_values(request, database, "order", revisions[-1]) | refused_values(done, given)
    return _order(request, revisions, form, done.status)


def _revisions(database: Database, order_id: str) -> list[Row]:
    revisions = queries.order_history(database, order_id)
    if not revisions:
        raise HTTPException(404, f"There is no order {order_id}.")
    return revisions


def _order(request: Request, revisions: list[Row], form: dict[str, Any], status: int = 200) -> HTMLResponse:
    computed = [row for row in revisions if row["input_policy"] is not None]
    as_it_is = [row for row in computed if row["quantity"] == revisions[-1]["quantity"]]
    decided = next(iter((as_it_is or computed)[-1:]), None)
    values = {"order": revisions[-1], "revisions": revisions, "computed": decided}
    return page(request, "order.html", values | {"why": why(decided) if decided else ""} | form, status)


@router.get("/transfers")
def transfers(request: Request, database: Asked, state: State = "open", location: Text = "") -> HTMLResponse:
    rows = queries.transfers(database, state, location, _SHOWN)
    held = queries.held_out(database, location, _SHOWN)
    values = {
        "held": held,
        "rows": rows,
        "state": state,
        "location": location,
        "locations": questions.locations(database),
    }
    return page(request, "transfers.html", values | {"shown": _SHOWN})


@router.get("/transfers/{order_id}")
def transfer(request: Request, database: Asked, order_id: str, sent: Sent = None) -> HTMLResponse:
    states = _states(database, order_id)
    return _transfer(request, database, states, form_values(request, database, "transfer", states[-1], sent))


@router.post("/transfers/{order_id}")
def decide_transfer(request: Request, database: Asked, order_id: str, given: VerdictForm) -> Response:
    states = _states(database, order_id)
    done = hand_in(request, "transfer", states[-1], given)
    if isinstance(done, Response):
        return done
    form = form_values(request, database, "transfer", states[-1]) | refused_values(done, given)
    return _transfer(request, database, states, form, done.status)


def _states(database: Database, order_id: str) -> list[Row]:
    states = queries.transfer_history(database, order_id)
    if not states:
        raise HTTPException(404, f"There is no transfer {order_id}.")
    return states


def _transfer(
    request: Request, database: Database, states: list[Row], form: dict[str, Any], status: int = 200
) -> HTMLResponse:
    computed = [row for row in states if row["input_trigger"] is not None]
    values: dict[str, Any] = {"transfer": states[-1], "states": states, "computed": computed[-1] if computed else None}
    values |= {"why": why_moved(states)}
    values |= {"outcome": queries.transfer_outcome(database, states[-1]["order_id"])}
    return page(request, "transfer.html", values | form, status)


@router.get("/surplus")
def surplus(request: Request, database: Asked, location: Text = "") -> HTMLResponse:
    values = {"rows": queries.surplus(database, location, limit=_SHOWN), "location": location, "shown": _SHOWN}
    return page(request, "surplus.html", values | {"locations": questions.locations(database)})


@router.get("/budgets")
def budgets(request: Request, database: Asked) -> HTMLResponse:
    values = {"rows": queries.budgets(database, _SHOWN), "queue": queries.budget_queue(database, _SHOWN)}
    return page(request, "budgets.html", values | {"shown": _SHOWN})


@router.get("/alerts")
def alerts(request: Request, database: Asked, kind: Text = "") -> HTMLResponse:
    values = {"rows": queries.alerts(database, _SHOWN, kind), "kinds": queries.alert_kinds(database), "kind": kind}
    return page(request, "alerts.html", values | {"shown": _SHOWN})


@router.get("/alerts/{alert_id}")
def alert(request: Request, database: Asked, alert_id: str) -> HTMLResponse:
    states = [row for row in queries.alert_history(database, alert_id) if row["alert_id"] == alert_id]
    if not states:
        raise HTTPException(404, f"There is no alert {alert_id}.")
    newest = states[-1]
    values: dict[str, Any] = {"alert": newest, "states": states, "stock": None, "orders": []}
    if newest["location"] and newest["sku"]:
        values["stock"] = next(iter(queries.stock(database, newest["location"], newest["sku"], 1)), None)
        here = questions.proposals(database, "open", newest["location"], _MOST_AT_A_PLACE)
        values["orders"] = _with_reasons([row for row in here if row["sku"] == newest["sku"]])
    return page(request, "alert.html", values)


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


@router.get("/quality")
def quality(request: Request, database: Asked) -> HTMLResponse:
    values = {
        "accuracy": questions.accuracy(database),
        "forecasts": questions.forecast_quality(database),
        "coverage": questions.coverage(database),
        "suppliers": questions.scorecards(database),
        "shadows": queries.shadows(database),
    }
    return page(request, "quality.html", values)


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
