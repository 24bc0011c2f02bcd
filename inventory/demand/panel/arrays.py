"""The array types of the panel forecaster, and division that knows nothing over nothing."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


def ratio(above: Array, below: Array) -> Array:
    """``above / below``, and 0 where ``below`` is not positive."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)
