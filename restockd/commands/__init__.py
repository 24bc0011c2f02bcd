"""One module per command; ``restockd.cli.COMMANDS`` lists them.

A module has ``register(app)``, which adds its command or group. What takes long
to import is imported inside the command, so that ``restockd --help`` stays quick.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restockd import configuration, logs
from schemas.errors import InvalidSettings

if TYPE_CHECKING:
    from sinks.clickhouse.client import Database

BrokerOption = Annotated[
    str | None, typer.Option("--broker", help="Kafka's host:port, or embedded; over the settings.", metavar="ADDRESS")
]

LocationOption = Annotated[str, typer.Option(help="Only this location.")]
MOST_NAMED = 20
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


def refuse_unknown(asked: "Database", location: str = "", sku: str = "") -> None:
    """Raise if nothing was ever heard of a location or SKU: an empty answer would say that there is nothing of it."""
    from sinks.clickhouse import queries

    for kind, name, known in (
        ("location", location, queries.known_locations(asked) if location else []),
        ("SKU", sku, queries.known_skus(asked) if sku else []),
    ):
        if known and name not in known:
            raise InvalidSettings(f"there is no {kind} {name!r}; {_instead(name, known)}")


def _instead(name: str, known: list[str]) -> str:
    """The names that are like it, or the first of all."""
    alike = get_close_matches(name.upper(), known, n=5, cutoff=0.7)
    if alike:
        return f"similar: {', '.join(alike)}"
    rest = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return f"there are {', '.join(known[:MOST_NAMED])}{rest}"


def say_more(limit: int, *filters: str) -> None:
    """That rows were left out, where a pipe or JSON does not take it for one."""
    typer.echo(f"There are more than {limit} rows: --limit shows more, {' and '.join(filters)} fewer.", err=True)
