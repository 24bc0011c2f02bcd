"""``restockd explain``: why an order is as it is, computed again from the log."""

import shutil
import sys
from typing import Annotated

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, show_progress, write_json


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="An order's or transfer's id (its beginning will do), a fact id, or the ERP's number."
        ),
    ],
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when, what and why was ordered, and compute it again from the log; code 1 if that is not equal."""
    from restockd import explaining
    from restockd.archive import database
    from restockd.explaining.explanation import EQUAL
    from restockd.explaining.text import lines, wrapped

    settings = load(context, broker).settings
    with database(settings) as asked:
        explanation = explaining.explain(settings, asked, name, _show)
    show_progress("")
    if as_json:
        write_json(explanation.plain())
    else:
        told = lines(explanation)
        if sys.stdout.isatty():
            told = wrapped(told, shutil.get_terminal_size().columns)
        typer.echo("\n".join(told))
    if explanation.verdict != EQUAL:
        raise typer.Exit(1)


def _show(reached: int, last: int) -> None:
    show_progress(f"{reached} of {last} log messages folded again")
