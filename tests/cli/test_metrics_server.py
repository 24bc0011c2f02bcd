"""Where a worker serves its metrics when the port is taken."""

import socket
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
import structlog

from restockd.metrics_server import serve_metrics
from restockd.settings import Worker
from schemas.errors import InvalidSettings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _usual(monkeypatch: pytest.MonkeyPatch, port: int) -> Worker:
    """Settings in which nobody named a port, of which the usual one is this."""
    worker = Worker()
    monkeypatch.setitem(worker.__dict__, "metrics_port", port)
    return worker


def test_the_next_worker_takes_a_free_port_and_says_so(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    with structlog.testing.capture_logs() as logged:
        port = serve_metrics(_usual(monkeypatch, taken))
    assert port not in (0, taken)
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"python_info" in answer.read()
    (line,) = logged
    assert line["address"] == f"127.0.0.1:{port}"
    assert f"worker.metrics_port {taken}" in line["because"]


def test_a_port_that_was_asked_for_and_is_taken_is_refused_in_one_line(taken: int) -> None:
    with pytest.raises(InvalidSettings, match=rf"worker\.metrics_port {taken}.*address already in use") as refused:
        serve_metrics(Worker(metrics_port=taken))
    assert "RESTOCKD_WORKER__METRICS_PORT to another port, or to 0" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_host_that_is_none_of_ours_is_refused_whatever_the_port() -> None:
    with pytest.raises(InvalidSettings, match=r"worker\.metrics_host '192\.0\.2\.1'"):
        serve_metrics(Worker(metrics_host="192.0.2.1"))


def test_a_free_port_is_taken_without_a_word() -> None:
    with structlog.testing.capture_logs() as logged:
        assert serve_metrics(Worker(metrics_port=0)) > 0
    assert logged == []
