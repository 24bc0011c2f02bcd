"""Compressed bodies: what a request came in and what an answer goes out as."""

import zlib
from collections.abc import Callable

import cramjam
import numpy as np


class TooLarge(Exception):
    """A body is larger, unpacked, than the server takes."""


class UnknownEncoding(Exception):
    """A Content-Encoding that is not spoken here."""


_CODECS = {"lz4": cramjam.lz4, "zstd": cramjam.zstd, "br": cramjam.brotli, "gzip": cramjam.gzip}
_PREFERRED = ("lz4", "zstd", "br", "gzip", "deflate")
_WORTH_BYTES = 1024


def unpacked(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """The body without its encoding, at most ``limit_bytes`` long however small it came."""
    if encoding in ("", "identity"):
        return body
    if encoding == "deflate":
        return _inflated(body, limit_bytes)
    if encoding not in _CODECS:
        raise UnknownEncoding(encoding)
    room = np.empty(limit_bytes, np.uint8)  # untouched pages of it cost nothing
    try:
        length = _CODECS[encoding].decompress_into(body, room)
    except cramjam.DecompressionError as error:
        if "whole buffer" in str(error) or "too small" in str(error):
            raise TooLarge(encoding) from error
        raise UnknownEncoding(f"{encoding}: {error}") from error
    return room[:length].tobytes()


def _inflated(body: bytes, limit_bytes: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(body, limit_bytes)
    except zlib.error as error:
        raise UnknownEncoding(f"deflate: {error}") from error
    if unpacker.unconsumed_tail:
        raise TooLarge("deflate")
    return out


def packed(body: bytes, accepted: str) -> tuple[bytes, str]:
    """The body in the best encoding of an Accept-Encoding header, and its name ("" for none)."""
    offered = {part.split(";")[0].strip().lower() for part in accepted.split(",")}
    for encoding in _PREFERRED:
        if encoding in offered and len(body) >= _WORTH_BYTES:
            return _pack(encoding)(body), encoding
    return body, ""


def _pack(encoding: str) -> Callable[[bytes], bytes]:
    if encoding == "deflate":
        return zlib.compress
    if encoding == "br":
        return lambda body: bytes(cramjam.brotli.compress(body, level=4))
    return lambda body: bytes(_CODECS[encoding].compress(body))
