"""The live picture of a demo in a terminal: what comes in, what is decided, how fast."""

import time
from types import TracebackType
from typing import Any, Self

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from restockd.chain_driver import ChainDriver
from restockd.demo_figures import latency, said
from restockd.stack import Stack
from schemas.errors import RestockdError
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
            heard = f"{len(self._driver.reorders)} reorders, {len(self._driver.transfers)} transfers"
            typer.echo(f"{now - self._began:4.0f} s: {sum(self._driver.sent.values())} events sent, {heard}", err=True)

    def _picture(self) -> Group:
        database = self._stack.database
        return Group(
            self._summary(),
            _rows("newest reorders", queries.newest_orders(database), _ORDER),
            _rows("open alerts", queries.alerts(database, limit=5), _ALERT),
        )

    def _summary(self) -> Panel:
        table = Table.grid(padding=(0, 2))
        for topic, label in KINDS.items():
            table.add_row(label, f"{self._driver.sent[topic]:>9,}")
        for what, number in said(self._stack, self._driver).items():
            table.add_row(what.replace("_", " "), f"{number:>9,}")
        at = latency(self._stack, self._driver.lived_from)
        if at["p50"] is not None:
            table.add_row("reading to order", f"{at['p50']:.0f} ms median, {at['p99']:.0f} ms at 99 %")
        rate = sum(self._driver.sent.values()) / max(time.monotonic() - self._began, 0.1)
        when = f"{self._driver.simulated_time:%a %d %b %H:%M}"
        return Panel(table, title=f"restockd: {when} in the stores, {rate:,.0f} events/s", title_align="left")


_ORDER = {"status": "status", "location": "location", "sku": "SKU", "quantity": "units", "reason": "why"}
_ALERT = {"severity": "severity", "kind": "kind", "location": "location", "sku": "SKU", "summary": "what"}


def _rows(title: str, rows: list[Row], columns: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    cells = [[_text(row[name]) for name in columns] for row in rows]
    *whole, last = columns.values()
    for at, label in enumerate(whole):
        table.add_column(label, no_wrap=True, min_width=max(len(label), *(len(row[at]) for row in cells), 0))
    table.add_column(last, no_wrap=True)  # the one that is cut where the terminal is narrow
    for row in cells:
        table.add_row(*row)
    return table


def _text(value: Any) -> str:
    return "" if value is None else str(value)
