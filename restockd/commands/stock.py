"""``restockd stock``: believed stock by location and SKU."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from restockd.commands import LimitOption, LocationOption, load
from restockd.output import JsonOption, write_rows

COLUMNS = ("location", "sku", "name", "book", "believed", "on_order", "in_transit", "reserved", "occurred_at")


def register(app: typer.Typer) -> None:
    app.command()(stock)


def stock(
    context: typer.Context,
    location: LocationOption = "",
    sku: Annotated[str, typer.Option(help="Only this SKU.")] = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show the stock of each location and SKU, by the book and as believed; --json has every column."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.stock(asked, location, sku, limit)
    if not as_json:
        rows = [{**row, "book": row["on_hand"], "believed": _believed(row)} for row in rows]
    write_rows(rows, as_json, nothing="no stock known yet", columns=COLUMNS)


def _believed(row: Mapping[str, Any]) -> str:
    """The likeliest number and the 90 % interval; empty where no device tells of the stock."""
    if row["believed_units"] is None:
        return ""
    low, high = row["believed_low"], row["believed_high"]
    return f"{row['believed_units']}" if low == high else f"{row['believed_units']} ({low}-{high})"
