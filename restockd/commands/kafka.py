"""``restockd kafka start|stop|status``: a single-node Apache Kafka on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from restockd.commands import load, local_servers
from restockd.output import JsonOption, write_json

DEFAULT_PORT = 9092

group = typer.Typer(no_args_is_help=True, help="A single-node Apache Kafka on this machine, without Docker.")

DirectoryOption = Annotated[
    Path | None, typer.Option(help="Where its data are; default: `kafka` in the data directory.", show_default=False)
]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="kafka")


@group.callback()
def kafka() -> None:
    """A single-node Apache Kafka on this machine, without Docker."""


@group.command()
def start(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 for any free one.", min=0, max=65_535)] = DEFAULT_PORT,
    directory: DirectoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start it and wait until it answers; the first time its jars are fetched with Maven."""
    from restockd.local_kafka import LocalKafka

    local = LocalKafka(_directory(context, directory), port, announce=lambda text: typer.echo(text, err=True))
    use = "export RESTOCKD_BROKER__ADDRESS={address}; restockd topics ensure"
    local_servers.start(local, "Kafka", use, as_json=as_json)


@group.command()
def stop(context: typer.Context, directory: DirectoryOption = None, as_json: JsonOption = False) -> None:
    """Stop it; its data stay."""
    from restockd.local_kafka import LocalKafka

    local_servers.stop(LocalKafka(_directory(context, directory)), "Kafka", as_json=as_json)


@group.command()
def status(context: typer.Context, directory: DirectoryOption = None, as_json: JsonOption = False) -> None:
    """Say whether it runs and answers; exit code 1 if not."""
    from restockd.local_kafka import LocalKafka, answers

    local = LocalKafka(_directory(context, directory))
    process = local.running()
    answering = process is not None and answers(local.address, 5.0)
    if as_json:
        address = local.address if process else None
        write_json({"running": process is not None, "answers": answering, "address": address})
    elif process is None:
        typer.echo("Kafka is not running: restockd kafka start")
    else:
        typer.echo(
            f"Kafka runs at {local.address}" + ("" if answering else f" but does not answer; see {local.log_file}")
        )
    if not answering:
        raise typer.Exit(1)


def _directory(context: typer.Context, directory: Path | None) -> Path:
    return (directory or load(context).settings.worker.data_dir / "kafka").absolute()
