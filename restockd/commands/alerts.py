"""``restockd alerts``: alerts to Alertmanager, webhooks and Slack."""

import asyncio
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from restockd.commands import BrokerOption, load
from restockd.commands.worker import ReadyFileOption, WithParentOption, run_roles
from restockd.output import JsonOption, write_json

if TYPE_CHECKING:
    from restockd.configuration import Settings

group = typer.Typer(no_args_is_help=True, help="Alerts to Alertmanager, webhooks and Slack.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="alerts")


@group.callback()
def alerts() -> None:
    """Alerts to Alertmanager, webhooks and Slack."""


@group.command()
def deliver(
    context: typer.Context,
    broker: BrokerOption = None,
    ready_file: ReadyFileOption = None,
    with_parent: WithParentOption = False,
) -> None:
    """Deliver alerts to the receivers of the settings until told to stop."""
    run_roles(context, broker, "alerts", ready_file, with_parent=with_parent)


@group.command("test")
def try_receivers(context: typer.Context, as_json: JsonOption = False) -> None:
    """Send every receiver of the settings an alert that is over already. Exit code 1 if one does not take it."""
    settings = load(context).settings
    if not settings.alerts.channels:
        from schemas.errors import InvalidSettings

        raise InvalidSettings("no receiver: set alerts.alertmanager_url, alerts.webhook_url or alerts.slack_url")
    tried = asyncio.run(_try_all(settings))
    if as_json:
        write_json([asdict(trial) for trial in tried])
    else:
        for trial in tried:
            typer.echo(f"{'ok  ' if trial.taken else 'FAIL'}  {trial.channel}: {trial.said}")
    if not all(trial.taken for trial in tried):
        raise typer.Exit(1)


@dataclass(frozen=True)
class Tried:
    """What became of the alert at one receiver."""

    channel: str
    taken: bool
    said: str


async def _try_all(settings: "Settings") -> list[Tried]:
    from restockd import wiring
    from schemas.errors import RestockdError
    from sinks.channels.port import News
    from sinks.channels.trial import trial

    tried, now = [], datetime.now(UTC)
    for make in wiring.channels_of(settings):
        channel = make()
        try:
            await channel.send([News(trial(now))], now)
            tried.append(Tried(channel.name, taken=True, said=f"{channel.component} took it"))
        except RestockdError as error:
            tried.append(Tried(channel.name, taken=False, said=str(error)))
        finally:
            await channel.close()
    return tried
