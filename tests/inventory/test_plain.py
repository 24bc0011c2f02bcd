"""Saved arrays are the same arrays."""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from inventory.demand.plain import grown, packed, plain, restored, unpacked


@dataclass(frozen=True)
class _Rules:
    memory: float = 0.5


@dataclass
class _Learned:
    level: NDArray[np.float64]
    days: int
    parts: list[NDArray[np.float64]] = field(default_factory=list)
    rules: _Rules = _Rules()


@pytest.mark.parametrize("kind", ["f8", "i8", "bool", ">f8"])
def test_an_array_comes_back_from_its_bytes(kind: str) -> None:
    array = np.arange(6).reshape(2, 3).T.astype(kind)
    back = unpacked(msgspec.msgpack.decode(msgspec.msgpack.encode(packed(array))))
    assert back.tolist() == array.tolist()
    assert back.dtype == array.dtype.newbyteorder("=")
    back[0, 0] = 1  # it can be learned on


def test_a_state_is_restored_without_its_rules() -> None:
    saved = plain(_Learned(np.array([0.1, np.inf]), 3, [np.zeros(1)] * 3, _Rules(0.9)))
    assert set(saved) == {"level", "days", "parts"}
    back = restored(_Learned, msgspec.msgpack.decode(msgspec.msgpack.encode(saved)))
    assert (back.level.tolist(), back.days, back.rules) == ([0.1, np.inf], 3, _Rules())
    assert [part.tolist() for part in back.parts] == [[0.0]] * 3


def test_arrays_grow_and_never_shrink() -> None:
    assert grown(np.zeros((1, 2)), 3, 7.0).tolist() == [[0.0, 0.0], [7.0, 7.0], [7.0, 7.0]]
    assert grown(np.zeros(3), 2).shape == (3,)
