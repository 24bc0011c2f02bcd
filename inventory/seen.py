"""Event keys that were handled already: the memory behind "nothing is doubled".

Keys are kept for a window of *arrival* time (when the broker appended the
reading): a duplicate is a redelivery, however old the event itself is, so a
replay of years is deduplicated as well as a live stream. Kept in segments that
are sealed when full, so that a checkpoint writes only the open one.
"""

import zlib
from array import array
from collections.abc import Mapping

import msgspec

SEGMENT_KEYS = 16_384
_RETRACTION = 0x9E3779B97F4A7C15


class Seen:
    """A set of 64-bit keys with an age."""

    def __init__(self) -> None:
        self._keys: set[int] = set()
        self._segments: dict[int, tuple[array[int], int]] = {}
        self._open: int | None = None
        self._changed: set[int] = set()

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, recorded_at_ms: int) -> bool:
        """Remember ``key``; False if it was known."""
        keys = self._keys
        before = len(keys)
        keys.add(key)
        if len(keys) == before:
            return False
        number = self._slot() if self._open is None else self._open
        segment, newest = self._segments.get(number) or (array("Q"), 0)
        segment.append(key)
        self._segments[number] = (segment, max(newest, recorded_at_ms))
        self._changed.add(number)
        self._open = number if len(segment) < SEGMENT_KEYS else None
        return True

    def forget_before(self, recorded_at_ms: int) -> None:
        """Drop sealed segments whose newest key arrived before that; their numbers are used again."""
        for number, (segment, newest) in self._segments.items():
            if len(segment) == SEGMENT_KEYS and newest < recorded_at_ms:
                self._keys.difference_update(segment)
                self._segments[number] = (array("Q"), 0)
                self._changed.add(number)

    def _slot(self) -> int:
        """The lowest number of an empty segment, or a new one."""
        empty = (number for number in sorted(self._segments) if not self._segments[number][0])
        return next(empty, len(self._segments))

    def encode_changed(self) -> dict[str, bytes]:
        """The segments that changed since the last call, by chunk name."""
        chunks = {f"seen-{number:06d}": self._encode(number) for number in sorted(self._changed)}
        self._changed.clear()
        return chunks

    def canonical(self) -> list[int]:
        """All keys, sorted."""
        return sorted(self._keys)

    def _encode(self, number: int) -> bytes:
        segment, newest = self._segments[number]
        return zlib.compress(msgspec.msgpack.encode((newest, segment.tobytes())), 1)

    @classmethod
    def decode(cls, chunks: Mapping[str, bytes]) -> "Seen":
        """The memory in the chunks of a checkpoint."""
        seen = cls()
        for name in sorted(chunks):
            newest, content = msgspec.msgpack.decode(zlib.decompress(chunks[name]), type=tuple[int, bytes])
            segment = array("Q")
            segment.frombytes(content)
            number = int(name.removeprefix("seen-"))
            seen._segments[number] = (segment, newest)
            seen._keys.update(segment)
            if 0 < len(segment) < SEGMENT_KEYS:
                seen._open = number
        return seen


def retraction_key(key: int) -> int:
    """The key under which the retraction of an event is remembered."""
    return key ^ _RETRACTION
