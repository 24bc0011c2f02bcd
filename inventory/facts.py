"""Collecting the facts of one log message, each with an id made from its cause.

``fact id = hash(topic id, partition, offset, digest of the message, kind, key)``
(DESIGN.md, law 4): the same message folded twice says the same facts with the
same ids, and a recreated log, which reuses offsets, does not.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple

from schemas.facts import Fact, utc
from schemas.order_ids import with_check


class Origin(NamedTuple):
    """Where a log message stands and what it holds."""

    topic_id: str
    partition: int
    offset: int
    digest: bytes


def origin_of(topic_id: str, partition: int, offset: int, value: bytes) -> Origin:
    """The origin of a message with these bytes."""
    return Origin(topic_id, partition, offset, hashlib.blake2b(value, digest_size=16).digest())


class Saying:
    """The facts said while folding one message, in order.

    ``occurred_at_ms`` and ``recorded_at_ms`` are of the observation at hand; the
    fold sets them before it applies one.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.facts: list[Fact] = []
        self.occurred_at_ms = 0
        self.recorded_at_ms = 0
        seed = f"{origin.topic_id}|{origin.partition}|{origin.offset}|".encode() + origin.digest
        self._seed = hashlib.blake2b(seed, digest_size=16).digest()

    def new_id(self, kind: str, *key: str) -> str:
        """A UUID (version 8) for a thing of this kind and key that this message causes.

        The parts of a key are told apart by their lengths, whatever is in them.
        """
        parts = "|".join([kind, *(f"{len(part)}:{part}" for part in key)])
        raw = hashlib.blake2b(parts.encode(errors="surrogatepass"), digest_size=16, key=self._seed).hexdigest()
        return f"{raw[:8]}-{raw[8:12]}-8{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"

    def new_order_id(self, kind: str, *key: str) -> str:
        """``new_id`` of an order or transfer, with a check in it, since people and ERPs write it back."""
        return with_check(self.new_id(kind, *key))

    def say(self, fact: Fact) -> None:
        """Add a fact."""
        self.facts.append(fact)

    @property
    def occurred_at(self) -> datetime:
        """Event time of the observation at hand."""
        return utc(self.occurred_at_ms)

    @property
    def recorded_at(self) -> datetime:
        """When the reading behind the observation at hand was appended."""
        return utc(self.recorded_at_ms)
