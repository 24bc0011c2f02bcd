"""``restockd alerts``: alerts to Alertmanager, webhooks and Slack."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from restockd.commands import BrokerOption, load
from restockd.commands.worker import ReadyFileOption, WithParentOption, run_roles

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


@group.command()
def test(context: typer.Context) -> None:
    """Send every receiver of the settings an alert that is over already. Exit code 1 if one does not take it."""
    settings = load(context).settings
    if not settings.alerts.channels:
        from schemas.errors import InvalidSettings

        raise InvalidSettings("no receiver: set alerts.alertmanager_url, alerts.webhook_url or alerts.slack_url")
    if not asyncio.run(_try_all(settings)):
        raise typer.Exit(1)


async def _try_all(settings: "Settings") -> bool:
    from restockd import wiring
    from schemas.errors import RestockdError
    from sinks.channels.port import News
    from sinks.channels.trial import trial

    well, now = True, datetime.now(UTC)
    for make in wiring.channels_of(settings):
        channel = make()
        try:
            await channel.send([News(trial(now))], now)
            typer.echo(f"ok    {channel.name}: {channel.component} took it")
        except RestockdError as error:
            well = False
            typer.echo(f"FAIL  {channel.name}: {error}")
        finally:
            await channel.close()
    return well
