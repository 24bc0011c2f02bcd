"""``restockd console`` as a process, and its settings."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from restockd.cli import EXIT_BAD_SETTINGS, EXIT_FAILED
from restockd.configuration import load
from restockd.settings import MINIMUM_TOKEN_LENGTH, Console
from schemas.errors import InvalidSettings

TOKEN = "t" * MINIMUM_TOKEN_LENGTH


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("RESTOCKD_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESTOCKD_WORKER__DATA_DIR", str(tmp_path / "data"))


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "restockd", "console", *arguments]


def _refused(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(_command(*arguments), capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.fixture
def served() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A console on a free port where nothing was archived yet."""
    process = subprocess.Popen(_command("--port", "0"), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline())
    assert found is not None
    yield found.group(), process
    process.kill()
    process.communicate()


def test_it_serves_before_there_is_anything_and_ends_on_ctrl_c(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = served
    page = httpx.get(address, timeout=30)
    assert page.status_code == 503
    assert "nobody runs it" in page.text
    assert "restockd demo" in page.text
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert "Traceback" not in rest


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_other_machines_are_not_let_in_without_a_token(host: str) -> None:
    code, said = _refused("--host", host)
    assert code == EXIT_BAD_SETTINGS
    assert "RESTOCKD_CONSOLE__TOKEN" in said
    assert "Traceback" not in said


def test_a_port_in_use_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = _refused("--port", str(taken.getsockname()[1]))
    assert code == EXIT_FAILED
    assert "address already in use" in said
    assert "Try another --port." in said


def test_a_short_token_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTOCKD_CONSOLE__TOKEN", "tooshort")
    with pytest.raises(InvalidSettings, match="shorter than 16 characters") as refused:
        load()
    assert "tooshort" not in str(refused.value)


def test_a_token_of_the_wrong_kind_is_refused_without_being_shown(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[console]\ntoken = 1234567890123456\n")
    with pytest.raises(InvalidSettings, match=r"console\.token") as refused:
        load(file)
    assert "1234567890" not in str(refused.value)


def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    console = Console.model_validate({"token_file": file})
    assert console.token is not None
    assert console.token.get_secret_value() == TOKEN
    assert console.token_file is None, "a process we start would be given both, which is refused"
