"""Chunks of a checkpoint that grow with the number of things: cut, since one message can only be so large."""

from collections.abc import Mapping

import msgspec

_BYTES = 1 << 19


def cut(name: str, whole: bytes) -> dict[str, bytes]:
    """How many pieces there are, and each of them; pieces of longer ago may lie beside."""
    pieces = [whole[start : start + _BYTES] for start in range(0, len(whole), _BYTES)]
    return {name: msgspec.msgpack.encode(len(pieces))} | {f"{name}-{at:04d}": part for at, part in enumerate(pieces)}


def joined(name: str, chunks: Mapping[str, bytes]) -> bytes:
    """The whole again.

    >>> joined("supply", cut("supply", b"lanes"))
    b'lanes'
    """
    return b"".join(chunks[f"{name}-{at:04d}"] for at in range(msgspec.msgpack.decode(chunks[name], type=int)))
