"""The commands of docs/first-order.md, word for word, against a real Kafka and the embedded engine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from restockd.kafka_jars import missing_tool
from restockd.local_kafka import free_port
from tests.docs.blocks import ROOT, blocks

PAGE = ROOT / "docs/first-order.md"
TURN_SECONDS = 60.0


class Shell:
    """A terminal of its own: runs blocks of the page with ``restockd`` on the path, other ports than the page's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {"9092": str(free_port()), "8123": str(free_port())}
        (folder / "bin").mkdir()
        command = folder / "bin" / "restockd"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m restockd "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("RESTOCKD_")}
        path = f"{command.parent}{os.pathsep}{plain['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(folder / "share")}
        self._environment = {**plain, **own, "RESTOCKD_WORKER__METRICS_PORT": "0"}

    def words(self, block: str) -> str:
        """A block as it is run: its ports replaced, and named where the page goes by the default."""
        for given, own in self._ports.items():
            block = block.replace(f":{given}", f":{own}")
        block = block.replace("restockd kafka start", f"restockd kafka start --port {self._ports['9092']}")
        return block.replace("restockd clickhouse start", f"restockd clickhouse start --port {self._ports['8123']}")

    def start(self, *parts: str) -> subprocess.Popen[bytes]:
        """Begin a script that goes on."""
        return subprocess.Popen(
            ["bash", "-ec", "exec " + self.words(parts[-1])],
            cwd=self._folder,
            env=self._environment | self._exported(parts[0]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *parts: str) -> str:
        """Run a script to its end; what it said."""
        done = subprocess.run(
            ["bash", "-ec", self.words("\n".join(parts))],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _exported(self, line: str) -> dict[str, str]:
        words = self.words(line).removeprefix("export ").split()
        return dict(word.split("=", 1) for word in words)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    opened = Shell(tmp_path)
    yield opened
    opened.run("restockd kafka stop; restockd clickhouse stop")


@pytest.mark.kafka
@pytest.mark.skipif(missing_tool() is not None, reason="no real Kafka: java or mvn is not installed")
def test_the_page_ends_with_an_order(shell: Shell) -> None:
    begin, worker, *files, _ = blocks(PAGE, "sh")
    (export,) = [line for line in begin.splitlines() if line.startswith("export ")]
    shell.run(begin)
    running = shell.start(export, worker.strip())
    try:
        said = shell.run(export, *files)
        assert said.splitlines()[-1] == "12 lines sent, 0 refused"
        order = _first_order(shell, export)
        assert (order["location"], order["sku"], order["supplier"]) == ("ALPHA", "TEE-M", "acme")
        assert "ALPHA" in shell.run(export, "restockd stock")
        assert shell.run(export, f"restockd explain {order['order_id']}")
        shell.run(export, "restockd doctor")
    finally:
        running.terminate()
        assert running.wait(60) == 0


def _first_order(shell: Shell, export: str) -> dict[str, Any]:
    """What `restockd orders` shows once the archive has it."""
    deadline = time.monotonic() + TURN_SECONDS
    while not (found := json.loads(shell.run(export, "restockd orders --json"))):
        assert time.monotonic() < deadline, "no order came"
        time.sleep(0.5)
    (order,) = found
    return dict(order)
