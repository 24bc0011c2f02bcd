"""The watchdog ends a worker that has work and does none, and no other."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable

from schemas.errors import Unavailable
from streams.stopping import EXIT_STUCK
from streams.watchdog import Watchdog

PATIENCE_SECONDS = 0.2


def _verdict(has_lag: Callable[[], bool], *, progress: bool = False, seconds: float = 1.0) -> list[str]:
    """What the watchdog says within ``seconds``."""
    said: list[str] = []
    ended = threading.Event()

    def stuck(reason: str) -> None:
        said.append(reason)
        ended.set()

    watchdog = Watchdog(has_lag, PATIENCE_SECONDS, stuck)
    watchdog.start()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not ended.wait(PATIENCE_SECONDS / 10):
        if progress:
            watchdog.progress()
    watchdog.stop()
    return said


def _unreachable() -> bool:
    raise Unavailable("Kafka", "down")


def test_work_without_progress_ends() -> None:
    assert len(_verdict(lambda: True, seconds=10.0)) == 1


def test_progress_goes_on() -> None:
    assert _verdict(lambda: True, progress=True) == []


def test_nothing_to_do_goes_on() -> None:
    assert _verdict(lambda: False) == []


def test_a_broker_that_does_not_answer_goes_on() -> None:
    assert _verdict(_unreachable) == []


def test_patience_begins_when_work_appears() -> None:
    started = time.monotonic()
    idle_seconds = PATIENCE_SECONDS * 3
    said = _verdict(lambda: time.monotonic() - started > idle_seconds, seconds=10.0)
    assert len(said) == 1
    assert time.monotonic() - started > idle_seconds + PATIENCE_SECONDS * 0.7


def test_a_blocked_event_loop_does_not_block_it() -> None:
    hangs = (
        "import asyncio, time; from streams.watchdog import Watchdog; Watchdog(lambda: True, 0.2).start()\n"
        "async def main(): time.sleep(60)\n"
        "asyncio.run(main())"
    )
    ended = subprocess.run([sys.executable, "-c", hangs], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == EXIT_STUCK
    assert "the worker hangs" in ended.stdout + ended.stderr
