"""Quantiles of many negative binomials, against SciPy's."""

import numpy as np
import pytest
from scipy.stats import nbinom

from inventory.demand.negative_binomial import chances, quantiles

LEVELS = (0.005, 0.5, 0.9, 0.995)


@pytest.mark.parametrize("overdispersion", [0.001, 0.3, 5.0])
@pytest.mark.parametrize("mean", [1e-6, 0.05, 0.9, 7.0, 60.0, 300.0, 5_000.0])
def test_they_are_scipys(mean: float, overdispersion: float) -> None:
    variance = max(mean + overdispersion * mean * mean, mean * 1.001)
    found = quantiles(np.array([mean]), np.array([variance]), np.array([LEVELS]))
    size, success = mean * mean / (variance - mean), mean / variance
    np.testing.assert_array_equal(found[0], nbinom.ppf(LEVELS, size, success))
    below, at_most = chances(np.full(4, mean), np.full(4, variance), found[0])
    np.testing.assert_allclose(at_most, nbinom.cdf(found[0], size, success), atol=1e-9)
    np.testing.assert_allclose(below, nbinom.cdf(found[0] - 1, size, success), atol=1e-9)


def test_large_and_small_ones_are_found_together() -> None:
    means = np.array([2000.0, 0.1, 40.0])
    found = quantiles(means, means * 1.5, np.full((3, 1), 0.95))
    alone = [quantiles(means[at : at + 1], means[at : at + 1] * 1.5, np.array([[0.95]])) for at in range(3)]
    assert found[:, 0].tolist() == [one[0, 0] for one in alone]


def test_nothing_expected_is_nothing() -> None:
    assert quantiles(np.zeros(2), np.zeros(2), np.full((2, 1), 0.99)).tolist() == [[0.0], [0.0]]
