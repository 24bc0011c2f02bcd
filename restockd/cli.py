"""The command line: one module per command under ``restockd.commands``, each with ``register(app)``.

Commands raise ``RestockdError`` for what went wrong; here it becomes one clear
text on standard error and an exit code, never a traceback.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from restockd import __version__
from schemas.errors import InvalidSettings, RestockdError

EXIT_FAILED = 1
EXIT_BAD_SETTINGS = 2

COMMANDS = (
    "demo",
    "worker",
    "console",
    "simulate",
    "send",
    "replay",
    "stock",
    "orders",
    "approve",
    "surplus",
    "budgets",
    "shadow",
    "explain",
    "sql",
    "erp",
    "alerts",
    "topics",
    "kafka",
    "clickhouse",
    "doctor",
    "config",
)

app = typer.Typer(
    name="restockd",
    help="Streaming inventory: readings in, believed stock, reorders, transfers and alerts out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"restockd {__version__}")
        raise typer.Exit


@app.callback()
def restockd(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML); default: restockd.toml if there.")] = None,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Streaming inventory: readings in, believed stock, reorders, transfers and alerts out."""
    context.obj = config


for _command in COMMANDS:
    import_module(f"restockd.commands.{_command}").register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    try:
        app(list(arguments), prog_name="restockd")
    except InvalidSettings as error:
        return _complain(str(error), EXIT_BAD_SETTINGS)
    except RestockdError as error:
        return _complain(str(error), EXIT_FAILED)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _complain(text: str, code: int) -> int:
    for line in text.splitlines():
        typer.echo(f"restockd: {line}", err=True)
    return code
