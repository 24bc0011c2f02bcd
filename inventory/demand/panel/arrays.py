"""The array types of the panel forecaster, division that knows nothing over nothing, and growing."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
_Grown = TypeVar("_Grown", bound=npt.NDArray[Any])


def ratio(above: Array, below: Array) -> Array:
    """``above / below``, and 0 where ``below`` is not positive."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)


def grown(array: _Grown, size: int, *, axis: int = -1, fill: float = 0.0) -> _Grown:
    """The array with its axis lengthened to ``size``; what is new holds ``fill``.

    >>> grown(np.array([1.0, 2.0]), 4, fill=7.0).tolist()
    [1.0, 2.0, 7.0, 7.0]
    """
    wider = list(array.shape)
    wider[axis] = size - array.shape[axis]
    return np.concatenate([array, np.full(wider, fill, array.dtype)], axis=axis)  # type: ignore[return-value]  # same type


def added(of: Index, values: Array | Mask, size: int) -> Array:
    """Sums of the values (n,) by what each is ``of`` (n,), shape (size,)."""
    return np.bincount(of, values, size).astype(np.float64)
