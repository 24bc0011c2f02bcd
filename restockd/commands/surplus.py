"""``restockd surplus``: what is unlikely to sell in time, and the markdown."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from restockd.commands import LimitOption, LocationOption, load, refuse_unknown, say_more
from restockd.output import JsonOption, write_rows

COLUMNS = ("location", "sku", "name", "units", "unsold", "until", "markdown", "gain", "clears", "tied_up")
SPARE = ("name", "clears", "tied_up", "gain")


def register(app: typer.Typer) -> None:
    app.command()(surplus)


def surplus(
    context: typer.Context,
    location: LocationOption = "",
    sku: Annotated[str, typer.Option(help="Only this SKU.")] = "",
    limit: LimitOption = 100,
    as_json: JsonOption = False,
) -> None:
    """Show stocks unlikely to sell by their season's end or within a year; --json has every column."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.surplus(asked, location, sku, limit + 1)
        if not rows:
            refuse_unknown(asked, location, sku)
    more = len(rows) > limit
    shown = rows[:limit] if as_json else [_shown(row) for row in rows[:limit]]
    write_rows(shown, as_json, "nothing is unlikely to sell", COLUMNS, SPARE)
    if more:
        say_more(limit, "--location", "--sku")


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    clears, gain = row["clearing_markdown"], None
    if row["markdown"] and row["expected_revenue"] is not None:
        gain = row["marked_down_revenue"] - row["expected_revenue"]
    return {
        **row,
        "unsold": f"{row['expected_unsold_units']:.1f}",
        "until": row["season_end"] or "a year",
        "markdown": f"{row['markdown']:.0%}" if row["markdown"] else "",
        "gain": _money(gain, row["currency"]),
        "clears": "" if clears is None else f"{clears:.0%}",
        "tied_up": _money(row["tied_up"], row["currency"]),
    }


def _money(value: float | None, currency: str) -> str:
    return "" if value is None else f"{value:.2f} {currency}"
