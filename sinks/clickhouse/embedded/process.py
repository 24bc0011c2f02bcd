"""Starting and stopping the embedded engine's own process."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from schemas.errors import Unavailable
from sinks.clickhouse.settings import ClickHouseSettings

ACCESS_VARIABLE = "RESTOCKD_CLICKHOUSE_PASSWORD"
_POLL_SECONDS = 0.02
_STOP_SECONDS = 20.0


def _silent(_: str) -> None:
    """Say nothing."""


class EmbeddedClickHouse:
    """ClickHouse in a process of its own, on a free port of the loopback address.

    The folder's data stays when the process ends. The process ends with this one,
    however this one ends. ``say`` is told what takes long.
    """

    def __init__(
        self,
        path: Path,
        *,
        port: int = 0,
        database: str = "restockd",
        password: str = "",
        start_seconds: float = 60.0,
        say: Callable[[str], None] = _silent,
    ) -> None:
        self.path = path
        self._wanted_port = port
        self._database = database
        self._password = password
        self._start_seconds = start_seconds
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def start(self) -> ClickHouseSettings:
        """Start and wait until it answers; ``Unavailable`` with its own words if it does not."""
        self._say(f"loading the embedded ClickHouse engine for {self.path} (a few seconds)")
        with tempfile.TemporaryDirectory(prefix="restockd-") as folder:
            port_file, errors = Path(folder) / "port", Path(folder) / "errors"
            with errors.open("wb") as sink:
                self._process = subprocess.Popen(
                    self._command(port_file),
                    env=environment(self._password),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=sink,
                    start_new_session=True,  # Ctrl-C in a terminal is for this process, whose last calls it answers
                )
            self._port = self._wait(port_file, errors)
        return self.settings

    @property
    def settings(self) -> ClickHouseSettings:
        """Where it serves; valid after ``start``."""
        return ClickHouseSettings(port=self._port, password=self._password, database=self._database)

    @property
    def pid(self) -> int:
        """The process to watch; 0 when there is none."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End it in order; it is killed if it does not end. Data is on disk either way."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End it at once, as a crash would; for fault tests."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self, port_file: Path) -> list[str]:
        return [*command(self.path, self._wanted_port, port_file), "--with-parent"]

    def _wait(self, port_file: Path, errors: Path) -> int:
        deadline = time.monotonic() + self._start_seconds
        while not port_file.exists():
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                component = f"embedded ClickHouse in {self.path}"
                problem = last_words(errors).removeprefix(f"{component}: ")  # it says what it is itself
                raise Unavailable(component, problem or ("it ended at once" if ended else "it took too long to start"))
            time.sleep(_POLL_SECONDS)
        return int(port_file.read_text())


def command(path: Path, port: int, port_file: Path) -> list[str]:
    """What serves a folder on the loopback address, and writes its port to a file once it does."""
    module = [sys.executable, "-m", "sinks.clickhouse.embedded"]
    return [*module, "--path", str(path), "--port", str(port), "--port-file", str(port_file)]


def environment(password: str) -> Mapping[str, str]:
    """Ours, plus where our packages are: in a wheel they are not on a new process's path."""
    root = str(Path(str(files("sinks"))).parent)
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([root, inherited] if inherited else [root])
    return {**os.environ, "PYTHONPATH": path, ACCESS_VARIABLE: password}


def last_words(errors: Path) -> str:
    """What it said last, without the name that every complaint begins with."""
    lines = errors.read_text(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("restockd: ").rstrip(".") if lines else ""
