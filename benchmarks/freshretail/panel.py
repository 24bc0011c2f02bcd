"""FreshRetailNet-50K as arrays: hourly sales, hours in stock, and the kinds of each day."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FIRST_HOUR, LAST_HOUR = 6, 22
DISCOUNTS = 12
MONDAY = 4  # days since the epoch, modulo seven


@dataclass(frozen=True)
class Panel:
    """``sales`` (series, days, hours) in the data set's units, ``in_stock`` alike, ``kinds`` (series, days, 2).

    Kinds are the weekday and the discount in steps of 5 %; ``group`` is the second-level category, ``number`` the
    series' place in the file.
    """

    sales: NDArray[np.float64]
    in_stock: NDArray[np.bool_]
    kinds: NDArray[np.int64]
    group: NDArray[np.int64]
    number: NDArray[np.int64]

    def pick(self, series: NDArray[np.bool_]) -> "Panel":
        return Panel(*(getattr(self, each.name)[series] for each in fields(self)))

    @property
    def free(self) -> NDArray[np.bool_]:
        """Days without a stock-out, (series, days)."""
        return np.asarray(self.in_stock.all(axis=2))


def read(folder: Path) -> Panel:
    """The one ``.npz`` file of the folder; hours 6 to 21, which hold 95 % of the sales."""
    with np.load(next(folder.glob("*.npz"))) as file:
        series, days = len(file["keys"]), len(file["dates"])
        hours = slice(FIRST_HOUR, LAST_HOUR)
        out = np.unpackbits(file["stockout_bits"], axis=1)[:, : days * 24].reshape(series, days, 24)
        sales = file["sale_milli"].reshape(series, days, 24)[:, :, hours] / 1000.0
        group = file["keys"][:, list(file["key_names"]).index("second_category_id")]
        discount = file["daily"][:, :, list(file["daily_names"]).index("discount")]
        weekday = (file["dates"].astype("datetime64[D]").astype(np.int64) - MONDAY) % 7
    kinds = np.stack([np.broadcast_to(weekday, (series, days)), _steps(discount)], axis=2)
    group = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return Panel(sales, out[:, :, hours] == 0, kinds, group, np.arange(series))


def _steps(price_share: NDArray[np.float32]) -> NDArray[np.int64]:
    """0 at full price, 1 for less than 5 % off, and so on; the last holds 55 % and more."""
    steps = np.floor((1.0 - price_share) * 20.0) + (price_share < 0.999)
    return np.asarray(np.clip(steps, 0, DISCOUNTS - 1), dtype=np.int64)
