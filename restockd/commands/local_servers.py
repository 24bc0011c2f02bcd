"""What the commands say that start and stop a server on this machine."""

from pathlib import Path
from typing import Protocol

import typer

from restockd.output import write_json


class LocalServer(Protocol):
    """A server whose data, log and process are in one directory."""

    directory: Path

    def running(self) -> object | None: ...

    def start(self) -> str: ...

    def stop(self) -> bool: ...


def start(server: LocalServer, name: str, use: str, *, as_json: bool) -> None:
    """Start it unless it runs, and say where it is; ``use`` is the line that points workers at its ``{address}``."""
    was_running = server.running() is not None
    address = server.start()
    if as_json:
        write_json({"address": address, "running": True, "started": not was_running, "directory": server.directory})
        return
    typer.echo(f"{name} {'runs already' if was_running else 'runs'} at {address}; data and log in {server.directory}")
    typer.echo(f"Use it: {use.format(address=address)}")


def stop(server: LocalServer, name: str, *, as_json: bool) -> None:
    """Stop it and say so; its data stay."""
    stopped = server.stop()
    if as_json:
        write_json({"stopped": stopped, "running": False})
    else:
        typer.echo(f"{name} stopped" if stopped else f"{name} was not running")
