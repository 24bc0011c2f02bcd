"""One module per command; ``restockd.cli.COMMANDS`` lists them.

A module has ``register(app)``, which adds its command or group. What takes long
to import is imported inside the command, so that ``restockd --help`` stays quick.
"""

from pathlib import Path
from typing import Annotated

import typer

from restockd import configuration, logs

BrokerOption = Annotated[
    str | None, typer.Option("--broker", help="Kafka's host:port, or embedded; over the settings.", metavar="ADDRESS")
]

LocationOption = Annotated[str, typer.Option(help="Only this location.")]
LimitOption = Annotated[int, typer.Option(help="The most rows to show.", min=1, max=1_000_000)]


def load(context: typer.Context, broker: str | None = None, *, service: bool = False) -> configuration.Configuration:
    """The configuration a command works with, with logging set up by it; ``broker`` goes over ``broker.address``.

    A ``service`` logs as the settings say. A question is answered or fails with one
    text: what libraries log on the way is only shown when debugging.
    """
    file = context.find_root().obj
    given = {} if broker is None else {"broker": {"address": broker}}
    loaded = configuration.load(file if isinstance(file, Path) else None, given)
    worker = loaded.settings.worker
    speaks = service or worker.log_level == "debug"
    logs.configure(worker.log_level if speaks else "critical", worker.log_format)
    return loaded
