"""Models of statsforecast, refitted at every origin on the periods before it.

Point methods get a Poisson and a negative binomial around their mean, the latter with the variance of the series
so far (of its sums, for a sum). AutoETS tells its own intervals and, for the sum, simulates its own
paths; both clipped at 0. On orange juice these sums cost less than sums of its quantiles or of its variances would.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import nbinom, poisson
from statsforecast.models import ADIDA, IMAPA, TSB, AutoETS, CrostonSBA

from benchmarks.intermittent.scores import CHANCES, Told
from benchmarks.intermittent.sets import DemandSet
from inventory.demand.panel.arrays import Array, Index

POINT_METHODS: dict[str, Callable[[], Any]] = {
    "CrostonSBA": CrostonSBA,
    "TSB": lambda: TSB(0.1, 0.1),
    "ADIDA": ADIDA,
    "IMAPA": IMAPA,
}
_LEVELS = [round(200 * chance - 100) for chance in CHANCES]
_PATHS = 500
_LEAST_MEAN = 1e-6


class History(NamedTuple):
    """What was recorded of one series before an origin; means and variances of it and of its sums."""

    at: tuple[int, int]
    units: Array
    variance: float
    variance_of_sums: float


def point_method(demand: DemandSet, name: str, origins: Index) -> dict[str, Told]:
    """What the method tells with either distribution, by its name."""
    began = time.perf_counter()
    model = POINT_METHODS[name]()
    shape = (len(origins), demand.units.shape[1])
    mean, variance, of_sums = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for history in _histories(demand, origins):
        mean[history.at] = model.forecast(y=history.units, h=1)["mean"][0]
        variance[history.at], of_sums[history.at] = history.variance, history.variance_of_sums
    mean = np.maximum(np.nan_to_num(mean), _LEAST_MEAN)
    fitted, periods = time.perf_counter() - began, demand.interval
    return {
        f"{name} + {label}": Told(spread(mean, variance), spread(periods * mean, of_sums), fitted)
        for label, spread in _SPREADS.items()
    }


def auto_ets(demand: DemandSet, origins: Index) -> Told:
    """The intervals at twice the chance's distance from one half are its quantiles."""
    began = time.perf_counter()
    shape = (len(origins), demand.units.shape[1], len(CHANCES))
    one, interval = np.zeros(shape), np.zeros(shape)
    for history in _histories(demand, origins):
        model = AutoETS(season_length=demand.season).fit(history.units)
        told = model.predict(h=1, level=_LEVELS)
        paths = model.simulate(h=demand.interval, n_paths=_PATHS, seed=1)
        one[history.at] = [told[f"hi-{level}"][0] for level in _LEVELS]
        interval[history.at] = np.quantile(paths.sum(axis=1), CHANCES)
    return Told(np.maximum(one, 0.0), np.maximum(interval, 0.0), time.perf_counter() - began)


def around_poisson(mean: Array, _variance: Array) -> Array:
    """(..., ) -> (..., chances)."""
    return np.asarray(poisson.ppf(CHANCES, mean[..., None]))


def around_negative_binomial(mean: Array, variance: Array) -> Array:
    """A Poisson where the variance is not above the mean; (..., ) -> (..., chances)."""
    wide = variance > mean * (1.0 + 1e-6)
    excess = np.where(wide, variance - mean, 1.0)
    quantiles = nbinom.ppf(CHANCES, (mean**2 / excess)[..., None], (mean / (mean + excess))[..., None])
    return np.where(wide[..., None], quantiles, around_poisson(mean, variance))


_SPREADS = {"Poisson": around_poisson, "negative binomial": around_negative_binomial}


def _histories(demand: DemandSet, origins: Index) -> Iterator[History]:
    for row, origin in enumerate(origins):
        for series in range(demand.units.shape[1]):
            units = demand.units[:origin, series]
            units = units[~np.isnan(units)]
            if len(units) > 2 * demand.interval:
                sums = np.convolve(units, np.ones(demand.interval), "valid")
                yield History((row, series), units, float(units.var()), float(sums.var()))
