"""Demand of the M5 data: a draw of SKUs that are sold in all the stores asked for."""

from pathlib import Path

import numpy as np

from benchmarks.closed_loop.scene import Array, Drawn
from benchmarks.m5.files import Ids, Sales, read_days, read_ids, read_sales

LEAST_A_DAY, MOST_A_DAY = 0.2, 5.0
"""Mean units a day in the history, in every store: goods whose single tags are told apart, slowest ones left out."""


def draw(folder: Path, first_day: int, history_days: int, played_days: int, stores: int, skus: int, seed: int) -> Drawn:
    """``skus`` SKUs in the first ``stores`` stores, from ``d_<first_day>`` on.

    SKUs are chosen at random among those that sold in all of the stores during the history; nothing later counts.
    """
    sales, ids = read_sales(folder), read_ids(folder)
    start, end = first_day - 1, first_day - 1 + history_days + played_days
    if start < 0 or end > sales.units.shape[1]:
        raise ValueError(f"days d_{first_day} to d_{end} are not all among the {sales.units.shape[1]} of the data")
    names = sorted(set(ids.store))[:stores]
    rows = _rows(sales, ids, names, start, start + history_days)
    if len(rows[0]) < skus:
        raise ValueError(f"only {len(rows[0])} SKUs sell in all of the {stores} stores, not {skus}")
    chosen = np.sort(np.random.default_rng([seed, 0]).choice(len(rows[0]), skus, replace=False))
    series = np.concatenate([in_store[chosen] for in_store in rows])
    first = series[:skus].tolist()
    return Drawn(
        read_days(folder, [])[start].on,
        [ids.item[row] for row in first],
        [ids.category[row] for row in first],
        [ids.department[row] for row in first],
        names,
        sales.units[series, start:end].astype(np.int64),
        _prices(sales, series, start, end),
    )


def _rows(sales: Sales, ids: Ids, stores: list[str], start: int, end: int) -> list["np.typing.NDArray[np.intp]"]:
    """Rows of the SKUs that can be chosen, by store, in the same order."""
    mean = sales.units[:, start:end].mean(axis=1)
    priced = sales.price_cents[:, sales.week[start]] > 0
    fits = (mean >= LEAST_A_DAY) & (mean <= MOST_A_DAY) & priced
    by_store: list[dict[str, int]] = [{} for _ in stores]
    for row in np.flatnonzero(fits).tolist():
        if ids.store[row] in stores:
            by_store[stores.index(ids.store[row])][ids.item[row]] = row
    everywhere = sorted(set.intersection(*(set(found) for found in by_store)))
    return [np.array([found[sku] for sku in everywhere], dtype=np.intp) for found in by_store]


def _prices(sales: Sales, series: "np.typing.NDArray[np.intp]", start: int, end: int) -> Array:
    """(n, days); the last known one where none is recorded."""
    price = sales.price_cents[series][:, sales.week[start:end]] / 100.0
    for day in range(1, price.shape[1]):
        price[:, day] = np.where(price[:, day] > 0.0, price[:, day], price[:, day - 1])
    return price
