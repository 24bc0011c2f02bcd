"""``restockd worker``: intake, fold and archive, until it is told to stop."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from restockd.commands import BrokerOption, load

if TYPE_CHECKING:
    from agents.worker import WorkerSettings
    from restockd.settings import RoleName

ReadyFileOption = Annotated[Path | None, typer.Option(help="Written once the worker has joined its groups.")]
WithParentOption = Annotated[bool, typer.Option(help="End when the process that started this one ends.")]


def register(app: typer.Typer) -> None:
    app.command()(worker)


def worker(
    context: typer.Context,
    broker: BrokerOption = None,
    ready_file: ReadyFileOption = None,
    with_parent: WithParentOption = False,
) -> None:
    """Run one worker. Several workers share the partitions; start as many as there are cores."""
    run_roles(context, broker, None, ready_file, with_parent=with_parent)


def run_roles(
    context: typer.Context, broker: str | None, role: "RoleName | None", ready_file: Path | None, *, with_parent: bool
) -> None:
    """Run a worker of the configured role, or of another one."""
    settings = load(context, broker, service=True).settings
    import structlog

    from restockd import wiring
    from restockd.lifeline import end_with_parent
    from restockd.metrics_server import serve_metrics
    from restockd.rules_topic import publish_rules
    from restockd.shadow_rules import WAITING_ADVICE

    if with_parent:
        end_with_parent()
    if settings.rules.shadow_waits:
        structlog.get_logger("restockd.rules").warning(settings.rules.shadow_waits, advice=WAITING_ADVICE)
    wanted = wiring.worker_of(settings, role)
    serve_metrics(settings.worker)
    if role is None:
        publish_rules(wanted.broker, wiring.rules_of(settings))
    asyncio.run(_run(wanted, ready_file))


async def _run(wanted: "WorkerSettings", ready_file: Path | None) -> None:
    from agents.worker import run_worker

    ready = asyncio.Event()
    announcing = asyncio.create_task(_announce(ready, ready_file))
    await run_worker(wanted, ready)
    await announcing


async def _announce(ready: asyncio.Event, ready_file: Path | None) -> None:
    await ready.wait()
    if ready_file is not None:
        ready_file.write_text("ready\n", encoding="utf-8")
