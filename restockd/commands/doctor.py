"""``restockd doctor``: is everything there, and if not, what to do."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, write_json

if TYPE_CHECKING:
    from restockd.checks import Check

_MARKS = {"ok": ("ok  ", typer.colors.GREEN), "warn": ("warn", typer.colors.YELLOW), "fail": ("FAIL", typer.colors.RED)}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(context: typer.Context, broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    """Check broker, topics, ClickHouse and clocks; say what is wrong and what to do. Exit code 1 if anything fails."""
    from restockd import checks

    found = []
    for check in checks.run(load(context, broker).settings):
        found.append(check)
        if not as_json:
            _show(check)
    healthy = all(check.outcome != "fail" for check in found)
    if as_json:
        write_json({"healthy": healthy, "checks": [asdict(check) for check in found]})
    if not healthy:
        raise typer.Exit(1)


def _show(check: "Check") -> None:
    mark, colour = _MARKS[check.outcome]
    typer.echo(f"{typer.style(mark, fg=colour)}  {check.name:<16}  {check.found}")
    if check.outcome != "ok" and check.advice:
        typer.echo(f"      {'':<16}  -> {check.advice}")
