"""The three sets: units by period and series, and the prices and closed days that are known ahead."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyarrow import parquet

from inventory.demand.panel.arrays import Array, Index

_FIRST = date(2001, 1, 1)


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
    names: list[tuple[str, str, str]]
    """SKU, location and category of each series."""
    days: list[date]
    """On which the product is told each period."""
    price: Array | None = None
    """(T, n)"""

    @property
    def has_signals(self) -> bool:
        """Whether more is known ahead than the past."""
        return self.price is not None or self.days[-1] - self.days[0] >= timedelta(len(self.days))

    def until(self, origin: int, periods: int) -> int:
        """Days from the one after a period to the end of so many more."""
        last = min(origin + periods, len(self.days) - 1)
        return (self.days[last] - self.days[origin]).days + origin + periods - last


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
    names = [(f"part-{at}", "stock", "parts") for at in range(units.shape[1])]
    return DemandSet("carparts", units, 3, len(units) - 12, 12, 3, names, _days(len(units)))


def pasta(folder: Path) -> DemandSet:
    """Trading days; the last 365 are scored. On which days the shop is closed is known ahead.

    The promotion flag is set on tickets: a day on which a promoted product does not sell has none (0 of
    1,000 flagged days are without a sale). So it tells of sales, and is no signal.
    """
    table = _columns(_only(folder, "pasta_*.parquet"), "date", "brand", "product", "units")
    day, days = _numbered([on.date() for on in table["date"]])
    series, names = _numbered(list(zip(table["brand"], table["product"], strict=True)))
    units = _matrix(day, series, table["units"])
    known = [(f"{brand}-{product}", "shop", str(brand)) for brand, product in names]
    return DemandSet("pasta", units, 14, max(len(units) - 365, 0), 7, 61, known, days)


_PACK_OUNCES = {2: 96, 6: 96, 11: 128}
"""The brands' packs hold 64 ounces but for these; the file counts ounces."""


def orange_juice(folder: Path) -> DemandSet:
    """Packs by the week; the second half is scored. Stores plan prices weeks ahead."""
    prices = [f"price{brand}" for brand in range(1, 12)]
    columns = ("store", "brand", "week", "units", *prices)
    table = _columns(_only(folder, "dominicks_*.parquet"), *columns)
    week, weeks = _numbered(list(table["week"]))
    series, keys = _numbered(list(zip(table["store"], table["brand"], strict=True)))
    brand = [int(of) for of in table["brand"]]
    ounces = np.array([_PACK_OUNCES.get(of, 64) for of in brand])
    units = _matrix(week, series, np.rint(np.array(table["units"]) / ounces))
    own = _matrix(week, series, [table[f"price{of}"][row] for row, of in enumerate(brand)])
    names = [(str(of), str(store), "juice") for store, of in keys]
    return DemandSet("orange_juice", units, 4, len(units) // 2, 1, 6, names, _days(len(weeks)), own)


def _days(periods: int) -> list[date]:
    """A day for each period of sets that have no days."""
    return [_FIRST + timedelta(at) for at in range(periods)]


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
