"""``restockd budgets``: money for orders, and who gets it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from restockd.commands import BrokerOption, LimitOption, load
from restockd.commands.worker import ReadyFileOption, WithParentOption, run_roles
from restockd.output import JsonOption, write_rows

COLUMNS = ("budget", "state", "amount", "committed", "left", "waiting", "ends_at")

group = typer.Typer(no_args_is_help=True, help="Money for orders (open-to-buy), and who gets it.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="budgets")


@group.callback()
def budgets() -> None:
    """Money for orders (open-to-buy), and who gets it."""


@group.command()
def run(
    context: typer.Context,
    broker: BrokerOption = None,
    ready_file: ReadyFileOption = None,
    with_parent: WithParentOption = False,
) -> None:
    """Share budgets among the orders that wait, until told to stop. Workers of role all do it as well."""
    run_roles(context, broker, "budgets", ready_file, with_parent=with_parent)


@group.command()
def show(context: typer.Context, limit: LimitOption = 100, as_json: JsonOption = False) -> None:
    """Show what is committed, what is left and what waits; --json has every column."""
    from restockd.archive import database
    from sinks.clickhouse import queries

    with database(load(context).settings) as asked:
        rows = queries.budgets(asked, limit)
    if not as_json:
        rows = [
            row | {name: _money(row, name) for name in ("amount", "committed", "left")} | _waiting(row) for row in rows
        ]
    write_rows(rows, as_json, nothing="no budgets", columns=COLUMNS)


@group.command()
def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON: one budget, or a list of them.")],
    broker: BrokerOption = None,
) -> None:
    """Define budgets, or change them: they take effect at once."""
    from restockd import wiring
    from restockd.budget_file import read_budgets, send_budgets
    from streams.cluster import Cluster

    settings, found = load(context, broker).settings, read_budgets(file)
    reached = wiring.broker_of(settings)
    send_budgets(reached, Cluster(reached), found)
    typer.echo(f"{len(found)} budget{'s' if len(found) != 1 else ''} told; `restockd budgets show` says how they stand")


def _money(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:.2f} {row['currency']}"


def _waiting(row: Mapping[str, Any]) -> dict[str, str]:
    return {"waiting": f"{row['waiting_orders']} for {_money(row, 'waiting_cost')}" if row["waiting_orders"] else ""}
