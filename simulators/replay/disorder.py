"""What a network does to an ordered stream: for fault tests. Pure: same seed, same disorder."""

import heapq
from collections.abc import Iterable, Iterator

import numpy as np

from simulators.records import Record

_FARTHEST_COPY = 1_000


def shuffled_within(records: Iterable[Record], ms: int, seed: int) -> Iterator[Record]:
    """The same records, each up to ``ms`` of event time late; the input is in event-time order.

    No record comes after one that is more than ``ms`` newer than it. ``ms=0`` changes nothing.
    """
    random = np.random.default_rng(seed)
    waiting: list[tuple[int, int, Record]] = []
    for position, record in enumerate(records):
        while waiting and waiting[0][0] < record.event_time_ms:
            yield heapq.heappop(waiting)[2]
        arrival_ms = record.event_time_ms + int(random.integers(0, ms + 1))
        heapq.heappush(waiting, (arrival_ms, position, record))
    while waiting:
        yield heapq.heappop(waiting)[2]


def doubled(records: Iterable[Record], seed: int) -> Iterator[Record]:
    """Every record twice: the first copies in their order, each second copy at once or up to 1,000 records later."""
    random = np.random.default_rng(seed)
    copies: list[tuple[int, int, Record]] = []
    for position, record in enumerate(records):
        while copies and copies[0][0] <= position:
            yield heapq.heappop(copies)[2]
        yield record
        later = int(random.integers(1, _FARTHEST_COPY + 1)) if random.random() < 0.5 else 0
        if later:
            heapq.heappush(copies, (position + later, position, record))
        else:
            yield record
    while copies:
        yield heapq.heappop(copies)[2]
