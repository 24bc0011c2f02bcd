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
from streams.cluster import Cluster
from streams.settings import BrokerSettings

_POLL_SECONDS = 0.2


def drain(stack: Stack, seconds_without_progress: float, progress: Callable[[int], None]) -> None:
    """Return once readings, log and facts are handled to their ends.

    ``progress`` is told how many records wait. Raises ``Unavailable`` if nothing
    moves for ``seconds_without_progress``.
    """
    _wait(lambda: _of_stack(stack, lag), seconds_without_progress, progress, lambda: _words(stack))


def until_decided(stack: Stack, seconds_without_progress: float) -> None:
    """Return once every reading has been decided about; the archive may still be behind."""
    _wait(lambda: _of_stack(stack, undecided), seconds_without_progress, lambda _: None, lambda: _words(stack))


def until_understood(broker: BrokerSettings, cluster: Cluster, seconds_without_progress: float, advice: str) -> None:
    """The same of workers that somebody else runs; ``advice`` is for the one who waits in vain."""
    _wait(lambda: _undecided(broker, cluster), seconds_without_progress, lambda _: None, lambda: advice)


def _of_stack(stack: Stack, waits: Callable[[Stack], int]) -> int:
    stack.check()
    return waits(stack)


def _wait(
    waits: Callable[[], int],
    seconds_without_progress: float,
    progress: Callable[[int], None],
    advice: Callable[[], str],
) -> None:
    last, moved_at = -1, time.monotonic()
    while True:
        waiting = waits()
        progress(waiting)
        # Twice in a row: what was handled last may have made something new.
        if waiting == 0 and last == 0:
            return
        if waiting != last:
            last, moved_at = waiting, time.monotonic()
        if time.monotonic() - moved_at > seconds_without_progress:
            raise Unavailable("the worker", f"{amount(waiting, 'record')} to be read, and nothing moves", advice())
        time.sleep(_POLL_SECONDS)


def lag(stack: Stack) -> int:
    """Records that wait: readings for intake, log messages for the fold, facts for the archive and
    budgets."""
    broker, cluster = stack.broker, stack.cluster
    budgets = _lag(broker, cluster, "budgets", budget_keeper.CONSUMED)
    return undecided(stack) + budgets + _lag(broker, cluster, "archive", ARCHIVED)


def undecided(stack: Stack) -> int:
    """Records that may still bring about a decision: readings for intake, log messages for the fold."""
    return _undecided(stack.broker, stack.cluster)


def _undecided(broker: BrokerSettings, cluster: Cluster) -> int:
    return _lag(broker, cluster, "intake", INTAKE) + _lag(broker, cluster, "inventory", (topics.OBSERVATIONS,))


def _lag(broker: BrokerSettings, cluster: Cluster, role: str, read: Iterable[Topic]) -> int:
    names = [broker.name(topic) for topic in read]
    positions = [(name, partition) for name in names for partition in range(cluster.partitions(name))]
    committed = cluster.committed(broker.group(role), positions)
    total = 0
    for at in positions:
        low, high = cluster.bounds(*at)
        total += max(high - max(committed.get(at, low), low), 0)
    return total


def _words(stack: Stack) -> str:
    return "\n".join(worker.last_words() for worker in stack.workers)
