"""``restockd stock``: believed stock by location and SKU."""

from typing import Annotated

import typer

from restockd.commands import LimitOption, LocationOption, load
from restockd.output import JsonOption, write_rows

COLUMNS = ("location", "sku", "name", "on_hand", "available", "on_order", "in_transit", "reserved", "occurred_at")


def register(app: typer.Typer) -> None:
    app.command()(stock)


def stock(
    context: typer.Context,
    location: LocationOption = "",
    sku: Annotated[str, typer.Option(help="Only this SKU.")] = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show the stock of each location and SKU; --json has every column."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.stock(asked, location, sku, limit)
    write_rows(rows, as_json, nothing="no stock known yet", columns=COLUMNS)
