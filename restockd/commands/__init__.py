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


def load(context: typer.Context, broker: str | None = None) -> configuration.Configuration:
    """The configuration a command works with, with logging set up by it; ``broker`` goes over ``broker.address``."""
    file = context.find_root().obj
    given = {} if broker is None else {"broker": {"address": broker}}
    loaded = configuration.load(file if isinstance(file, Path) else None, given)
    logs.configure(loaded.settings.worker.log_level, loaded.settings.worker.log_format)
    return loaded
