"""What a model remembers, as plain maps, numbers and bytes: never a pickle.

A class names what it keeps in ``KEPT``; the rest it makes again when it is built. Arrays keep every bit, so a
model that is recalled goes on as if it had never been away.
"""

from collections import deque
from dataclasses import is_dataclass
from typing import Any, ClassVar, Protocol

import msgspec
import numpy as np

from inventory.demand.plain import plain, restored

_ARRAY = 1


class Kept(Protocol):
    """A thing whose attributes named in ``KEPT`` are all it has to remember."""

    KEPT: ClassVar[tuple[str, ...]]


def encode(thing: Kept) -> bytes:
    """Everything ``thing`` remembers."""
    return msgspec.msgpack.encode(remember(thing), enc_hook=_packed)


def decode(value: bytes) -> dict[str, Any]:
    """What ``encode`` wrote, for ``recall``."""
    remembered: dict[str, Any] = msgspec.msgpack.decode(value, ext_hook=_unpacked)
    return remembered


def remember(thing: Kept) -> dict[str, Any]:
    """Attribute by attribute; kept things within are maps of the same kind."""
    return {name: _plain(getattr(thing, name)) for name in thing.KEPT}


def recall(thing: Kept, remembered: dict[str, Any]) -> None:
    """Give ``thing``, built the same way as the one that was remembered, its memory back."""
    for name in thing.KEPT:
        present = getattr(thing, name)
        if hasattr(type(present), "KEPT"):
            recall(present, remembered[name])
        else:
            setattr(thing, name, _like(present, remembered[name]))


def _plain(value: Any) -> Any:
    if hasattr(type(value), "KEPT"):
        return remember(value)
    if hasattr(type(value), "restored"):
        return value.plain()
    return plain(value) if is_dataclass(value) and not isinstance(value, type) else value


def _like(present: Any, value: Any) -> Any:
    """What the present value is says how the remembered one is to be read; lengths and rules are the builder's."""
    if isinstance(present, deque):
        return deque(value, maxlen=present.maxlen)
    if hasattr(type(present), "restored"):
        return type(present).restored(value)
    if is_dataclass(present) and not isinstance(present, type):
        rules = {"rules": present.rules} if hasattr(present, "rules") else {}
        return restored(type(present), value, **rules)
    return value


def _packed(value: Any) -> Any:
    if isinstance(value, deque):
        return list(value)
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        content = (array.dtype.str, array.shape, array.tobytes())
        return msgspec.msgpack.Ext(_ARRAY, msgspec.msgpack.encode(content))
    raise TypeError(f"a model may not remember a {type(value).__name__}: {value!r}")


def _unpacked(code: int, content: memoryview) -> Any:
    if code != _ARRAY:
        raise ValueError(f"unknown kind {code} of memory")
    dtype, shape, raw = msgspec.msgpack.decode(content, type=tuple[str, tuple[int, ...], bytes])
    return np.frombuffer(raw, np.dtype(dtype)).reshape(shape).copy()
