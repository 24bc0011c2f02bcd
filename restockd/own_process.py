"""A process this program started, found again later by its pid file and never mistaken for another."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class OwnProcess:
    """A process id with the moment the process started: a pid alone may be somebody else's by now."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self:
        return cls(pid, start_moment(pid))

    @classmethod
    def spawned(cls, command: Sequence[str], log_file: Path, environment: Mapping[str, str] | None = None) -> Self:
        """Start a command as nobody's child, so that it outlives this process and leaves no zombie here."""
        detach = ["sh", "-c", '"$@" </dev/null >>"$0" 2>&1 & echo $!', str(log_file), *command]
        started = subprocess.run(
            detach,
            cwd=log_file.parent,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            start_new_session=True,
        )
        return cls.of(int(started.stdout))

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """The process of a pid file if it is still the very same one."""
        try:
            process = cls(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return process if process.alive() else None

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")

    def alive(self) -> bool:
        return bool(self.started) and start_moment(self.pid) == self.started

    def end(self, seconds: float = 20.0) -> None:
        """Ask it to end; kill it if it has not within ``seconds``."""
        if not self._signal_and_wait(signal.SIGTERM, seconds):
            self.kill()

    def kill(self) -> None:
        self._signal_and_wait(signal.SIGKILL, 10.0)

    def _signal_and_wait(self, number: signal.Signals, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        if self.alive():
            os.kill(self.pid, number)
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def start_moment(pid: int) -> str:
    """When a process started, in whatever words the system has; empty if there is none or it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    shown = subprocess.run(["ps", "-o", "lstart=,state=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "" if " Z" in shown.stdout else shown.stdout.strip()[:24]
