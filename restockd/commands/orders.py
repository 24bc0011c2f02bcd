"""``restockd orders``: purchase suggestions as they stand."""

from typing import Annotated

import typer

from restockd.commands import LimitOption, LocationOption, load
from restockd.output import JsonOption, write_rows

COLUMNS = ("order_id", "status", "location", "sku", "supplier", "quantity", "cost", "currency", "reason", "occurred_at")


def register(app: typer.Typer) -> None:
    app.command()(orders)


def orders(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="open, all, or one status such as proposed or received.")] = "open",
    location: LocationOption = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show what to reorder, newest first; --json has every column."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.orders(asked, state, location, limit)
    write_rows(rows, as_json, nothing=f"no orders ({state})", columns=COLUMNS)
