"""The demo as people run it: in a terminal, ended by Ctrl-C, by a closed window or by force."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from restockd.own_process import OwnProcess
from tests.cli.conftest import ROOT

SECONDS = 120.0
CTRL_C = b"\x03"

pytestmark = pytest.mark.slow


class Terminal:
    """A command with a pseudo-terminal of its own, 80 columns wide, as its controlling one."""

    def __init__(self, place: Path, *arguments: str) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "restockd", *arguments],
            cwd=place,
            env={**environment, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here yet
        )
        os.close(slave)
        os.set_blocking(self._master, False)
        self.shown = ""

    def read(self) -> None:
        """Take what has been shown by now."""
        try:
            self.shown += os.read(self._master, 1 << 16).decode(errors="replace")
        except (BlockingIOError, OSError):  # nothing new; or nobody has the other end open any more
            time.sleep(0.05)

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while words not in self.shown:
            assert self.process.poll() is None, self.shown
            assert time.monotonic() < deadline, self.shown
            self.read()

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def end(self) -> int:
        """Wait for the end of the command; its exit code."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self.read()
        self.read()
        return self.process.returncode

    def close(self) -> None:
        """Hang up, as a closed window does."""
        if self._master >= 0:
            os.close(self._master)
        self._master = -1

    def clear(self) -> None:
        self.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def demo(place: Path) -> Iterator[Terminal]:
    """A demo that has begun to live and goes on until it is ended."""
    terminal = Terminal(place, "demo", "--history-weeks", "0", "--seconds", "0")
    try:
        terminal.wait_for("at or below reorder point")
        yield terminal
    finally:
        terminal.clear()


def test_a_replay_asks_before_it_empties_the_archive(place: Path) -> None:
    kept = place / "share" / "restockd" / "clickhouse"
    (kept / "data").mkdir(parents=True)
    sales = place / "sales.csv"
    sales.write_text("Date,Time,Transaction,Item\n2016-10-30,10:05:34,2,Scone\n")
    terminal = Terminal(place, "replay", "--source", "bakery", str(sales))
    try:
        terminal.wait_for("Go on? [y/N]")
        assert str(kept) in terminal.shown.replace("\r\n", "")
        terminal.press(b"\r")
        assert terminal.end() == 1
    finally:
        terminal.clear()
    assert "starting" not in terminal.shown
    assert [file.name for file in kept.iterdir()] == ["data"]


def children(parent: int) -> list[OwnProcess]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [OwnProcess.of(int(pid)) for pid in found]


def assert_all_end(processes: list[OwnProcess]) -> None:
    assert len(processes) == 2  # the worker and the ClickHouse engine
    deadline = time.monotonic() + 60
    while any(process.alive() for process in processes):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_ctrl_c_ends_the_demo_in_order(demo: Terminal) -> None:
    """A terminal interrupts every process of its foreground group: the worker and the engine must outlive the parent's
    last questions."""
    started = children(demo.process.pid)
    demo.press(CTRL_C)
    assert demo.end() == 0, demo.shown
    ending = demo.shown.partition("stopping")[2]
    assert "events in" in ending
    assert "reading to order" in ending
    assert "error" not in ending
    assert "refused" not in ending
    assert_all_end(started)


@pytest.mark.parametrize("ended_by", ["hang-up", "kill -9"])
def test_nothing_outlives_the_demo(demo: Terminal, ended_by: str) -> None:
    started = children(demo.process.pid)
    if ended_by == "hang-up":
        demo.close()
    else:
        demo.process.send_signal(signal.SIGKILL)
    assert_all_end(started)
