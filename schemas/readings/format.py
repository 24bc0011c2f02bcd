"""What every reading format offers, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import Observation
from schemas.topics import Topic

R = TypeVar("R")


class Routed(NamedTuple):
    """An observation and the style whose partition it belongs to; None = every partition."""

    style: str | None
    observation: Observation


@dataclass(slots=True)
class Meaning:
    """What one raw record means: observations, and the parts that were not understood.

    A record can be half good: the good lines of a basket count, each bad line is
    a rejection of its own. ``latest_ms`` is the newest event time in the record.
    """

    observations: list[Routed] = field(default_factory=list)
    rejections: list[RejectedReading] = field(default_factory=list)
    latest_ms: int | None = None


class ReadingFormat(Protocol, Generic[R]):
    """One format of one topic."""

    name: str
    topic: Topic

    def decode(self, values: Sequence[bytes]) -> "list[R | RejectedReading]":
        """Validate a batch of records in one call; one result per record, in order.

        Never raises on bad input: the record's place holds the rejection.
        """
        ...

    def interpret(self, reading: R, catalogue: Catalogue) -> Meaning:
        """What the reading means. Deterministic: same reading and catalogue, same result."""
        ...
