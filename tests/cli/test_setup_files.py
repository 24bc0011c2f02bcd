"""The Makefile, the locks and the CI script: one command each, nothing by hand, no host named."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_host_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_both_locks_pin_the_same_versions() -> None:
    runtime, everything = (_pinned(lock) for lock in LOCKS)
    assert runtime.items() <= everything.items()


def test_the_lock_has_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"]
    names = {re.split(r"[<>=!~\[; ]", dependency)[0] for dependency in asked}
    assert names <= set(_pinned("requirements.lock"))
    assert all(">=" in dependency for dependency in asked)


def _make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_explains_every_target() -> None:
    shown = _make("help").stdout
    assert all(f"make {target}" in shown for target in ("setup", "demo", "test", "lint", "format", "lock", "clean"))


def test_the_demo_needs_only_the_runtime_lock_and_the_tests_need_everything() -> None:
    demo, test = (_make("--dry-run", "--always-make", target).stdout for target in ("demo", "test"))
    assert "-r requirements.lock" in demo
    assert "requirements-dev.lock" not in demo
    assert "-r requirements-dev.lock" in test
    assert all("--require-hashes" in line for line in (demo + test).splitlines() if " -r requirements" in line)


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    place = tmp_path / "checkout"
    place.mkdir()
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        (place / name).write_bytes((ROOT / name).read_bytes())
    (place / "restockd").mkdir()
    (place / "restockd" / "__init__.py").write_text("")
    tools = {tool: _found(tool) for tool in ("sh", "make", "cat", "cksum", "tr", "rm")}
    for tool, path in tools.items():
        (tmp_path / tool).symlink_to(path)
    done = subprocess.run(
        [tools["make"], "setup"],
        cwd=place,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "restockd needs Python 3.11 or newer, but python3 is Python 3.9.2" in done.stderr


def _found(tool: str) -> str:
    import shutil

    return str(shutil.which(tool))


def test_ci_runs_the_same_command_as_people() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make test")
