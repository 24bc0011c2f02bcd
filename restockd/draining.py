"""Waiting until everything that was sent has been handled, all the way into ClickHouse."""

import time
from collections.abc import Callable, Iterable

from agents import budget_keeper
from agents.archivist import ARCHIVED
from agents.worker import INTAKE
from restockd.stack import Stack
from schemas import topics
from schemas.errors import Unavailable
from schemas.topics import Topic
from schemas.wording import amount

_POLL_SECONDS = 0.2


def drain(stack: Stack, seconds_without_progress: float, progress: Callable[[int], None]) -> None:
    """Return once readings, log and facts are handled to their ends.

    ``progress`` is told how many records wait. Raises ``Unavailable`` if nothing
    moves for ``seconds_without_progress``.
    """
    _wait(stack, lag, seconds_without_progress, progress)


def until_decided(stack: Stack, seconds_without_progress: float) -> None:
    """Return once every reading has been decided about; the archive may still be behind."""
    _wait(stack, undecided, seconds_without_progress, lambda _: None)


def _wait(
    stack: Stack, waits: Callable[[Stack], int], seconds_without_progress: float, progress: Callable[[int], None]
) -> None:
    last, moved_at = -1, time.monotonic()
    while True:
        stack.check()
        waiting = waits(stack)
        progress(waiting)
        # Twice in a row: what was handled last may have made something new.
        if waiting == 0 and last == 0:
            return
        if waiting != last:
            last, moved_at = waiting, time.monotonic()
        if time.monotonic() - moved_at > seconds_without_progress:
            raise Unavailable("the worker", f"{amount(waiting, 'record')} to be read, and nothing moves", _words(stack))
        time.sleep(_POLL_SECONDS)


def lag(stack: Stack) -> int:
    """Records that wait: readings for intake, log messages for the fold, facts for the archive and
    budgets."""
    return undecided(stack) + _lag(stack, "budgets", budget_keeper.CONSUMED) + _lag(stack, "archive", ARCHIVED)


def undecided(stack: Stack) -> int:
    """Records that may still bring about a decision: readings for intake, log messages for the fold."""
    return _lag(stack, "intake", INTAKE) + _lag(stack, "inventory", (topics.OBSERVATIONS,))


def _lag(stack: Stack, role: str, read: Iterable[Topic]) -> int:
    names = [stack.broker.name(topic) for topic in read]
    positions = [(name, partition) for name in names for partition in range(stack.cluster.partitions(name))]
    committed = stack.cluster.committed(stack.broker.group(role), positions)
    total = 0
    for at in positions:
        low, high = stack.cluster.bounds(*at)
        total += max(high - max(committed.get(at, low), low), 0)
    return total


def _words(stack: Stack) -> str:
    return "\n".join(worker.last_words() for worker in stack.workers)
