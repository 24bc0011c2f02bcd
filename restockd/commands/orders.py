"""``restockd orders``: purchase suggestions as they stand."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from restockd.commands import LimitOption, LocationOption, load
from restockd.output import JsonOption, write_rows

COLUMNS = ("order", "status", "location", "sku", "quantity", "cost", "reason", "occurred_at")


def register(app: typer.Typer) -> None:
    app.command()(orders)


def orders(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="open, all, or one status such as proposed or received.")] = "open",
    location: LocationOption = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what to reorder, newest first; --json has every column and the whole ids."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.orders(asked, state, location, limit)
    if not as_json:
        rows = [{**row, "order": row["order_id"][:8], "cost": _money(row)} for row in rows]
    write_rows(rows, as_json, nothing=f"no orders ({state})", columns=COLUMNS)


def _money(row: Mapping[str, Any]) -> str:
    return "" if row["cost"] is None else f"{row['cost']:.2f} {row['currency']}"
