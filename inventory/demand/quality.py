"""How good forecasts were: each is scored by what came, before that is learned; kept as sums that add up.

With units y, forecast f, errors ``e = f - y`` and quantiles Q at chances p (FORMULAS.md 3.11): MAE ``mean |e|``, RMSE
``sqrt(mean e^2)``, WAPE ``sum |e| / sum y``, bias ``sum e / sum y`` (above 0: forecast too much), MAPE ``mean |e| /
y`` over days with demand only, pinball ``mean max(p (y - Q), (p - 1) (y - Q))``, coverage: share of y at or below Q.
MASE and RMSSE divide each error by its own series' mean ``|y_t - y_{t-m}|``, or root mean square of it, since the
first sale (Hyndman and Koehler 2006): ``mean |e| / scale`` and ``sqrt(mean e^2 / scale^2)`` over all errors of series
that have a scale.

Sums of partitions, days or stores add up to those of their union, and measures are taken of them last.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from inventory.demand.panel.arrays import grown
from inventory.demand.plain import Array, Index, Mask

Singles = npt.NDArray[np.float32]


class Sums(msgspec.Struct, array_like=True, frozen=True):
    """Of ``days`` series-days; lists have one number a chance.

    ``apart``: ``|e| / y`` over the ``sold`` days with demand; ``scaled`` days have a scale; ``below``: y under Q.
    """

    days: float = 0.0
    units: float = 0.0
    forecast: float = 0.0
    absolute: float = 0.0
    squared: float = 0.0
    sold: float = 0.0
    apart: float = 0.0
    scaled: float = 0.0
    scaled_absolute: float = 0.0
    scaled_squared: float = 0.0
    chances: list[float] = []
    pinball: list[float] = []
    below: list[float] = []
    covered: list[float] = []
    quantiles: list[float] = []

    def __add__(self, other: "Sums") -> "Sums":
        """Refused where the chances differ, unless one of both has none yet."""
        if self.chances and other.chances and self.chances != other.chances:
            raise ValueError(f"sums of quantiles at {self.chances} and at {other.chances} do not add up")
        added: dict[str, Any] = {
            name: _plus(getattr(self, name), getattr(other, name)) for name in self.__struct_fields__
        }
        return Sums(**added | {"chances": self.chances or other.chances})


class Measures(msgspec.Struct, frozen=True):
    """What cannot be said (nothing sold, no scale yet) is None; by chance where there are quantiles.

    ``mape`` is of the ``mape_share`` of days that had demand and says nothing about the others. ``coverage`` is to be
    read with ``mean_quantile``: who stocks enough covers all.
    """

    days: float
    mae: float | None
    rmse: float | None
    wape: float | None
    bias: float | None
    mase: float | None
    rmsse: float | None
    mape: float | None
    mape_share: float | None
    pinball: dict[float, float]
    coverage: dict[float, float]
    mean_quantile: dict[float, float]


class Accuracy(msgspec.Struct, frozen=True):
    """``1 - WAPE``, said with the level its units are of and how far ahead they were forecast."""

    level: str
    horizon: str
    accuracy: float | None


@dataclass
class Scales:
    """What naive forecasts miss by, of n series: ``last`` (n, lag) units, ``started`` (n,) days since the first sale.

    ``absolute``, ``squared`` (n,): sums of differences to ``lag`` days ago, of ``differences`` (n,) of them.
    """

    last: Singles
    started: Singles
    absolute: Singles
    squared: Singles
    differences: Singles


def new_scales(lag_days: int = 1) -> Scales:
    """Of no series yet; `grow_scales` brings them."""
    none = np.zeros(0, dtype=np.float32)
    return Scales(np.zeros((0, lag_days), dtype=np.float32), none, none, none, none)


def grow_scales(scales: Scales, series: int) -> None:
    for name in ("last", "started", "absolute", "squared", "differences"):
        setattr(scales, name, grown(getattr(scales, name), series, axis=0))


def learn_scales(scales: Scales, units: Array) -> None:
    """One day of all series, (n,); days before the first sale, and units that are NaN, do not count."""
    lag, single = scales.last.shape[1], np.float32
    counts = (scales.started >= lag) & np.isfinite(units - scales.last[:, 0])
    off = np.where(counts, np.abs(units - scales.last[:, 0]), 0.0).astype(single)
    scales.absolute, scales.squared = scales.absolute + off, scales.squared + off * off
    scales.differences = scales.differences + counts.astype(single)
    scales.last = np.column_stack([scales.last[:, 1:], units.astype(single)])
    scales.started = np.where((scales.started > 0.0) | (units > 0.0), scales.started + single(1), single(0))


def score(
    units: Array,
    forecast: Array,
    quantiles: Array | None = None,
    chances: Sequence[float] = (),
    scales: Scales | None = None,
    known: Mask | None = None,
) -> Sums:
    """Sums over n series: units and forecast (n,), quantiles (n, chances); ``known`` (n,): which to count."""
    return score_groups(units, forecast, np.zeros(len(units), dtype=np.int64), 1, quantiles, chances, scales, known)[0]


def score_groups(
    units: Array,
    forecast: Array,
    group: Index,
    groups: int,
    quantiles: Array | None = None,
    chances: Sequence[float] = (),
    scales: Scales | None = None,
    known: Mask | None = None,
) -> list[Sums]:
    """As `score`, by ``group`` (n,), numbers from 0 to ``groups - 1``; what is not finite is not counted.

    Scales are of the days before: score a day, then `learn_scales` it.
    """
    counts = np.isfinite(units) & np.isfinite(forecast) & (True if known is None else known)
    counts &= True if quantiles is None else np.isfinite(quantiles).all(axis=1)
    columns = [*_point_columns(units, forecast), *_scaled_columns(units - forecast, scales)]
    per_chance = _chance_columns(units, quantiles, chances)
    of = group[counts]
    sums = [_summed(of, column[counts], groups) for column in columns]
    by_chance = [[_summed(of, column[counts], groups) for column in kind.T] for kind in per_chance]
    return [_sums_at(at, sums, [float(chance) for chance in chances], by_chance) for at in range(groups)]


def measures(sums: Sums) -> Measures:
    """What the sums say."""
    chances = sums.chances
    return Measures(
        days=sums.days,
        mae=_over(sums.absolute, sums.days),
        rmse=_root(_over(sums.squared, sums.days)),
        wape=_over(sums.absolute, sums.units),
        bias=_over(sums.forecast - sums.units, sums.units),
        mase=_over(sums.scaled_absolute, sums.scaled),
        rmsse=_root(_over(sums.scaled_squared, sums.scaled)),
        mape=_over(sums.apart, sums.sold),
        mape_share=_over(sums.sold, sums.days),
        pinball=_by_chance(chances, sums.pinball, sums.days),
        coverage=_by_chance(chances, sums.covered, sums.days),
        mean_quantile=_by_chance(chances, sums.quantiles, sums.days),
    )


def interval_coverage(sums: Sums, low: float, high: float) -> float | None:
    """Share of units from the quantile at ``low`` to that at ``high``, both included."""
    inside = sums.covered[sums.chances.index(high)] - sums.below[sums.chances.index(low)]
    return _over(inside, sums.days)


def accuracy(sums: Sums, level: str, horizon: str) -> Accuracy:
    """Refused without the level ("sku-location-day", "category-store-week") and the horizon ("1 day", "lead time").

    At the level of a size, a store and a day no forecast is accurate by this measure, at that of a chain and a month
    any is.
    """
    if not (level.strip() and horizon.strip()):
        raise ValueError("an accuracy means nothing without the level and the horizon it is of")
    wape = _over(sums.absolute, sums.units)
    return Accuracy(level, horizon, None if wape is None else 1.0 - wape)


def _sums_at(at: int, sums: list[Array], chances: list[float], by_chance: list[list[Array]]) -> Sums:
    numbers = [float(one[at]) for one in sums]
    lists = [[float(one[at]) for one in kind] for kind in by_chance]
    named: dict[str, Any] = dict(zip(Sums.__struct_fields__, [*numbers, chances, *lists], strict=True))
    return Sums(**named)


def _summed(of: Index, column: Array, groups: int) -> Array:
    return np.asarray(np.bincount(of, column, groups), dtype=np.float64)


def _point_columns(units: Array, forecast: Array) -> list[Array]:
    """Days, units, forecast, absolute, squared, sold, apart; each (n,)."""
    off, sold = np.abs(forecast - units), units > 0.0
    apart = np.divide(off, units, out=np.zeros_like(off), where=sold)
    return [np.ones_like(off), units, forecast, off, off * off, sold.astype(np.float64), apart]


def _scaled_columns(error: Array, scales: Scales | None) -> list[Array]:
    """Scaled, scaled absolute, scaled squared; each (n,)."""
    if scales is None:
        return [np.zeros_like(error)] * 3
    has = scales.absolute > 0.0
    differences = np.maximum(scales.differences, 1.0)
    absolute = np.divide(np.abs(error), scales.absolute / differences, out=np.zeros_like(error), where=has)
    squared = np.divide(error * error, scales.squared / differences, out=np.zeros_like(error), where=has)
    return [has.astype(np.float64), absolute, squared]


def _chance_columns(units: Array, quantiles: Array | None, chances: Sequence[float]) -> list[Array]:
    """Pinball, below, covered, quantiles; each (n, chances)."""
    if quantiles is None:
        return [np.zeros((len(units), 0))] * 4
    chance, over = np.asarray(chances, dtype=np.float64), units[:, None] - quantiles
    pinball = np.maximum(chance * over, (chance - 1.0) * over)
    return [pinball, (over < 0.0).astype(np.float64), (over <= 0.0).astype(np.float64), quantiles]


def _plus(one: Any, other: Any) -> Any:
    """Numbers, or lists of them number by number; an empty list is zeros."""
    if not isinstance(one, list):
        return one + other
    return [a + b for a, b in zip(one, other, strict=True)] if one and other else one or other


def _over(above: float, below: float) -> float | None:
    return above / below if below > 0.0 else None


def _root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(value)


def _by_chance(chances: list[float], sums: list[float], days: float) -> dict[float, float]:
    return {chance: one / days for chance, one in zip(chances, sums, strict=True)} if days > 0.0 else {}
