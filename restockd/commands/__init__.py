"""One module per command; ``restockd.cli.COMMANDS`` lists them.

A module has ``register(app)``, which adds its command or group. What takes long
to import is imported inside the command, so that ``restockd --help`` stays quick.
"""

from pathlib import Path

import typer

from restockd import configuration, logs


def load(context: typer.Context) -> configuration.Configuration:
    """The configuration a command works with, with logging set up by it."""
    file = context.find_root().obj
    loaded = configuration.load(file if isinstance(file, Path) else None)
    logs.configure(loaded.settings.worker.log_level, loaded.settings.worker.log_format)
    return loaded
