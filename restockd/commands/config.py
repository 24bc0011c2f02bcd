"""``restockd config show``: every setting, its value and where it came from."""

import typer

from restockd.commands import load
from restockd.configuration import variable
from restockd.output import JsonOption, write_json, write_rows

group = typer.Typer(no_args_is_help=True, help="The settings in force.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="config")


@group.callback()
def config() -> None:
    """The settings in force."""


@group.command()
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show every setting, secrets masked, and where its value came from."""
    settings = list(load(context).explained())
    if as_json:
        write_json({s.name: {"value": s.shown, "origin": s.origin, "variable": variable(s.name)} for s in settings})
        return
    write_rows([{"setting": s.name, "value": s.shown, "from": s.origin} for s in settings], as_json=False)
