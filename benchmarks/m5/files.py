"""What lies in the data folder: sales by day, weekly prices, identities and the calendar."""

import csv
import gzip
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.m5.events import effects_by_day
from inventory.demand.panel.arrays import Array
from inventory.demand.panel.days import Day


class Sales(NamedTuple):
    """Units of n series and T days, and their prices. Days are counted from 0: ``d_1`` is day 0."""

    units: npt.NDArray[np.uint16]
    """(n, T)"""
    price_cents: npt.NDArray[np.uint16]
    """(n, weeks); 0 where none is recorded."""
    week: npt.NDArray[np.int16]
    """(T,): the column of ``price_cents`` that holds on a day."""

    def units_of(self, day: int) -> Array:
        return self.units[:, day].astype(np.float64)

    def prices_of(self, day: int) -> Array:
        """Currency units, shape (n,)."""
        return self.price_cents[:, self.week[day]] / 100.0


class Ids(NamedTuple):
    """Names, one a series, in the order of the sales."""

    item: list[str]
    department: list[str]
    category: list[str]
    store: list[str]
    state: list[str]


def read_sales(folder: Path) -> Sales:
    """The longest ``m5_d1-*.npz`` of the folder."""
    path = max(folder.glob("m5_d1-*.npz"), key=lambda found: int(found.stem.rsplit("-", 1)[1]))
    with np.load(path) as kept:
        return Sales(kept["sales"], kept["price_cents"], kept["day_week"])


def read_ids(folder: Path) -> Ids:
    with gzip.open(folder / "ids.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("item_id", "dept_id", "cat_id", "store_id", "state_id")
    return Ids(*([row[column] for row in rows] for column in columns))


def read_days(folder: Path, states: list[str]) -> list[Day]:
    """Every day of the calendar; signals are the SNAP days of ``states``, in that order."""
    with (folder / "calendar.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    dates = [date.fromisoformat(row["date"]) for row in rows]
    named = [[row["event_name_1"], row["event_name_2"]] for row in rows]
    return [
        Day(
            on=on,
            events=effects,
            signals=tuple(float(row[f"snap_{state}"]) for state in states),
            closed="Christmas" in names,
        )
        for row, on, names, effects in zip(rows, dates, named, effects_by_day(dates, named), strict=True)
    ]
