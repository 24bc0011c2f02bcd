"""Everything the chain says, on its way out, with the dirt of real networks."""

import heapq
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

from schemas import topics
from schemas.topics import Topic
from simulators.chain.agenda import MINUTE
from simulators.chain.settings import Dirt
from simulators.records import Record

DUPLICATE, MALFORMED = "duplicate", "malformed"
_DUPLICATED_AFTER_MS = 2 * MINUTE


class Outbox:
    """Collects messages and gives them out by the time they are sent.

    ``said`` counts every good message by kind, once however often it is sent; ``dirt`` what was done wrong.
    """

    def __init__(self, dirt: Dirt, random: Random) -> None:
        self.said: Counter[str] = Counter()
        self.dirt: Counter[str] = Counter()
        self._rates = dirt
        self._random = random
        self._waiting: list[tuple[int, int, Record]] = []
        self._entered = 0

    def say(self, topic: Topic, key: str, message: Any, at_ms: int, kind: str, units: int = 0) -> None:
        """A good message; it may go out late, twice or with a broken copy, but it goes out."""
        self.said[kind] += 1
        value = orjson.dumps(message)
        sent_ms = at_ms + (self._lateness_ms() if topic is topics.POS else 0)
        self._send(Record(topic, key, value, sent_ms, kind, units))
        if self._happens(self._rates.duplicate):
            self.dirt[DUPLICATE] += 1
            again_ms = sent_ms + int(self._random.random() * _DUPLICATED_AFTER_MS)
            self._send(Record(topic, key, value, again_ms, DUPLICATE))
        if self._happens(self._rates.malformed):
            self.dirt[MALFORMED] += 1
            self._send(Record(topic, key, value[: len(value) // 2], sent_ms, MALFORMED))

    def say_wrong(self, topic: Topic, key: str, message: Any, at_ms: int, kind: str) -> None:
        """A message that is wrong on purpose."""
        self.dirt[kind] += 1
        self._send(Record(topic, key, orjson.dumps(message), at_ms, kind))

    def sent_until(self, until_ms: int | None) -> list[Record]:
        """The messages sent up to and including ``until_ms`` (None: all that wait), in order."""
        sent: list[Record] = []
        while self._waiting and (until_ms is None or self._waiting[0][0] <= until_ms):
            sent.append(heapq.heappop(self._waiting)[2])
        return sent

    def _lateness_ms(self) -> int:
        if not self._happens(self._rates.late):
            return 0
        self.dirt["late"] += 1
        return int(self._random.random() * self._rates.late_most_minutes * MINUTE)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share

    def _send(self, record: Record) -> None:
        self._entered += 1
        heapq.heappush(self._waiting, (record.event_time_ms, self._entered, record))


def rfc3339(at_ms: int) -> str:
    """Simulated time as devices write it.

    >>> rfc3339(1_700_000_000_123)
    '2023-11-14T22:13:20.123+00:00'
    """
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
