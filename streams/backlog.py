"""Holding producers back where the broker holds little.

The embedded broker keeps 5 MiB a partition and then drops the oldest record
without a word, so nothing may run further ahead of its consumer than that. On a
real Kafka a backlog has no limit and never waits.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Container

EMBEDDED_LIMIT_BYTES = 3 << 20


class Backlog:
    """Bytes sent to each partition and not yet handled by their consumer."""

    def __init__(self, limit_bytes: int | None, consumed: Container[str] = frozenset()) -> None:
        """``consumed`` are the topics whose consumer tells ``handled``; only these wait."""
        self._limit = limit_bytes
        self._consumed = consumed
        self._sent: dict[tuple[str, int], deque[tuple[int, int]]] = defaultdict(deque)
        self._bytes: dict[tuple[str, int], int] = defaultdict(int)
        self._freed = asyncio.Event()

    @property
    def bounded(self) -> bool:
        """Whether this backlog ever waits."""
        return self._limit is not None

    def waiting_bytes(self, topic: str, partition: int) -> int:
        """Bytes on their way in one partition."""
        return self._bytes[(topic, partition)]

    async def room(self, topic: str, partition: int) -> None:
        """Return once one more record may be sent (a single one may be of any size)."""
        if self._limit is None or topic not in self._consumed:
            return
        while self._bytes[(topic, partition)] >= self._limit:
            self._freed.clear()
            await self._freed.wait()

    def sent(self, topic: str, partition: int, offset: int, size: int) -> None:
        """A record of ``size`` bytes was stored at ``offset``."""
        if self._limit is not None and topic in self._consumed:
            self._sent[(topic, partition)].append((offset, size))
            self._bytes[(topic, partition)] += size

    def handled(self, topic: str, partition: int, next_offset: int) -> None:
        """The consumer is done with every offset before ``next_offset``."""
        waiting = self._sent.get((topic, partition))
        while waiting and waiting[0][0] < next_offset:
            self._bytes[(topic, partition)] -= waiting.popleft()[1]
            self._freed.set()
