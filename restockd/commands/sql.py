"""``restockd sql``: one question to ClickHouse, embedded or not."""

import sys
from typing import Annotated

import typer

from restockd.commands import load
from restockd.output import JsonOption, write_rows

READ_ONLY = {"readonly": 2}


def register(app: typer.Typer) -> None:
    app.command()(sql)


def sql(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="SQL", help="What to ask; it may read, not write.")],
    output_format: Annotated[
        str, typer.Option("--format", help="A format of ClickHouse, such as CSVWithNames, Vertical or Parquet.")
    ] = "",
    limit: Annotated[int, typer.Option(help="The most rows to show; --format has no such bound.", min=1)] = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Ask ClickHouse: a table, JSON rows, or any of ClickHouse's formats."""
    from restockd.archive import database
    from sinks.clickhouse.adhoc import ask

    if as_json and output_format:
        raise typer.BadParameter("--json and --format exclude each other")
    with database(load(context).settings) as asked:
        if output_format:
            sys.stdout.buffer.write(asked.text(question, output_format, READ_ONLY))
            return
        answer = ask(asked, question, limit)
    write_rows([dict(zip(answer.columns, row, strict=True)) for row in answer.rows], as_json, nothing="no rows")
    if not answer.is_complete:
        typer.echo(f"There are more than {limit} rows: --limit shows more, --format all.", err=True)
