"""``restockd clickhouse start|stop|status``: the embedded ClickHouse engine as a server on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restockd.commands import load, local_servers
from restockd.output import JsonOption, write_json

if TYPE_CHECKING:
    from restockd.local_clickhouse import LocalClickHouse

DEFAULT_PORT = 8123

group = typer.Typer(no_args_is_help=True, help="ClickHouse's engine as a server on this machine, without Docker.")

DirectoryOption = Annotated[
    Path | None,
    typer.Option(help="Where its data are; default: `clickhouse-server` in the data directory.", show_default=False),
]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="clickhouse")


@group.callback()
def clickhouse() -> None:
    """ClickHouse's engine as a server on this machine, without Docker."""


@group.command()
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 for any free one.", min=0, max=65_535)] = DEFAULT_PORT,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start it and wait until it answers; it asks for clickhouse.password if that is set."""
    local = _local(context, directory, port)
    local_servers.start(local, "ClickHouse", "export RESTOCKD_CLICKHOUSE__ADDRESS={address}", as_json=as_json)


@group.command()
def stop(context: typer.Context, directory: DirectoryOption = None, as_json: JsonOption = False) -> None:
    """Stop it; its data stay."""
    local_servers.stop(_local(context, directory), "ClickHouse", as_json=as_json)


@group.command()
def status(context: typer.Context, directory: DirectoryOption = None, as_json: JsonOption = False) -> None:
    """Say whether it runs and answers; exit code 1 if not."""
    local = _local(context, directory)
    running, answering = local.running() is not None, local.answers()
    if as_json:
        write_json({"running": running, "answers": answering, "address": local.address if answering else None})
    elif not running:
        typer.echo("ClickHouse is not running: restockd clickhouse start")
    elif answering:
        typer.echo(f"ClickHouse runs at {local.address}")
    else:
        typer.echo(f"ClickHouse runs but does not answer; see {local.log_file}")
    if not answering:
        raise typer.Exit(1)


def _local(context: typer.Context, directory: Path | None, port: int = 0) -> "LocalClickHouse":
    from restockd.local_clickhouse import LocalClickHouse

    settings = load(context).settings
    password = settings.clickhouse.password.get_secret_value() if settings.clickhouse.password else ""
    place = (directory or settings.worker.data_dir / "clickhouse-server").absolute()
    return LocalClickHouse(place, port, password, lambda text: typer.echo(text, err=True))
