"""Several devices' formats on one topic: each message goes to the dialect that claims it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from schemas.errors import RejectedReading
from schemas.readings.registry import dialects

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")

HEAD_BYTES = 4096


class Dialect(Protocol[R_co]):
    """One device's way of writing; a file ``<topic>_<device>.py`` defines it as ``DIALECT``."""

    name: str

    def claims(self, head: bytes) -> bool:
        """Whether a message with these first bytes is this device's; must be cheap and exclusive."""
        ...

    def decode(self, value: bytes) -> "R_co | RejectedReading":
        """The message in the topic's neutral words; never raises on bad input."""
        ...


class Dialects(Generic[R]):
    """The dialects of a topic, found by their files' names; ``otherwise`` takes what none claims."""

    def __init__(self, prefix: str, otherwise: Dialect[R]) -> None:
        self._prefix = prefix
        self._otherwise = otherwise

    @cached_property
    def known(self) -> Sequence[Dialect[R]]:
        return dialects(self._prefix)

    def decode(self, values: Sequence[bytes]) -> list[R | RejectedReading]:
        """One result per message, in order."""
        return [self.spoken_in(value).decode(value) for value in values]

    def spoken_in(self, value: bytes) -> Dialect[R]:
        """The dialect a message is in."""
        head = value[:HEAD_BYTES]
        for dialect in self.known:
            if dialect.claims(head):
                return dialect
        return self._otherwise
