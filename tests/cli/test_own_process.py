import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from restockd.own_process import OwnProcess


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_process_is_found_again_by_its_file(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    OwnProcess.of(sleeper.pid).write(tmp_path / "pid")
    found = OwnProcess.read(tmp_path / "pid")
    assert found is not None
    assert found.pid == sleeper.pid
    found.end(5.0)
    assert not found.alive()
    assert OwnProcess.read(tmp_path / "pid") is None


def test_a_pid_used_again_by_another_process_is_not_ours(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(json.dumps({"pid": sleeper.pid, "started": "long ago"}))
    assert OwnProcess.read(tmp_path / "pid") is None
    OwnProcess(sleeper.pid, "long ago").kill()
    assert sleeper.poll() is None


@pytest.mark.parametrize("content", ["", "12", "{}", '{"pid": 1, "started": ""}', '{"pid": 1, "other": 2}'])
def test_a_damaged_file_names_no_process(content: str, tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(content)
    assert OwnProcess.read(tmp_path / "pid") is None
