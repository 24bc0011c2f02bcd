"""``restockd replay``: a real sales file through the whole system."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, show_progress, write_json, write_rows
from schemas.errors import RestockdError
from schemas.wording import amount

if TYPE_CHECKING:
    from restockd.configuration import Settings
    from restockd.stack import Stack
    from simulators.replay import ReplaySource

STALLED_SECONDS = 120.0
COUNTED = ("net_units", "dead_letter_units", "file_units", "reorders", "dead_letters")


def register(app: typer.Typer) -> None:
    app.command()(replay)


def replay(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="The file; another one of the same columns will do.")],
    source: Annotated[str, typer.Option(help="online-retail, coffee, bakery or complete-journey.")],
    broker: BrokerOption = None,
    speed: Annotated[float, typer.Option(help="Times faster than it happened; 0 = as fast as it goes.", min=0)] = 0.0,
    workers: Annotated[int, typer.Option(help="Workers to start; 0 = use those that run.", min=0, max=64)] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Empty the archive of an earlier demo without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Replay a real sales file as till readings; net units and dead letters are counted at the end.

    On the embedded broker it takes the place of the last demo or replay, whose archive is emptied.
    """
    settings = load(context, broker).settings
    from restockd import stack as stacks
    from simulators.replay import open_source

    opened = open_source(source, path)
    if settings.broker.embedded:
        if workers > 1:
            raise typer.BadParameter("the embedded broker has one worker; name a Kafka with --broker for more")
        # One partition is read in the order of time; years of several are not, and days would end before their sales.
        settings = settings.model_copy(update={"topics": settings.topics.model_copy(update={"partitions": 1})})
    if not yes:
        _ask_before_emptying(settings)
    with stacks.running(settings, 1 if settings.broker.embedded else workers, _say) as stack:
        result = run(stack, opened, speed)
    if as_json:
        write_json(result)
    else:
        _conclude(result)
    if result["errors"]:
        raise typer.Exit(1)


def _ask_before_emptying(settings: "Settings") -> None:
    """Where somebody is there to answer. Nothing happens without a yes."""
    from restockd import archive

    kept = archive.folder(settings)
    if not (settings.broker.embedded and settings.clickhouse.embedded and kept.is_dir()):
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm(f"This empties {kept}, what the last demo or replay left. Go on?", abort=True, err=True)


def _conclude(result: dict[str, Any]) -> None:
    """The figures, and whether every unit of the file is somewhere."""
    shown = {name: value for name, value in result.items() if name != "errors"}
    write_rows([{"what": name.replace("_", " "), "value": value} for name, value in shown.items()], as_json=False)
    for error in result["errors"]:
        typer.echo(f"error: {error}", err=True)
    if result["net_units"] is not None:
        typer.echo(balance(result["file_units"], result["net_units"], result["dead_letter_units"]))


def balance(file_units: float, net_units: float, dead_letter_units: float) -> str:
    """The sum that shows that nothing is lost and nothing counted twice.

    >>> balance(1200, 1190, 10)
    '1200 units in the file = 1190 in the stock ledger + 10 in dead letters'
    >>> balance(1200, 1190, 0)
    '1200 units in the file, but 1190 in the stock ledger + 0 in dead letters: 10 are missing'
    >>> balance(1200, 1190.0, 12.5)
    '1200 units in the file, but 1190 in the stock ledger + 12.5 in dead letters: 2.5 are too many'
    """
    missing = round(file_units - net_units - dead_letter_units, 6)
    told = f"{net_units:.12g} in the stock ledger + {dead_letter_units:.12g} in dead letters"
    if not missing:
        return f"{amount(file_units)} in the file = {told}"
    off = f"{abs(missing):.12g} are {'missing' if missing > 0 else 'too many'}"
    return f"{amount(file_units)} in the file, but {told}: {off}"


def run(stack: "Stack", source: "ReplaySource", speed: float) -> dict[str, Any]:
    """Send everything, wait until it is archived, and count."""
    from restockd.draining import drain

    began, began_at = time.monotonic(), datetime.now(UTC)
    errors: list[str] = []
    sent = 0
    counted: dict[str, Any] = dict.fromkeys(COUNTED)
    try:
        sent = _send(stack, source, speed)
        drain(stack, STALLED_SECONDS, lambda waiting: show_progress(f"{amount(waiting, 'record')} to be read"))
        counted = _counts(stack, source, began_at)
    except RestockdError as error:
        errors.append(str(error))
    show_progress("")
    seconds = time.monotonic() - began
    return {"events_in": sent, **counted, "seconds": round(seconds, 3), "errors": errors}


def _send(stack: "Stack", source: "ReplaySource", speed: float) -> int:
    from streams.sender import Sender

    sent, began, first_ms = 0, time.monotonic(), None
    linger_ms = 5.0 if speed > 0 else 200.0
    with Sender(stack.broker, stack.cluster, stack.broker.group("intake"), linger_ms=linger_ms) as sender:
        for record in source.reference():
            sender.send(record.topic, record.key, record.value)
        sender.flush()
        for record in source.records():
            first_ms = record.event_time_ms if first_ms is None else first_ms
            if speed > 0:
                _wait(began + (record.event_time_ms - first_ms) / 1000.0 / speed)
            sender.send(record.topic, record.key, record.value)
            sent += 1
            if sent % 1_000 == 0:
                stack.check()
                show_progress(f"{sent} baskets sent")
    return sent


def _wait(until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.5))


def _counts(stack: "Stack", source: "ReplaySource", began_at: datetime) -> dict[str, Any]:
    """What ClickHouse has of this file: its own locations and SKUs, and what this run had rejected."""
    from restockd import counts

    mine = source.units_by_location_sku()
    return {
        "net_units": sum(units for at, units in counts.net_units(stack.database).items() if at in mine),
        "dead_letter_units": _plain(counts.dead_letter_units(stack.database, began_at)),
        "file_units": _plain(float(source.total_units)),
        "reorders": sum(number for at, number in counts.reorders(stack.database).items() if at in mine),
        "dead_letters": counts.dead_letters(stack.database, began_at),
    }


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _say(text: str) -> None:
    typer.echo(text, err=True)
