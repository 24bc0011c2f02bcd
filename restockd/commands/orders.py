"""``restockd orders``: purchase suggestions as they stand."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from restockd.commands import LimitOption, LocationOption, load, refuse_unknown, say_more
from restockd.output import JsonOption, write_rows
from schemas.facts import OrderState
from schemas.wording import came_of

COLUMNS = ("order", "status", "location", "sku", "units", "cost", "why", "decided")
SPARE = ("decided", "cost")
ENDED = {"rejected", "superseded", "cancelled"}
State = Literal["open", "all", OrderState]


def register(app: typer.Typer) -> None:
    app.command()(orders)


def orders(
    context: typer.Context,
    state: Annotated[
        State, typer.Option(help="Which: open, all or one status, such as pending.", metavar="STATE")
    ] = "open",
    location: LocationOption = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what to reorder: what waits for somebody first, then what the ERP has not taken, newest first each.

    --json has every column and the whole ids.
    """
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.orders(asked, state, location, limit + 1)
        if not rows:
            refuse_unknown(asked, location=location)
    more = len(rows) > limit
    shown = rows[:limit] if as_json else [_shown(row) for row in rows[:limit]]
    write_rows(shown, as_json, f"no orders ({state})", COLUMNS, SPARE, text="why")
    if more:
        say_more(limit, "--location")


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """What ended an order counts where it was ended; else what it was decided for, whoever answered since."""
    why = row["reason"] if row["status"] in ENDED else row["decided_because"]
    came = came_of(row["quantity"], row["received_units"], row["status"])
    units = came if " of " in came else row["quantity"]
    named = {"order": row["order_id"][:8], "units": units, "decided": row["decided_at"]}
    return {**row, **named, "cost": _money(row), "why": why}


def _money(row: Mapping[str, Any]) -> str:
    return "" if row["cost"] is None else f"{row['cost']:.2f} {row['currency']}"
