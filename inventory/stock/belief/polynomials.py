"""Generating functions of sums of independent tags, many SKUs at a time."""

import numpy as np

from inventory.stock.belief.arrays import Array


def products(constant: Array, linear: Array) -> tuple[Array, Array]:
    """Coefficients of prod_i (constant_i + linear_i z) for each row, scaled, and the logs of the scales.

    ``constant`` and ``linear`` have shape (rows, factors); a factor (1, 0) does nothing.
    Returns coefficients (rows, factors + 1) and log scales (rows,).
    """
    rows, factors = constant.shape
    made = np.zeros((rows, factors + 1))
    made[:, 0] = 1.0
    scales = np.zeros(rows)
    for place in range(factors):
        upto = place + 1
        shifted = made[:, :upto] * linear[:, place, None]
        made[:, :upto] *= constant[:, place, None]
        made[:, 1 : upto + 1] += shifted
        largest = made[:, : upto + 1].max(axis=1)
        made[:, : upto + 1] /= largest[:, None]
        scales += np.log(largest)
    return made, scales
