"""The embedded engine's process: how it starts, ends, refuses and remembers."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.errors import InvalidSettings, Unavailable
from sinks.clickhouse import queries
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded import EmbeddedClickHouse
from sinks.clickhouse.embedded.compression import TooLarge, packed, unpacked
from tests.sinks.conftest import batch, movement
from tests.sinks.test_embedded_http import PACK

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "sinks.clickhouse.embedded"]


def test_what_was_written_survives_an_orderly_end_and_a_kill(folder: Path) -> None:
    engine, said = EmbeddedClickHouse(folder), list[str]()
    for number, end in enumerate((engine.stop, engine.kill, engine.stop), start=1):
        archive = Archive(engine.start())
        archive.open()
        archive.write_many([batch([movement(number)], first=number)])
        end()
    with EmbeddedClickHouse(folder, say=said.append) as again:
        assert queries.net_units_total(Database(again.settings)) == 3
    assert said == [f"loading the embedded ClickHouse engine for {folder} (a few seconds)"]


def test_a_folder_has_one_owner_and_the_other_is_told_who(folder: Path) -> None:
    with EmbeddedClickHouse(folder) as owner:
        who = f"process {owner.pid} already owns this folder. Use the address that process serves"
        expected = f"^embedded ClickHouse in {folder}: {who}"
        with pytest.raises(Unavailable, match=expected):
            EmbeddedClickHouse(folder).start()
        assert Database(replace(owner.settings, database="default")).rows("SELECT 1 AS one") == [{"one": 1}]


def test_the_password_opens_and_nothing_else_does(folder: Path) -> None:
    with EmbeddedClickHouse(folder, password="open sésame") as engine:
        assert "sésame" not in repr(engine.settings)
        asked = replace(engine.settings, database="default")
        assert Database(asked).rows("SELECT 1 AS one") == [{"one": 1}]
        for wrong in (replace(asked, password="Open"), replace(asked, password=""), replace(asked, username="admin")):
            with pytest.raises(InvalidSettings, match=f"refuses user '{wrong.username}'") as refusal:
                Database(wrong).rows("SELECT 1")
            assert "sésame" not in str(refusal.value)
        key = "open sésame".encode().decode("latin-1")
        question = "/?query=SELECT+1"
        assert status(asked.port, question, {"X-ClickHouse-User": "default", "X-ClickHouse-Key": key}) == 200
        assert status(asked.port, question + "&password=open+s%C3%A9same") == 200
        assert status(asked.port, question, {"X-ClickHouse-Key": "no"}) == 403
        assert status(asked.port, question, {"Authorization": "Basic nonsense"}) == 403
        assert status(asked.port, question) == 403
        assert status(asked.port, "/ping") == 200


def status(port: int, address: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> int:
    """The status of one plain HTTP request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET" if body is None else "POST", address, body, dict(headers or {}))
    code = connection.getresponse().status
    connection.close()
    return code


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    starter = (
        "import os, sys, pathlib; from sinks.clickhouse.embedded import EmbeddedClickHouse\n"
        "engine = EmbeddedClickHouse(pathlib.Path(sys.argv[1])); engine.start()\n"
        "print(engine.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", starter, str(folder)], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert ended.returncode == -signal.SIGKILL
    _wait_until_gone(int(ended.stdout))


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if " Z" in Path(f"/proc/{pid}/stat").read_text():
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} outlived its parent")


@contextmanager
def by_hand(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a person starts it; ended in any case."""
    command = [*COMMAND, "--path", str(folder), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_by_hand_it_says_what_it_does_and_ends_on_sigterm(folder: Path) -> None:
    port_file = folder.parent / "port"
    with by_hand(folder, "--port-file", str(port_file)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"loading the ClickHouse engine for {folder} (a few seconds)\n"
        assert process.stdout.readline() == f"ready on http://127.0.0.1:{port_file.read_text()}\n"
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert not port_file.exists()


def test_a_signal_while_it_loads_ends_it_too(folder: Path) -> None:
    with by_hand(folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        said, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in said + errors


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 is not a loopback address: anybody could read and write"),
        (["--host", "::"], ":: is not a loopback address"),
        (["--host", "0.0.0.0", "--allow-remote"], "--allow-remote needs a password in RESTOCKD_CLICKHOUSE_PASSWORD"),
        (["--host", "localhost"], "--host must be an IP address, not 'localhost'"),
    ],
)
def test_it_does_not_open_to_the_network_by_accident(folder: Path, options: list[str], complaint: str) -> None:
    command = [*COMMAND, "--path", str(folder), "--port", "0", *options]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert ended.returncode == 1
    assert complaint in ended.stderr
    assert not folder.exists()


def test_a_taken_port_is_named(folder: Path, engine: object) -> None:
    with EmbeddedClickHouse(folder) as owner:
        other = EmbeddedClickHouse(folder.parent / "other", port=owner.settings.port)
        with pytest.raises(Unavailable, match=f"cannot listen on 127.0.0.1:{owner.settings.port}"):
            other.start()


def test_a_request_larger_than_agreed_is_refused(folder: Path) -> None:
    insert = b"INSERT INTO t FORMAT LineAsString\n"
    with by_hand(folder, "--max-request-mib", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        port = int(process.stdout.readline().rpartition(":")[2])
        statuses = [
            status(port, "/", body=b"CREATE TABLE t (a String) ENGINE = Memory"),
            status(port, "/", body=insert.ljust(1 << 20, b"x")),
            status(port, "/", body=insert.ljust((1 << 20) + 1, b"x")),
        ]
    assert statuses == [200, 200, 413]


@pytest.mark.parametrize("encoding", PACK)
def test_a_small_body_may_not_unpack_without_bound(encoding: str) -> None:
    bomb = PACK[encoding](b"\x00" * 3_000_000)
    assert len(unpacked(bomb, encoding, 3_000_000)) == 3_000_000
    with pytest.raises(TooLarge):
        unpacked(bomb, encoding, 2_999_999)


def test_small_answers_are_not_packed() -> None:
    assert packed(b"short", "gzip, lz4") == (b"short", "")
    assert packed(b"x" * 5_000, "gzip;q=1.0, lz4")[1] == "lz4"
    assert packed(b"x" * 5_000, "unknown")[1] == ""
