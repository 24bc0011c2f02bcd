"""What was sold and what was on the shelf, kept by local day until the day is learned.

A day is over only when it is over everywhere, and events come late, so several days are open at a time. An hour
counts as in stock or not by what held for the larger part of it, and as in stock whenever it sold something: a
book that says otherwise is wrong.
"""

import math
from typing import ClassVar

import numpy as np

from inventory.demand.early import Open
from inventory.demand.exposure import Flags, Floats
from inventory.demand.panel.arrays import grown

HOURS = 24
_TRADING_HOURS = 12
_DEAREST = 1e9
MILLISECONDS_PER_HOUR = 3_600_000
MILLISECONDS_PER_DAY = 86_400_000


class DayBook:
    """Sales and stock-outs of series that are numbered from 0; days are counted from the epoch."""

    KEPT: ClassVar[tuple[str, ...]] = ("_sales", "_turns", "_out", "_units")

    def __init__(self) -> None:
        self._sales: dict[int, list[tuple[int, int, int, float]]] = {}
        self._turns: dict[int, list[tuple[int, int, bool]]] = {}
        self._units: dict[int, int] = {}
        self._out = np.zeros(0, dtype=np.bool_)

    def sold(self, series: int, local_ms: int, units: int, price: float = math.nan) -> None:
        """Units asked for at a local time, negative where a sale was voided, and the price of one."""
        day, of_day_ms = divmod(local_ms, MILLISECONDS_PER_DAY)
        self._sales.setdefault(day, []).append((series, of_day_ms // MILLISECONDS_PER_HOUR, units, price))
        self._units[day] = self._units.get(day, 0) + units

    def turned(self, series: int, local_ms: int, *, in_stock: bool) -> None:
        """From this local time on there is some on the shelf, or none."""
        day, of_day_ms = divmod(local_ms, MILLISECONDS_PER_DAY)
        hour = round(of_day_ms / MILLISECONDS_PER_HOUR)
        self._turns.setdefault(day, []).append((series, hour, in_stock))

    def days(self) -> list[int]:
        """The days anything is known of that were not taken yet, in order."""
        return sorted({*self._sales, *self._turns})

    def open(self) -> Open:
        """What was sold on the days that were not taken yet.

        Of the newest, as much has passed as lies between its first sale and its last that were told, of
        ``_TRADING_HOURS``.
        """
        if not self._sales:
            return Open(0, 0.0, 0.0)
        told = self._sales[max(self._sales)]
        today = min(abs(told[-1][1] - told[0][1]) + 1, _TRADING_HOURS) / _TRADING_HOURS
        return Open(sum(self._units.values()), len(self._sales) - 1 + today, today)

    def paid(self, day: int, n: int) -> Floats:
        """Mean price paid on a day that was not taken yet, (n,); NaN where none was told."""
        units, worth = np.zeros(n), np.zeros(n)
        for series, _, sold, price in self._sales.get(day, []):
            if sold > 0 and 0.0 < price < _DEAREST:
                units[series] += sold
                worth[series] += sold * price
        means: Floats = np.divide(worth, units, out=np.full(n, np.nan), where=units > 0.0)
        return means

    def take(self, day: int, n: int) -> tuple[Floats, Flags]:
        """Close a day of ``n`` series: units sold and whether in stock, both (n, 24).

        What is told later of that day or of earlier ones has to be told as of a day that is open.
        """
        self._out = grown(self._out, n)
        sales, in_stock = self._sold_by_hour(day, n), np.repeat(~self._out[:, None], HOURS, axis=1)
        for series, hour, there in sorted(self._turns.pop(day, []), key=lambda turn: turn[1]):
            in_stock[series, hour:] = there
            self._out[series] = not there
        return sales, in_stock | (sales > 0.0)

    def _sold_by_hour(self, day: int, n: int) -> Floats:
        """Voids take from what the day sold, whenever that was."""
        sales, voids = np.zeros((n, HOURS)), np.zeros(n)
        self._units.pop(day, None)
        for series, hour, units, _ in self._sales.pop(day, []):
            if units > 0:
                sales[series, hour] += units
            else:
                voids[series] -= units
        sold = sales.sum(axis=1)
        left = np.maximum(sold - voids, 0.0) / np.maximum(sold, 1.0)
        return np.asarray(sales * left[:, None])
