"""What a command answers: JSON for machines, tables for people. Always standard output."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


def write_json(answer: Any) -> None:
    """One JSON document on one line; what JSON lacks (times, decimals) becomes text."""
    typer.echo(json.dumps(answer, default=str, ensure_ascii=False))


def write_rows(
    rows: Iterable[Mapping[str, Any]], as_json: bool, nothing: str = "nothing", columns: Sequence[str] = ()
) -> None:
    """Rows of the same columns as a JSON array, or as a table of ``columns`` (all if none are named)."""
    found = list(rows)
    if as_json:
        write_json(found)
    elif not found:
        typer.echo(nothing)
    else:
        Console().print(_table(found, columns or tuple(found[0])))


def _table(rows: list[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        example = rows[0][column]
        number = isinstance(example, int | float) and not isinstance(example, bool)
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(row[column]) for column in columns))
    return table


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)
