"""``restockd stock``: believed stock by location and SKU."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from restockd.commands import LimitOption, LocationOption, load, refuse_unknown, say_more
from restockd.output import JsonOption, write_rows

COLUMNS = ("location", "sku", "name", "book", "believed", "on_order", "in_transit", "reserved", "as_of")
SPARE = ("as_of", "name")


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
        rows = queries.stock(asked, location, sku, limit + 1)
        if not rows:
            refuse_unknown(asked, location, sku)
    more = len(rows) > limit
    shown = rows[:limit] if as_json else [_shown(row) for row in rows[:limit]]
    write_rows(shown, as_json, "no stock known yet", COLUMNS, SPARE)
    if more:
        say_more(limit, "--location", "--sku")


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "book": row["on_hand"], "believed": _believed(row), "as_of": row["occurred_at"]}


def _believed(row: Mapping[str, Any]) -> str:
    """The likeliest number and the 90 % interval; empty where no device tells of the stock."""
    if row["believed_units"] is None:
        return ""
    low, high = row["believed_low"], row["believed_high"]
    return f"{row['believed_units']}" if low == high else f"{row['believed_units']} ({low}-{high})"
