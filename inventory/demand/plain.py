"""What the demand models learned, as plain values: numbers, strings, lists, and arrays as their bytes.

Restored state is the same to the last bit, so a model that was saved and restored goes on as if it had not been.
"""

import dataclasses
import math
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_State = TypeVar("_State", bound="State")


class State(Protocol):
    """A dataclass whose fields are arrays, lists of them, plain values, or rules (a frozen dataclass; not saved)."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def plain(state: State) -> dict[str, Any]:
    """The state's fields, its rules left out."""
    names = [field.name for field in dataclasses.fields(state)]
    values = {name: getattr(state, name) for name in names}
    return {name: _plain(value) for name, value in values.items() if not dataclasses.is_dataclass(value)}


def restored(kind: type[_State], saved: dict[str, Any], **rules: object) -> _State:
    """A state from what `plain` gave; rules are passed as they were to the first one."""
    return kind(**{name: _restored(value) for name, value in saved.items()}, **rules)


def packed(array: npt.NDArray[Any]) -> list[Any]:
    """Type, shape and little-endian bytes in C order."""
    kind = array.dtype.newbyteorder("<")
    return [kind.str, list(array.shape), array.astype(kind).tobytes()]


def unpacked(saved: list[Any]) -> npt.NDArray[Any]:
    """
    >>> unpacked(packed(np.array([[1.0, 2.0]]))).tolist()
    [[1.0, 2.0]]
    """
    kind, shape, content = saved
    array = np.frombuffer(content, dtype=kind).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="))


def grown(array: Array, rows: int, fill: float = 0.0) -> Array:
    """The array with rows of ``fill`` added, so that it has at least ``rows``.

    >>> grown(np.ones((1, 2)), 2).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    missing = max(rows - len(array), 0)
    return np.concatenate([array, np.full((missing, *array.shape[1:]), fill)])


def summed(of: Index, rows: Array, groups: int) -> Array:
    """Sums of the rows (n, ...) by what each is ``of`` (n,), shape (groups, ...).

    >>> summed(np.array([1, 1]), np.array([[1.0, 2.0], [3.0, 4.0]]), 2).tolist()
    [[0.0, 0.0], [4.0, 6.0]]
    """
    width = math.prod(rows.shape[1:])
    columns = [np.bincount(of, column, groups) for column in rows.reshape(len(rows), width).T]
    sums = np.array(columns, dtype=np.float64).reshape(width, groups).T
    return np.ascontiguousarray(sums).reshape(groups, *rows.shape[1:])


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return packed(value) if isinstance(value, np.ndarray) else value


def _restored(value: Any) -> Any:
    if _is_packed(value):
        return unpacked(value)
    return [_restored(one) for one in value] if isinstance(value, (list, tuple)) else value


def _is_packed(value: object) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 3 and isinstance(value[2], bytes)
