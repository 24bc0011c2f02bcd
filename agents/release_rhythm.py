"""When budgets are shared out: every day at an hour, so that a day's orders compete with each other, or at once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Rhythm:
    """A release every day ``at`` that time of ``timezone``; None: whenever orders were gathered for a while."""

    at: time | None = None
    timezone: str = "UTC"
    gather_seconds: float = 2.0

    def last_due(self, now: datetime) -> datetime:
        """The newest release that was due by then."""
        if self.at is None:
            return now
        local = now.astimezone(ZoneInfo(self.timezone))
        due = datetime.combine(local.date(), self.at, local.tzinfo)
        if due > local:
            due = datetime.combine(local.date() - timedelta(days=1), self.at, local.tzinfo)
        return due.astimezone(UTC)


@dataclass(frozen=True)
class Released:
    """When the last release was, by our clock and in event time (None: no order was heard of)."""

    clock: datetime
    event: datetime | None = None

    def is_due(self, rhythm: Rhythm, now: datetime, event: datetime | None) -> bool:
        """Whether the hour has come since on one of the two: a replay's days pass in event time only."""
        by_event = self.event is not None and event is not None and rhythm.last_due(event) > self.event
        return by_event or rhythm.last_due(now) > self.clock

    def at_event(self, event: datetime | None) -> "Released":
        """With a beginning of event time, where none was known."""
        return replace(self, event=event) if self.event is None else self

    def note(self) -> str:
        """As text, to be kept with a commit."""
        return f"{self.clock.isoformat()} {self.event.isoformat() if self.event else ''}".strip()

    @classmethod
    def noted(cls, text: str) -> "Released | None":
        """What ``note`` wrote; None for nothing."""
        parts = [datetime.fromisoformat(part) for part in text.split()]
        return cls(parts[0], parts[1] if len(parts) > 1 else None) if parts else None
