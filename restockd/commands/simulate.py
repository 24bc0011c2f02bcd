"""``restockd simulate``: the simulated chain of stores against workers that run elsewhere."""

import time
from typing import Annotated

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, write_json
from schemas.wording import amount


def register(app: typer.Typer) -> None:
    app.command()(simulate)


def simulate(
    context: typer.Context,
    seconds: Annotated[float, typer.Option(help="How long the stores live.", min=1)] = 60.0,
    speed: Annotated[float, typer.Option(help="How many times faster than the clock.", min=1)] = 3_600.0,
    seed: Annotated[int, typer.Option(help="Which chain of stores.")] = 1,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a simulated chain's readings to a Kafka and answer orders as its ERP and suppliers would."""
    settings = load(context, broker).settings
    from restockd import wiring
    from restockd.chain_driver import ChainDriver
    from simulators.chain import Chain, preset
    from streams.cluster import Cluster

    reached = wiring.broker_of(settings)
    with ChainDriver(Chain(preset("demo", seed=seed)), reached, Cluster(reached), speed) as driver:
        driver.start()
        end = time.monotonic() + seconds
        said = 0.0
        while time.monotonic() < end:
            driver.step()
            if time.monotonic() - said >= 10.0:
                said = time.monotonic()
                sent = amount(sum(driver.sent.values()), "event")
                typer.echo(f"{driver.simulated_time:%d %b %H:%M}: {sent} sent", err=True)
        driver.finish()
    heard = {"reorders": len(driver.reorders), "transfers": len(driver.transfers)}
    answer = {"events_in": dict(driver.sent), **heard}
    if as_json:
        write_json(answer)
    else:
        typer.echo(
            f"{amount(sum(driver.sent.values()), 'event')} sent; {amount(heard['reorders'], 'reorder')}, "
            f"{amount(heard['transfers'], 'transfer')}"
        )
