"""What happens next: actions by simulated time."""

import heapq
from collections.abc import Callable

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Action = Callable[[int], None]


class Agenda:
    """Runs actions in the order of their times; equal times in the order they were entered."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Action]] = []
        self._entered = 0

    def at(self, at_ms: int, action: Action) -> None:
        """``action(at_ms)`` will be called."""
        self._entered += 1
        heapq.heappush(self._waiting, (at_ms, self._entered, action))

    def every(self, first_ms: int, period_ms: int, action: Action) -> None:
        """The action now and again, for ever."""

        def again(at_ms: int) -> None:
            self.at(at_ms + period_ms, again)
            action(at_ms)

        self.at(first_ms, again)

    def run_until(self, until_ms: int) -> None:
        """Everything up to and including ``until_ms``, with what it brings about in that time."""
        while self._waiting and self._waiting[0][0] <= until_ms:
            at_ms, _, action = heapq.heappop(self._waiting)
            action(at_ms)


def next_time_of_day(at_ms: int, of_day_ms: int) -> int:
    """The first time at or after ``at_ms`` with that time of day, UTC.

    >>> next_time_of_day(DAY + 5 * HOUR, 6 * HOUR) == DAY + 6 * HOUR
    True
    """
    return at_ms + (of_day_ms - at_ms) % DAY
