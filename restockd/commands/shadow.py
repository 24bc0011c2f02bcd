"""``restockd shadow``: which policy decides orders, and how its shadow does."""

from collections.abc import Mapping
from typing import Any

import typer

from restockd.commands import load
from restockd.output import JsonOption, write_rows

COLUMNS = ("partition", "currency", "in_force", "shadow", "weeks", "more_a_day", "low", "high", "verdict", "promoted")
SPARE = ("high", "low", "shadow")


def register(app: typer.Typer) -> None:
    app.command()(shadow)


def shadow(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show the policy in force and its shadow by log partition, what the shadow earns more a day, and promotions."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.shadows(asked)
    shown = rows if as_json else [_shown(row) for row in rows]
    write_rows(shown, as_json, "no policy is played in the shadow (rules.shadow_policy)", COLUMNS, SPARE)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    turned = f"{row['action']} {row['turned_at']:%Y-%m-%d}" if row["action"] else ""
    money = {name: "" if row[name] is None else f"{row[name]:.2f}" for name in ("low", "high")}
    more = "" if row["more_profit_a_day"] is None else f"{row['more_profit_a_day']:.2f}"
    return {**row, **money, "partition": row["log_partition"], "more_a_day": more, "promoted": turned}
