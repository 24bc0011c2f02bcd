"""Ends a worker that has work and does none.

Faust workers are known to hang without a word. The watchdog is a plain thread,
so that a blocked event loop cannot stop it: when a partition has records
waiting and nothing was handled for ``patience_seconds``, the process ends and
its supervisor starts another.
"""

import threading
import time
from collections.abc import Callable

import structlog

from streams.stopping import EXIT_STUCK, end_process

_log = structlog.get_logger("restockd.watchdog")


class Watchdog:
    """Watches the time since ``progress`` was last called while ``has_lag()`` says there is work."""

    def __init__(
        self, has_lag: Callable[[], bool], patience_seconds: float, on_stuck: Callable[[str], None] | None = None
    ) -> None:
        self._has_lag = has_lag
        self._patience = patience_seconds
        self._on_stuck = on_stuck or (lambda reason: end_process(reason, code=EXIT_STUCK))
        self._last = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()

    def progress(self) -> None:
        """Something was handled just now."""
        self._last = time.monotonic()

    def _watch(self) -> None:
        while not self._stopped.wait(self._patience / 4):
            if not self._lags():
                self._last = time.monotonic()
            elif time.monotonic() - self._last > self._patience:
                self._on_stuck(f"there is work and nothing was done for {self._patience:.0f} s: the worker hangs")
                return

    def _lags(self) -> bool:
        try:
            return self._has_lag()
        except Exception as error:  # a broker that does not answer is not a worker that hangs
            _log.warning("lag unknown", error=str(error))
            return False
