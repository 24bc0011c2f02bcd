"""The contest's files: units and stock by week and series, and the state it starts from."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Index, Mask

ACTUAL = "actual_sales_weeks1-8.csv"
_NAMES = ("Store", "Product")

Series = list[tuple[str, str]]


class History(NamedTuple):
    """T weeks of n series, the latest last; ``monday`` is the first day of each."""

    series: Series
    monday: list[date]
    units: Array
    """(T, n)"""
    in_stock: Mask
    """(T, n)"""
    department: Index
    store: Index


class Start(NamedTuple):
    """Units (n,) after the last week of the history."""

    on_hand: Index
    due: Index
    """(n, 2): what arrives in the next week and in the one after."""


def read_history(folder: Path) -> History:
    """What participants were given."""
    series, weeks, sales = _table(folder / "week0_sales.csv")
    units = np.array(sales, dtype=np.float64).T
    stocked, days, flags = _table(folder / "week0_in_stock.csv")
    places = [days.index(week) for week in weeks]
    in_stock = np.array(flags)[_rows(stocked, series)][:, places].T == "True"
    known, names, master = _table(folder / "week0_master.csv")
    departments = [master[row][names.index("Department")] for row in _rows(known, series)]
    monday = [date.fromisoformat(week) for week in weeks]
    return History(series, monday, units, in_stock, _numbered(departments), _numbered([store for store, _ in series]))


def read_start(folder: Path, series: Series) -> Start:
    """The contest's own."""
    known, names, rows = _table(folder / "week0_initial_state.csv")
    table = np.array(rows, dtype=np.float64)[_rows(known, series)].astype(np.int64)
    on_hand, *due = (table[:, names.index(name)] for name in ("End Inventory", "In Transit W+1", "In Transit W+2"))
    return Start(on_hand, np.stack(due, axis=1))


def read_actual(folder: Path, series: Series) -> Array | None:
    """The contest's sales, (8, n), where they are told."""
    if not (folder / ACTUAL).is_file():
        return None
    known, names, rows = _table(folder / ACTUAL)
    weeks = [names.index(f"week{week}") for week in range(1, 9)]
    actual: Array = np.array(rows, dtype=np.float64)[_rows(known, series)][:, weeks].T
    return actual


def _table(path: Path) -> tuple[Series, list[str], list[list[str]]]:
    """Series, names of the other columns, and their values."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    keys = [head.index(name) for name in _NAMES]
    others = [at for at in range(len(head)) if at not in keys]
    series = [(row[keys[0]], row[keys[1]]) for row in rows]
    return series, [head[at] for at in others], [[row[at] for at in others] for row in rows]


def _rows(known: Series, wanted: Series) -> list[int]:
    at = {key: row for row, key in enumerate(known)}
    return [at[key] for key in wanted]


def _numbered(labels: Sequence[str]) -> Index:
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)
