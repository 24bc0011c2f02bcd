"""A Tryton server of the test's own, and a buyer who works in it as people do: over the network, with a password."""

import asyncio
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock

from sinks.erp.tryton.session import TrytonSession, TrytonSettings

HERE = Path(__file__).parent
DATABASE = "erp"
MODULES = ("purchase_requisition",)
USER, PASSWORD = "restockd", "connector-pass-1"
BUYER, BUYER_PASSWORD = "buyer", "buyer-pass-2"
START_SECONDS = 60.0


def prepared(folder: Path) -> Path:
    """A database with everything in it, made once and kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        ready = folder / "ready.sqlite"
        if not ready.exists():
            _make(folder)
            made = folder / f"{DATABASE}.sqlite"
            with closing(sqlite3.connect(made)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            made.rename(ready)
    return ready


class TrytonServer:
    """``trytond`` on a free port of this machine, on a copy of the prepared database."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(template, folder / f"{DATABASE}.sqlite")
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def settings(self, user: str = USER, password: str = PASSWORD) -> TrytonSettings:
        return TrytonSettings(self.address, DATABASE, user, password)

    def start(self) -> None:
        """Start it (again) and wait until it answers."""
        configuration = _configuration(self._folder, self._port)
        log = (self._folder / "trytond.log").open("ab")
        self._process = subprocess.Popen(
            [*_tool("trytond"), "-c", str(configuration), "-d", DATABASE], stdout=log, stderr=log
        )
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "trytond.log").read_text()[-2000:])
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def repeat_row(self, table: str, number: int) -> None:
        """Another row like this one in its database, which no user may make."""
        with closing(sqlite3.connect(self._folder / f"{DATABASE}.sqlite")) as database, database:
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
            columns = ", ".join(f'"{name}"' for name in names)
            database.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE id = ?", [number])

    def _answers(self) -> bool:
        call = {"id": 1, "method": "common.server.version", "params": []}
        try:
            return httpx.post(f"{self.address}/rpc/", json=call, timeout=2.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False


class Buyer:
    """Turns requests into purchases, confirms them and takes goods in."""

    def __init__(self, server: TrytonServer) -> None:
        self.session = TrytonSession(server.settings(BUYER, BUYER_PASSWORD))

    async def requests(self) -> list[dict[str, Any]]:
        fields = ["state", "quantity", "product.code", "warehouse.code", "party.code", "description", "purchase"]
        return await self.session.search("purchase.request", [], fields)

    async def buy(self, *requests: int, price: str = "8") -> int:
        """One purchase of these requests of one supplier, confirmed."""
        await self._wizard("purchase.request.create_purchase", "purchase.request", list(requests))
        found = await self.session.search("purchase.request", [["id", "=", requests[0]]], ["purchase"])
        purchase = int(found[0]["purchase"])
        lines = await self.session.search("purchase.line", [["purchase", "=", purchase]], ["id"])
        await self.session.call(
            "model.purchase.line.write", [row["id"] for row in lines], {"unit_price": Decimal(price)}
        )
        for button in ("quote", "confirm"):
            await self.session.press("purchase.purchase", button, purchase)
        return purchase

    async def cancel(self, request: int) -> None:
        """A purchase of the request that comes to nothing, and the request with it."""
        await self._wizard("purchase.request.create_purchase", "purchase.request", [request])
        found = await self.session.search("purchase.request", [["id", "=", request]], ["purchase"])
        await self.session.press("purchase.purchase", "cancel", int(found[0]["purchase"]))
        await self._wizard(
            "purchase.request.handle.purchase.cancellation", "purchase.request", [request], "cancel_request"
        )

    async def receive_next(self, purchase: int) -> None:
        """A delivery of everything of the purchase's first line that is still to come."""
        await self.receive(purchase, None)

    async def receive(self, purchase: int, quantity: float | None) -> None:
        """A delivery of ``quantity`` units (None: all) of the purchase's first line that is still to come."""
        lines = await self.session.search("purchase.line", [["purchase", "=", purchase]], ["moves"])
        moves = [["id", "in", [move for line in lines for move in line["moves"]]], ["state", "=", "draft"]]
        move = (await self.session.search("stock.move", moves, ["quantity"]))[0]["id"]
        if quantity is not None:
            await self.session.call("model.stock.move.write", [move], {"quantity": quantity})
        fields = ["party", "warehouse", "warehouse.input_location", "warehouse.storage_location"]
        about = (await self.session.search("purchase.purchase", [["id", "=", purchase]], fields))[0]
        shipment = {
            "supplier": about["party"],
            "warehouse": about["warehouse"],
            "warehouse_input": about["warehouse."]["input_location"],
            "warehouse_storage": about["warehouse."]["storage_location"],
            "company": self.session.context["company"],
            "incoming_moves": [["add", [move]]],
        }
        (made,) = await self.session.call("model.stock.shipment.in.create", [shipment])
        for button in ("receive", "do"):
            await self.session.press("stock.shipment.in", button, made)

    async def close(self) -> None:
        await self.session.close()

    async def _wizard(self, name: str, model: str, records: list[int], *states: str) -> None:
        number, start, end = await self.session.call(f"wizard.{name}.create")
        about = {"active_model": model, "active_ids": records, "active_id": records[0]}
        session = self.session
        before, session.context = session.context, session.context | about
        try:
            for state in (start, *states):
                await session.call(f"wizard.{name}.execute", number, {}, state)
            await session.call(f"wizard.{name}.delete", number)
        finally:
            session.context = before
        assert end


def _make(folder: Path) -> None:
    (folder / f"{DATABASE}.sqlite").write_bytes(b"")
    (folder / "password").write_text("administrator-pass-3")
    configuration = str(_configuration(folder, 0))
    made = [*_tool("trytond-admin"), "-c", configuration, "-d", DATABASE, "-u", *MODULES, "--activate-dependencies"]
    environment = os.environ | {"TRYTONPASSFILE": str(folder / "password")}
    for command in (
        [*made, "--email", "admin@example.com"],
        [sys.executable, HERE / "setup.py", configuration, DATABASE],
    ):
        subprocess.run(command, check=True, capture_output=True, env=environment)


def _configuration(folder: Path, port: int) -> Path:
    path = folder / "trytond.conf"
    path.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    return path


def _tool(name: str) -> list[str]:
    return [str(Path(sys.executable).with_name(name))]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def eventually(check: Any, seconds: float = 20.0) -> Any:
    """What ``check`` returns once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := await check()):
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.1)
    return found
