"""``restockd erp``: our orders into the ERP, its answers back."""

import asyncio

import typer

from restockd.commands import BrokerOption, load
from restockd.commands.worker import ReadyFileOption, WithParentOption, run_roles
from restockd.output import JsonOption, write_json

group = typer.Typer(no_args_is_help=True, help="Our orders into the ERP, its answers back.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="erp")


@group.callback()
def erp() -> None:
    """Our orders into the ERP, its answers back."""


@group.command()
def run(
    context: typer.Context,
    broker: BrokerOption = None,
    ready_file: ReadyFileOption = None,
    with_parent: WithParentOption = False,
) -> None:
    """Bring orders to the ERP of the settings, and its answers back, until told to stop."""
    run_roles(context, broker, "erp", ready_file, with_parent=with_parent)


@group.command()
def check(context: typer.Context, as_json: JsonOption = False) -> None:
    """Log in to the ERP of the settings and see that it has what an order needs."""
    from restockd import wiring
    from schemas.errors import InvalidSettings

    make = wiring.erp_of(load(context).settings)
    if make is None:
        raise InvalidSettings("erp.kind is 'none': set RESTOCKD_ERP__KIND to the ERP that should get our orders")

    async def ask() -> tuple[str, str]:
        asked = make()
        try:
            return asked.component, await asked.check()
        finally:
            await asked.close()

    component, found = asyncio.run(ask())
    if as_json:
        write_json({"component": component, "found": found})
    else:
        typer.echo(f"{component}: {found}")
