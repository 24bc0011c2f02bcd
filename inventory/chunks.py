"""Cutting what grows with the number of series into pieces that fit into messages."""

from collections.abc import Mapping

import msgspec

_PIECE_BYTES = 1 << 19


def pieces(name: str, content: bytes) -> dict[str, bytes]:
    """How many pieces there are, under the name itself, and each of them; some of longer ago may lie beside.

    >>> pieces("x", b"abc")
    {'x': b'\\x01', 'x-0000': b'abc'}
    """
    cut = [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)]
    return {name: msgspec.msgpack.encode(len(cut))} | {f"{name}-{at:04d}": part for at, part in enumerate(cut)}


def joined(name: str, chunks: Mapping[str, bytes]) -> bytes:
    """What was cut into ``pieces``."""
    return b"".join(chunks[f"{name}-{at:04d}"] for at in range(msgspec.msgpack.decode(chunks[name], type=int)))
