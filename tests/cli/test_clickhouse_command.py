"""The embedded engine as a server: it outlives the command, keeps its data and its port to this machine."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from restockd.local_clickhouse import LocalClickHouse
from schemas.errors import Unavailable
from sinks.clickhouse.client import Database
from sinks.clickhouse.settings import ClickHouseSettings
from tests.cli.conftest import Run


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalClickHouse]:
    """An engine of the test's own, not yet started."""
    local = LocalClickHouse(tmp_path / "clickhouse", password="a word of ours")
    yield local
    local.stop()


def test_status_of_one_that_was_never_started(restockd: Run) -> None:
    outcome = restockd("clickhouse", "status", "--json")
    assert (outcome.code, outcome.json) == (1, {"running": False, "answers": False, "address": None})
    assert "restockd clickhouse start" in restockd("clickhouse", "status").out


def test_start_status_and_stop(restockd: Run, place: Path) -> None:
    try:
        started = restockd("clickhouse", "start", "--port", "0", "--json")
        assert started.code == 0, started.err
        assert started.json["started"]
        again = restockd("clickhouse", "start", "--json")
        assert (again.json["started"], again.json["address"]) == (False, started.json["address"])
        status = restockd("clickhouse", "status", "--json")
        assert (status.code, status.json["address"]) == (0, started.json["address"])
    finally:
        assert restockd("clickhouse", "stop", "--json").json["stopped"]
    assert restockd("clickhouse", "status").code == 1
    assert (place / "share" / "restockd" / "clickhouse-server" / "clickhouse.log").exists()


def test_what_was_written_is_there_after_a_restart_and_nobody_reads_it_without_the_password(
    engine: LocalClickHouse,
) -> None:
    engine.start()
    assert engine.answers()
    port = int(engine.address.rpartition(":")[2])
    known = Database(ClickHouseSettings(port=port, password="a word of ours"))
    known.create()
    known.execute("CREATE TABLE restockd.kept (n UInt8) ENGINE = MergeTree ORDER BY n")
    known.execute("INSERT INTO restockd.kept VALUES (7)")
    with pytest.raises(Exception, match="password"):
        Database(ClickHouseSettings(port=port)).rows("SELECT 1")
    known.close()
    assert engine.stop()
    assert not engine.answers()
    engine.start()
    port = int(engine.address.rpartition(":")[2])
    again = Database(ClickHouseSettings(port=port, password="a word of ours"))
    assert again.rows("SELECT n FROM restockd.kept") == [{"n": 7}]
    again.close()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"cannot listen on 127.0.0.1:{port}"):
            LocalClickHouse(tmp_path / "clickhouse", port).start()


def test_it_listens_on_this_machine_only(engine: LocalClickHouse) -> None:
    engine.start()
    port = int(engine.address.rpartition(":")[2])
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]
        if line.split()[3] == "0A" and int(line.split()[1].rpartition(":")[2], 16) == port
    ]
    assert listening == [f"0100007F:{port:04X}"]
