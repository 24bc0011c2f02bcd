"""``restockd send``: reference data and readings from files of JSON lines, each checked before it is sent."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, show_progress, write_json
from schemas.wording import amount

if TYPE_CHECKING:
    from restockd.checked_lines import Checked, Ready
    from restockd.configuration import Settings
    from schemas.references import References
    from streams.cluster import Cluster
    from streams.settings import BrokerSettings


def register(app: typer.Typer) -> None:
    app.command()(send)


def send(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files named after their topics (readings.pos.jsonl), or directories."),
    ],
    topic: Annotated[str, typer.Option(help="The topic of the files, whatever their names.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong; send nothing.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait after each half day of readings until it is decided about.")
    ] = True,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send reference data and readings, one JSON message per line, to Kafka.

    Reference data goes first, then readings of all topics in the order of their time. A line that intake would refuse
    is named and not sent; the others go. Exit code 1 if there was one.
    """
    settings = load(context, broker).settings
    from restockd.checked_lines import check as checked_of
    from restockd.line_files import read_lines

    lines = read_lines(paths, topic)
    reached = _reached(settings, needed=not check)
    latest_ms = int((time.time() + settings.rules.future_tolerance_seconds) * 1000)
    checked = checked_of(lines, _references(reached), latest_ms)
    for told in (*checked.faults, *(f"note: {unknown}" for unknown in checked.unknown)):
        typer.echo(str(told), err=True)
    if reached is not None and not check:
        _send(reached, checked, wait=wait)
    _conclude(checked, sent=not check, as_json=as_json)
    if checked.faults:
        raise typer.Exit(1)


def _reached(settings: "Settings", *, needed: bool) -> "tuple[BrokerSettings, Cluster] | None":
    """The Kafka of the settings, or the broker of a demo that runs; None if there is none and none is ``needed``."""
    from restockd import wiring
    from restockd.running_broker import running_broker
    from streams.cluster import Cluster

    broker = running_broker(settings) if settings.broker.embedded else wiring.broker_of(settings)
    if broker is None and needed:
        broker = wiring.broker_of(settings)
    return None if broker is None else (broker, Cluster(broker))


def _references(reached: "tuple[BrokerSettings, Cluster] | None") -> "References":
    from restockd.sending import known_references
    from schemas.references import References

    return References() if reached is None else known_references(*reached)


def _send(reached: "tuple[BrokerSettings, Cluster]", checked: "Checked", *, wait: bool) -> None:
    from restockd import sending
    from restockd.checked_lines import in_order
    from schemas.facts import utc

    sent = 0

    def passed(part: "list[Ready]") -> None:
        nonlocal sent
        sent += len(part)
        latest = max((ready.at_ms for ready in part if ready.at_ms is not None), default=None)
        until = f", up to {utc(latest):%d %b %Y %H:%M}" if latest is not None else ""
        show_progress(f"{sent} of {amount(len(checked.ready), 'line')} sent{until}")

    sending.send(*reached, in_order(checked.ready), passed, wait=wait)
    show_progress("")


def _conclude(checked: "Checked", *, sent: bool, as_json: bool) -> None:
    wrong = len({(fault.line.file, fault.line.number) for fault in checked.faults})
    if as_json:
        by_topic = Counter(ready.line.topic.name for ready in checked.ready)
        faults = [_fault(fault) for fault in checked.faults]
        unknown = [reference._asdict() for reference in checked.unknown]
        told = {"sent": sent, "lines": by_topic, "refused": wrong, "faults": faults, "unknown_references": unknown}
        write_json(told | {"not_looked_up": checked.unlooked})
        return
    good = amount(len(checked.ready), "line")
    typer.echo(f"{good} {'sent' if sent else 'could be sent'}, {wrong} refused")
    if checked.unlooked:
        names = amount(checked.unlooked, "name")
        typer.echo(
            f"{names} not looked up: no reference data of that kind is in these files, nor on a Kafka that is set"
        )


def _fault(fault: Any) -> dict[str, Any]:
    line = fault.line
    return {
        "file": line.file,
        "line": line.number,
        "topic": line.topic.name,
        "field": fault.field,
        "value": fault.value,
        "problem": fault.problem,
    }
