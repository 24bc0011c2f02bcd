"""Logging, set up once by the command line: JSON for machines, colours on a terminal."""

import logging
import sys
from typing import Literal

import structlog

LogFormat = Literal["auto", "json", "console"]


def configure(level: str = "info", log_format: LogFormat = "auto") -> None:
    """Send structlog and the standard library's records to standard error, one line each.

    ``auto`` writes for people on a terminal and JSON otherwise. Standard output
    stays free for what a command answers.
    """
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(console, shared))
    handler.setLevel(level.upper())  # a library that sets its own logger's level is bound by it too
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten(level)


def _formatter(console: bool, shared: list[structlog.types.Processor]) -> logging.Formatter:
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *last])


def _quieten(level: str) -> None:
    """Libraries that speak of every fetch and rebalance do so only when debugging."""
    if level != "debug":
        for name in ("aiokafka", "faust", "mode", "urllib3"):
            logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # They log whole addresses, and that of a Slack webhook is a secret: never, debugging or not.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
