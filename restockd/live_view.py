"""The live picture of a demo in a terminal: what comes in, what is decided, how fast."""

import time
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from restockd.chain_driver import ChainDriver
from restockd.demo_figures import latency, said, standing
from restockd.output import table_lines
from restockd.stack import Stack
from schemas.errors import RestockdError
from schemas.wording import amount
from sinks.clickhouse import queries
from sinks.clickhouse.client import Row

KINDS = {
    "readings.rfid": "RFID messages",
    "readings.pos": "till baskets",
    "readings.cameras": "camera looks",
    "readings.erp": "ERP movements",
    "readings.signals": "signals",
    "orders.acks": "ERP answers",
}


class LiveView:
    """Redraws itself in place on a terminal; says one line every ten seconds elsewhere."""

    def __init__(self, stack: Stack, driver: ChainDriver, *, quiet: bool) -> None:
        self._stack = stack
        self._driver = driver
        self._quiet = quiet
        self._live = None if quiet else Live(auto_refresh=False, transient=False)
        self._began = time.monotonic()
        self._said = self._began

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def refresh(self) -> None:
        """Show what is the case now."""
        if self._live is None:
            self._say()
            return
        try:
            self._live.update(self._picture(), refresh=True)
        except RestockdError as error:
            self._live.update(Panel(str(error), title="waiting"), refresh=True)

    def _say(self) -> None:
        import typer

        now = time.monotonic()
        if now - self._said >= 10.0:
            self._said = now
            sent = amount(sum(self._driver.sent.values()), "event")
            typer.echo(f"{now - self._began:4.0f} s: {sent} sent, {self._new()}", err=True)

    def _new(self) -> str:
        """What came of it, as the end of the run counts it."""
        try:
            new = said(self._stack, self._driver)
        except RestockdError as error:
            return str(error)
        return f"{amount(new['reorders'], 'reorder')}, {amount(new['transfers'], 'transfer')}"

    def _picture(self) -> Group:
        database = self._stack.database
        width = self._live.console.width if self._live else 0
        return frame(
            self._summary(),
            rows_shown("newest reorders", queries.newest_orders(database), _ORDER, width, ("location",)),
            rows_shown("open alerts", queries.alerts(database, limit=5), ALERT, width, SPARE),
        )

    def _summary(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        for topic, label in KINDS.items():
            table.add_row(label, f"{self._driver.sent[topic]:>9,}")
        for what, number in said(self._stack, self._driver).items():
            table.add_row(what.replace("_", " "), f"{number:>9,}")
        for what, number in standing(self._stack).items():
            table.add_row(f"open {what}", f"{number:>9,}")
        at = latency(self._stack, self._driver.lived_from)
        if at["p50"] is not None:
            table.add_row("reading to order", f"{at['p50']:.0f} ms median, {at['p99']:.0f} ms at 99 %")
        rate = sum(self._driver.sent.values()) / max(time.monotonic() - self._began, 0.1)
        when = f"{self._driver.simulated_time:%a %d %b %H:%M}"
        return Panel(table, title=f"restockd: {when} in the stores, {rate:,.0f} events/s", title_align="left")


_ORDER = {"status": "status", "location": "location", "sku": "SKU", "quantity": "units", "decided_because": "why"}
ALERT = {
    "severity": "severity",
    "kind": "kind",
    "location": "location",
    "sku": "SKU",
    "starts_at": "since",
    "summary": "what",
}

SPARE = ("SKU", "location", "severity", "kind")
"""Of alerts, what goes first where there is no room: all of it but the kind and since when is in the text too."""


def frame(*parts: RenderableType) -> Group:
    """The parts and an empty line: ``^C`` echoed behind a full line would go to the next, and the frame with it."""
    return Group(*parts, "")


def rows_shown(title: str, rows: list[Row], columns: dict[str, str], width: int, spare: Sequence[str] = ()) -> Text:
    """A table no wider than the terminal: ``spare`` columns go, then the last one is cut; without rows it says so."""
    shown = Text(f"{title}\n", style="italic", no_wrap=True, overflow="crop")
    if not rows:
        return shown.append("none yet", "not italic dim")
    *_, text = columns.values()
    named = [{label: _short(row[name]) for name, label in columns.items()} for row in rows]
    heading, *lines = table_lines(named, tuple(columns.values()), width, spare, text)
    shown.append(heading, "not italic bold")
    for line in lines:
        shown.append(f"\n{line}", "not italic")
    return shown


def _short(value: Any) -> Any:
    """The year of what holds now goes without saying."""
    return f"{value:%d %b %H:%M}" if isinstance(value, datetime) else value
