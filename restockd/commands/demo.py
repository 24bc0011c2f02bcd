"""``restockd demo``: a simulated chain of stores through the whole system, nothing to install."""

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restockd.commands import BrokerOption, load
from restockd.output import JsonOption, write_json
from schemas.wording import amount

if TYPE_CHECKING:
    from restockd.chain_driver import ChainDriver
    from restockd.configuration import Settings
    from restockd.stack import Stack
    from simulators.chain import Settings as ChainSettings

BudgetsOption = Annotated[
    Path | None, typer.Option(help="Budgets to keep to, as for `restockd budgets put`.", show_default=False)
]
DRAIN_SECONDS = 60.0
REFRESH_SECONDS = 1.0
PROGRESS_SECONDS = 5.0
DEFAULT_SPEED = 120.0
DEFAULT_WEEKS = 1
HISTORY_CHECKPOINT_SECONDS = 0.5
"""The next half day of a history waits until the last one is stored."""
SMALL_STORES = SMALL_STYLES = 5


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    context: typer.Context,
    seconds: Annotated[float, typer.Option(help="How long the stores live; 0 = until Ctrl-C.", min=0)] = 0.0,
    speed: Annotated[float, typer.Option(help="How many times faster than the clock.", min=1)] = DEFAULT_SPEED,
    seed: Annotated[int, typer.Option(help="Which chain of stores.")] = 1,
    history_weeks: Annotated[
        int, typer.Option(help="Weeks of the past to play first, on five stores; 0 = none, on twelve.", min=0, max=40)
    ] = DEFAULT_WEEKS,
    broker: BrokerOption = None,
    budgets: BudgetsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run everything on simulated stores: RFID readers, tills, cameras, deliveries, theft; show what comes of it."""
    loaded = load(context, broker)
    settings = loaded.settings
    from restockd import stack as stacks
    from restockd.budget_file import read_budgets, send_budgets
    from restockd.chain_driver import ChainDriver
    from restockd.settings import AT_ONCE
    from simulators.chain import Chain

    money = read_budgets(budgets) if budgets else []
    if money and "releases.at" not in loaded.origins:
        at_once = settings.releases.model_copy(update={"at": AT_ONCE})  # nobody waits a day for a demo
        settings = settings.model_copy(update={"releases": at_once})
    days = 7 * history_weeks
    if days:
        settings = stored_sooner(settings, loaded.origins)
    chain = Chain(_simulated(seed, days))
    with (
        stacks.running(settings, 1, _say) as stack,
        ChainDriver(chain, stack.broker, stack.cluster, speed, days) as driver,
    ):
        send_budgets(stack.broker, stack.cluster, money)
        result = run(stack, driver, seconds, quiet=as_json)
    if as_json:
        write_json(result)
    else:
        _conclude(result)
    if result["errors"]:
        raise typer.Exit(1)


def stored_sooner(settings: "Settings", origins: Mapping[str, str]) -> "Settings":
    """With checkpoints as often as a history wants them, unless somebody said how often."""
    if "worker.checkpoint_seconds" in origins:
        return settings
    worker = settings.worker.model_copy(update={"checkpoint_seconds": HISTORY_CHECKPOINT_SECONDS})
    return settings.model_copy(update={"worker": worker})


def _simulated(seed: int, history_days: int) -> "ChainSettings":
    """With a history a smaller chain, whose papers and tills name no tags: tracing every one takes minutes to fold."""
    from simulators.chain import preset

    whole = preset("demo", seed=seed)
    if not history_days:
        return whole
    return replace(
        whole,
        stores=SMALL_STORES,
        styles=SMALL_STYLES,
        epcs_on_papers=False,
        epc_at_till_share=0.0,
        devices_after_days=history_days,
    )


def run(stack: "Stack", driver: "ChainDriver", seconds: float, *, quiet: bool) -> dict[str, Any]:
    """Play the past, let the stores live, wait until everything is archived, and count what they lived."""
    from restockd.demo_figures import figures
    from restockd.draining import drain, undecided

    errors: list[str] = []
    try:
        _open(stack, driver, quiet=quiet)
        _live(stack, driver, seconds, quiet=quiet)
    except KeyboardInterrupt:
        _say("stopping")
    except Exception as error:
        errors.append(str(error))
    lived = driver.lived_seconds
    try:
        driver.finish()
        _say(f"waiting until everything is archived; {amount(undecided(stack), 'message')} not decided about yet")
        drain(stack, DRAIN_SECONDS, lambda _: None)
    except Exception as error:
        errors.append(str(error))
    return figures(stack, driver, lived, errors)


def _open(stack: "Stack", driver: "ChainDriver", *, quiet: bool) -> None:
    from restockd.draining import drain, until_decided

    _say("the stores open: reference data and opening stock")
    began = time.monotonic()
    driver.start()
    days = driver.history_days
    told = 0.0

    def passed(day: int) -> None:
        nonlocal told
        now = time.monotonic()
        if not quiet and (day == days or now - told >= PROGRESS_SECONDS):
            told = now
            heard = f"{amount(len(driver.reorders), 'order')} and {amount(len(driver.transfers), 'transfer')}"
            _say(f"history: day {day} of {days}, {heard}, {now - began:.0f} s")

    if days:
        driver.pass_days(lambda: until_decided(stack, DRAIN_SECONDS), passed)
        drain(stack, DRAIN_SECONDS, lambda _: None)
        driver.live()
        _say(f"the history is folded and archived after {time.monotonic() - began:.0f} s; now the stores live on")


def _live(stack: "Stack", driver: "ChainDriver", seconds: float, *, quiet: bool) -> None:
    from restockd.live_view import LiveView

    view = LiveView(stack, driver, quiet=quiet or not sys.stdout.isatty())
    end = time.monotonic() + seconds if seconds else float("inf")
    shown = 0.0
    with view:
        while time.monotonic() < end:
            driver.step()
            stack.check()
            if time.monotonic() - shown >= REFRESH_SECONDS:
                shown = time.monotonic()
                view.refresh()


def _conclude(result: dict[str, Any]) -> None:
    latency = result["latency_ms"]
    typer.echo(
        f"\n{amount(sum(result['events_in'].values()), 'event')} in, {result['events_per_second']:.0f}/s; "
        f"{amount(result['reorders'], 'reorder')}, {amount(result['transfers'], 'transfer')}, "
        f"{amount(result['alerts'], 'alert')}, {amount(result['dead_letters'], 'dead letter')}"
    )
    typer.echo(f"open now: {', '.join(amount(number, what[:-1]) for what, number in result['open'].items())}")
    if latency["p50"] is not None:
        typer.echo(f"reading to order: {latency['p50']:.0f} ms median, {latency['p99']:.0f} ms at 99 %")
    typer.echo('\nLook around: restockd stock | restockd orders | restockd sql "SELECT * FROM open_alerts LIMIT 5"')
    for error in result["errors"]:
        typer.echo(f"error: {error}", err=True)


def _say(text: str) -> None:
    typer.echo(text, err=True)
