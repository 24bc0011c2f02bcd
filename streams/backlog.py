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
    """Bytes on their way to each partition and not yet handled by its consumer."""

    def __init__(self, limit_bytes: int | None, consumed: Container[str] = frozenset()) -> None:
        """``consumed`` are the topics whose consumer tells ``handled``; only these wait."""
        self._limit = limit_bytes
        self._consumed = consumed
        self._sent: dict[tuple[str, int], deque[tuple[int, int]]] = defaultdict(deque)
        self._bytes: dict[tuple[str, int], int] = defaultdict(int)
        self._handled: dict[tuple[str, int], int] = defaultdict(int)
        self._freed = asyncio.Event()

    def bounds(self, topic: str) -> bool:
        """Whether records of ``topic`` ever wait."""
        return self._limit is not None and topic in self._consumed

    def waiting_bytes(self, topic: str, partition: int) -> int:
        """Bytes on their way in one partition."""
        return self._bytes[(topic, partition)]

    async def room(self, topic: str, partition: int, size: int) -> None:
        """Return once a record of ``size`` bytes may be sent, and count it (a single one may be of any size).

        ``sent`` or ``lost`` must follow.
        """
        at = (topic, partition)
        while self._limit is not None and self._bytes[at] and self._bytes[at] + size > self._limit:
            self._freed.clear()
            await self._freed.wait()
        self._bytes[at] += size

    def sent(self, topic: str, partition: int, offset: int, size: int) -> None:
        """A record of ``size`` bytes was stored at ``offset``; its consumer may have been quicker."""
        at = (topic, partition)
        if offset < self._handled[at]:
            self._free(at, size)
        else:
            self._sent[at].append((offset, size))

    def lost(self, topic: str, partition: int, size: int) -> None:
        """A record of ``size`` bytes was not stored."""
        self._free((topic, partition), size)

    def handled(self, topic: str, partition: int, next_offset: int) -> None:
        """The consumer is done with every offset before ``next_offset``."""
        at = (topic, partition)
        if not self.bounds(topic):
            return
        self._handled[at] = max(self._handled[at], next_offset)
        waiting = self._sent[at]
        while waiting and waiting[0][0] < next_offset:
            self._free(at, waiting.popleft()[1])

    def _free(self, at: tuple[str, int], size: int) -> None:
        self._bytes[at] -= size
        self._freed.set()
