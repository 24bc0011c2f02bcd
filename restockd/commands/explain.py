"""``restockd explain``: why an order is as it is, computed again from the log; what is known of anything else."""

import shutil
import sys
from collections.abc import Iterable
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
            metavar="ID",
            help="The id of an order, transfer, alert or task (or its beginning), of any fact, or the ERP's number.",
        ),
    ],
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when, what and why was ordered, and compute it again from the log; code 1 if that is not equal.

    Of an alert, a task or any other fact: what was said of it, and how its stock stands.
    """
    from restockd import explaining
    from restockd.archive import database
    from restockd.explaining import facts
    from restockd.explaining.explanation import EQUAL
    from restockd.explaining.said import NotFound
    from restockd.explaining.text import lines

    settings = load(context, broker).settings
    with database(settings) as asked:
        try:
            explanation = explaining.explain(settings, asked, name, _show)
        except NotFound:
            told = facts.find(asked, name)
            if told is None:
                raise
            if as_json:
                write_json(told.plain())
            else:
                _write(facts.lines(told))
            return
    show_progress("")
    if as_json:
        write_json(explanation.plain())
    else:
        _write(lines(explanation))
    if explanation.verdict != EQUAL:
        raise typer.Exit(1)


def _write(told: Iterable[str]) -> None:
    from restockd.explaining.text import wrapped

    if sys.stdout.isatty():
        told = wrapped(told, shutil.get_terminal_size().columns)
    typer.echo("\n".join(told))


def _show(reached: int, last: int) -> None:
    show_progress(f"{reached} of {last} log messages folded again")
