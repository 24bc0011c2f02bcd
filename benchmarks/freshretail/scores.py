"""One pass over a capped panel; bias and weighted absolute error on the capped days."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.freshretail.capping import cap
from benchmarks.freshretail.panel import DISCOUNTS, Panel
from inventory.demand.exposure import Day, Exposure, observe

FIRST_SCORED_DAY = 22
Days = NDArray[np.float64]
Estimator = Callable[[Panel], Days]


def as_seen(panel: Panel) -> Days:
    return np.asarray(panel.sales.sum(axis=2))


def mean_of_full_days(panel: Panel) -> Days:
    """Mean of the earlier days without a stock-out, not below the day's own sales."""
    seen, full = as_seen(panel), panel.free
    units, days = (np.cumsum(values, axis=1) - values for values in (seen * full, full.astype(float)))
    return np.asarray(np.maximum(seen, units / np.maximum(days, 1.0)))


def learned(panel: Panel) -> Days:
    state = Exposure(panel.group, panel.sales.shape[2], (7, DISCOUNTS))
    days = range(panel.sales.shape[1])
    views = (Day(panel.sales[:, day], panel.in_stock[:, day], panel.kinds[:, day]) for day in days)
    return np.stack([observe(state, view) for view in views], axis=1)


ESTIMATORS: dict[str, Estimator] = {"as_seen": as_seen, "mean_of_full_days": mean_of_full_days, "ours": learned}


def score(panel: Panel, way: str, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """Percent bias (plus: too high) and WAPE of each estimator on the capped days, held-out series and all."""
    shown, capped = cap(panel, way, seed)
    capped[:, :FIRST_SCORED_DAY] = False
    estimates = {name: estimator(shown) for name, estimator in ESTIMATORS.items()}
    parts = {"held_out": panel.number % 2 == 1, "all": panel.number >= 0}
    truth = as_seen(panel)
    return {part: _errors(estimates, truth, capped & series[:, None]) for part, series in parts.items()}


def series_days_per_second(panel: Panel) -> float:
    """One process: a day of every series estimated and learned of."""
    begin = perf_counter()
    learned(panel)
    return panel.free.size / (perf_counter() - begin)


def _errors(estimates: dict[str, Days], truth: Days, where: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    total = float(truth[where].sum())
    answer = {"scored": {"days": float(where.sum()), "units": total}}
    for name, estimate in estimates.items():
        error = (estimate - truth)[where]
        answer[name] = {"bias": 100.0 * float(error.sum()) / total, "wape": 100.0 * float(np.abs(error).sum()) / total}
    return answer
