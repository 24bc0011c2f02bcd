"""The embedded ClickHouse engine as a server of its own on this machine: for workers without a ClickHouse elsewhere.

It listens on 127.0.0.1 only and outlives the command that started it; its data stay when it stops.
"""

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from restockd.own_process import OwnProcess
from schemas.errors import Unavailable
from sinks.clickhouse.embedded import process

COMPONENT = "local ClickHouse"
HOST = "127.0.0.1"
START_SECONDS = 90.0

Say = Callable[[str], None]


class LocalClickHouse:
    """One engine, its data and its process, all in ``directory``.

    ``port`` 0 means any free port. With a ``password`` callers must give it.
    """

    def __init__(self, directory: Path, port: int = 0, password: str = "", say: Say = lambda _: None) -> None:
        self.directory = directory
        self._wanted_port = port
        self._password = password
        self._say = say

    @property
    def address(self) -> str:
        """``http://host:port``; raises ``Unavailable`` if it does not run."""
        if self.running() is None or not self._port_file.exists():
            raise Unavailable(COMPONENT, "is not running", "Start it: restockd clickhouse start")
        return f"http://{HOST}:{self._port_file.read_text(encoding='utf-8').strip()}"

    @property
    def log_file(self) -> Path:
        return self.directory / "clickhouse.log"

    def running(self) -> OwnProcess | None:
        """Its process, if it is alive."""
        return OwnProcess.read(self._pid_file)

    def start(self, seconds: float = START_SECONDS) -> str:
        """Start it unless it runs, wait until it answers, and say its address."""
        if self.running() is None:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._port_file.unlink(missing_ok=True)
            self._spawn()
        self._wait_until_it_serves(seconds)
        return self.address

    def stop(self, seconds: float = 20.0) -> bool:
        """Shut it down in order; False if it was not running."""
        found = self.running()
        if found is None:
            return False
        found.end(seconds)
        for file in (self._pid_file, self._port_file):
            file.unlink(missing_ok=True)
        return True

    def answers(self) -> bool:
        """Whether it runs and says so when asked."""
        try:
            return httpx.get(f"{self.address}/ping", timeout=5.0, trust_env=False).is_success
        except (Unavailable, httpx.HTTPError):
            return False

    @property
    def _pid_file(self) -> Path:
        return self.directory / "clickhouse.pid"

    @property
    def _port_file(self) -> Path:
        return self.directory / "port"

    def _spawn(self) -> None:
        self._say("loading the embedded ClickHouse engine (a few seconds)")
        self.log_file.write_text("", encoding="utf-8")
        command = process.command(self.directory / "data", self._wanted_port, self._port_file)
        OwnProcess.spawned(command, self.log_file, process.environment(self._password)).write(self._pid_file)

    def _wait_until_it_serves(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._port_file.exists():
            if self.running() is None:
                words = process.last_words(self.log_file) or "no message"
                raise Unavailable(COMPONENT, f"ended while starting: {words}", f"See {self.log_file}")
            if time.monotonic() > deadline:
                raise Unavailable(COMPONENT, f"did not serve within {seconds:.0f} s", f"See {self.log_file}")
            time.sleep(0.1)
