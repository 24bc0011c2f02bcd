"""The three sets: units by period and series, and the signals that are known when a forecast is made."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyarrow import parquet

from inventory.demand.panel.arrays import Array, Index

Signals = Callable[[int, int], Array]
"""Signals (n, s) of the period ``origin + ahead``, as known after ``origin`` periods."""


class DemandSet(NamedTuple):
    """T periods of n series."""

    name: str
    units: Array
    """(T, n); NaN where nothing was recorded."""
    interval: int
    """Periods of a protection interval."""
    first_scored: int
    season: int
    """Periods after which AutoETS may look for a season; 1 is none."""
    ets_every: int
    """AutoETS, which takes a thousand times as long, forecasts at every so many of the scored origins."""
    group: Index
    signals: Signals | None


def read_sets(folder: Path) -> list[DemandSet]:
    """From the folder that holds the three files, or from ``intermittent`` in it."""
    inner = folder / "intermittent"
    found = inner if inner.is_dir() else folder
    return [carparts(found), pasta(found), orange_juice(found)]


def carparts(folder: Path) -> DemandSet:
    """Series with all 51 months; the last year is scored."""
    with gzip.open(_only(folder, "carparts_*.csv.gz"), "rt", newline="") as file:
        rows = list(csv.reader(file))[1:]
    units = np.array([row for row in rows if all(row)], dtype=np.float64).T
    return DemandSet("carparts", units, 3, len(units) - 12, 12, 3, np.zeros(units.shape[1], dtype=np.intp), None)


_KEEP_FLAG = 0.85


def pasta(folder: Path) -> DemandSet:
    """Trading days; the last 365 are scored.

    The promotion flag is set on tickets: a day on which a promoted product does not sell has none (0 of
    1,000 flagged days are without a sale). So a day's own flag would tell of its sales, and only
    the last one before the forecast is a signal, fading to the product's usual share of flags, beside the weekday.
    """
    table = _columns(_only(folder, "pasta_*.parquet"), "date", "brand", "product", "units", "promotion")
    day, days = _numbered([on.date() for on in table["date"]])
    series, names = _numbered(list(zip(table["brand"], table["product"], strict=True)))
    units = _matrix(day, series, table["units"])
    flags = np.nan_to_num(_matrix(day, series, table["promotion"]))
    weekdays = np.eye(7)[[on.weekday() for on in days]]
    usual = np.cumsum(np.vstack([np.zeros(len(names)), flags]), axis=0) / np.arange(1, len(days) + 2)[:, None]

    def signals(origin: int, ahead: int) -> Array:
        last = flags[origin - 1] if origin else usual[0]
        expected = usual[origin] + _KEEP_FLAG**ahead * (last - usual[origin])
        at = min(origin + ahead, len(days) - 1)
        return np.column_stack([np.tile(weekdays[at], (len(names), 1)), expected])

    group = _numbered([brand for brand, _ in names])[0]
    return DemandSet("pasta", units, 14, max(len(units) - 365, 0), 7, 61, group, signals)


_PACK_OUNCES = {2: 96, 6: 96, 11: 128}
"""The brands' packs hold 64 ounces but for these; the file counts ounces."""
_KEEP_PRICE = 0.9


def orange_juice(folder: Path) -> DemandSet:
    """Packs by the week; the second half is scored. Stores plan prices, deals and features weeks ahead."""
    prices = [f"price{brand}" for brand in range(1, 12)]
    names = ("store", "brand", "week", "deal", "feat", "units", *prices)
    table = _columns(_only(folder, "dominicks_*.parquet"), *names)
    week, weeks = _numbered(list(table["week"]))
    series, keys = _numbered(list(zip(table["store"], table["brand"], strict=True)))
    brand = [int(of) for of in table["brand"]]
    ounces = np.array([_PACK_OUNCES.get(of, 64) for of in brand])
    units = _matrix(week, series, np.rint(np.array(table["units"]) / ounces))
    own = _matrix(week, series, [table[f"price{of}"][row] for row, of in enumerate(brand)])
    planned = [_matrix(week, series, table[name]) for name in ("deal", "feat")]
    usual = _usual(own)

    def signals(origin: int, ahead: int) -> Array:
        at = min(origin + ahead, len(weeks) - 1)
        return np.column_stack([*(plan[at] for plan in planned), np.log(own[at] / usual[origin])])

    group = np.array([of - 1 for _, of in keys], dtype=np.intp)
    return DemandSet("orange_juice", units, 4, len(units) // 2, 1, 6, group, signals)


def _usual(price: Array) -> Array:
    """The decayed mean of the prices before each week, (T + 1, n); NaN before the first."""
    usual = [np.full(price.shape[1], np.nan)]
    for week in price:
        first = np.where(np.isnan(usual[-1]), week, usual[-1])
        usual.append(np.where(np.isnan(week), first, _KEEP_PRICE * first + (1.0 - _KEEP_PRICE) * week))
    return np.array(usual)


def _only(folder: Path, pattern: str) -> Path:
    return min(folder.glob(pattern), default=folder / pattern)


def _columns(path: Path, *names: str) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = parquet.read_table(path, columns=list(names)).to_pydict()
    return columns


def _numbered(labels: list[Any]) -> tuple[Index, list[Any]]:
    """Places of the labels among the sorted ones."""
    kinds = sorted(set(labels))
    at = {label: number for number, label in enumerate(kinds)}
    return np.array([at[label] for label in labels], dtype=np.intp), kinds


def _matrix(row: Index, column: Index, values: Any) -> Array:
    matrix = np.full((row.max() + 1, column.max() + 1), np.nan)
    matrix[row, column] = values
    return matrix
