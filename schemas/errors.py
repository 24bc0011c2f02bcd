"""The error tree, sorted by what the caller must do.

    RestockdError
    ├── RejectedReading      dead-letter: their data; keep the bytes, go on
    ├── Unavailable          retry: a broker, database or ERP is down
    └── MustStop             stop the worker: going on would lose or double facts
        ├── BrokenLog        a hole, a recreated topic, a lost range
        ├── BrokenCheckpoint a checkpoint that is not whole or not ours
        └── InvalidSettings  a setting that cannot be used

Business outcomes (out of stock, negative book) are facts, not exceptions.
"""

from typing import Any


class RestockdError(Exception):
    """Base of every error restockd raises on purpose."""


class RejectedReading(RestockdError):
    """Input that cannot be understood; it goes to ``dead.letters``.

    ``reason`` is a stable snake_case code to count and filter by, ``field`` the
    path inside the reading (``lines[3].item_id``), ``value`` what stood there.
    ``units`` is how many units of stock the rejected part spoke of, if known.
    """

    def __init__(
        self, reason: str, message: str, *, field: str = "", value: Any = None, units: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.field = field
        self.value = value
        self.units = units


class Unavailable(RestockdError):
    """A component is down; ``component`` names it and ``advice`` says what to do."""

    def __init__(self, component: str, problem: str, advice: str = "") -> None:
        super().__init__(f"{component}: {problem}." + (f" {advice}" if advice else ""))
        self.component = component
        self.advice = advice


class MustStop(RestockdError):
    """Going on would lose or double facts; the worker ends with this message."""


class BrokenLog(MustStop):
    """The log has a hole, was recreated, or no longer reaches back far enough."""


class BrokenCheckpoint(MustStop):
    """A checkpoint is not whole, or belongs to another topic or rule set."""


class InvalidSettings(MustStop):
    """A setting cannot be used; the message names it and its value."""
