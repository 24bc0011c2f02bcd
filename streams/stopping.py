"""Ending the worker when going on would lose or double facts.

Faust restarts an agent that raised and acknowledges its event, and its orderly
shutdown is known to hang. Everything here is safe to cut off at any instant
(at-least-once, idempotent), so the worker just ends.
"""

import os
import sys
from typing import NoReturn

import structlog

EXIT_MUST_STOP = 70
EXIT_STUCK = 71

_log = structlog.get_logger("restockd")


def end_process(reason: str, *, error: BaseException | None = None, code: int = EXIT_MUST_STOP) -> NoReturn:
    """Say why, flush, and end this process at once."""
    _log.critical("worker stops", reason=reason, exc_info=error)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
