"""What the delivery of alerts asks of a channel.

``send`` returns once the receiver has confirmed; an alert may then still come a second time if we end before we note
that. Every message therefore says which alert and which state of it it is about, so that a receiver can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from schemas.facts import Alert


@dataclass(frozen=True)
class News:
    """An alert as it is now, and as the channel was told last (None: never, or forgotten)."""

    alert: Alert
    before: Alert | None = None


class Channel(Protocol):
    """A receiver of alerts.

    ``most`` alerts go into one message. A firing alert is said again after ``repeat_after`` (None: never).
    """

    name: str
    component: str
    most: int
    repeat_after: timedelta | None

    async def send(self, news: Sequence[News], now: datetime) -> None:
        """Deliver in this order; raises ``Unavailable`` for another try, ``Refused`` if that would not help."""

    async def close(self) -> None:
        """Close the connections."""
