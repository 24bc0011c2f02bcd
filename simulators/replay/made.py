"""A small file of the same shape and dirt as Online Retail, made from a seed."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

COUNTRIES = ("United Kingdom", "Germany", "France", "EIRE", "Unspecified")
SHARE_OF_COUNTRY = (0.7, 0.1, 0.1, 0.07, 0.03)
START = np.datetime64("2010-12-01T08:26:00", "us")

_STYLES = 40
_VARIANTS = ("", "A", "B", "f")


def made_online_retail(path: Path, *, rows: int = 2_000, seed: int = 1) -> Path:
    """Writes ``rows`` invoice lines to ``path`` (Parquet, or CSV by its suffix) and returns it.

    Holds cancellations, negative quantities outside of them, zero quantities, lines repeated within an
    invoice, service codes, missing descriptions, a negative price and several countries.
    """
    random = np.random.default_rng(seed)
    invoice = _invoice_of_row(random, rows)
    cancelled = (random.random(invoice[-1] + 1) < 0.08)[invoice]
    codes = _stock_codes(random, rows, invoice)
    table = pa.table(
        {
            "InvoiceNo": [
                f"{'C' * bool(gone)}{536365 + number}" for number, gone in zip(invoice, cancelled, strict=True)
            ],
            "StockCode": codes,
            "Description": [None if random.random() < 0.01 else f"ITEM {code}" for code in codes],
            "Quantity": pa.array(_quantities(random, cancelled), pa.int32()),
            "InvoiceDate": pa.array(_times(random, invoice), pa.timestamp("us")),
            "UnitPrice": _prices(random, rows),
            "CustomerID": pa.array(random.integers(12346, 18287, rows), pa.int32()),
            "Country": random.choice(COUNTRIES, size=invoice[-1] + 1, p=SHARE_OF_COUNTRY)[invoice],
        }
    )
    write = pa_csv.write_csv if path.suffix == ".csv" else pq.write_table
    write(table, path)
    return path


def _invoice_of_row(random: np.random.Generator, rows: int) -> npt.NDArray[np.int64]:
    sizes = random.geometric(0.08, size=rows)
    return np.repeat(np.arange(rows), sizes)[:rows]


def _stock_codes(random: np.random.Generator, rows: int, invoice: npt.NDArray[np.int64]) -> list[str]:
    styles = random.integers(0, _STYLES, rows)
    variants = random.integers(0, len(_VARIANTS), rows)
    codes = [f"{20000 + style}{_VARIANTS[variant]}" for style, variant in zip(styles, variants, strict=True)]
    for row in np.flatnonzero(random.random(rows) < 0.01):
        codes[row] = "POST"
    for row in np.flatnonzero(random.random(rows) < 0.05):
        if row and invoice[row] == invoice[row - 1]:
            codes[row] = codes[row - 1]
    return codes


def _quantities(random: np.random.Generator, cancelled: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    quantities = random.geometric(0.15, size=len(cancelled)).astype(np.int64)
    quantities[random.random(len(cancelled)) < 0.3] = 1
    quantities[cancelled | (random.random(len(cancelled)) < 0.01)] *= -1
    quantities[random.random(len(cancelled)) < 0.002] = 0
    return quantities


def _times(random: np.random.Generator, invoice: npt.NDArray[np.int64]) -> npt.NDArray[np.datetime64]:
    minutes = np.cumsum(random.integers(0, 12, invoice[-1] + 1))[invoice]
    return START + minutes.astype("timedelta64[m]")


def _prices(random: np.random.Generator, rows: int) -> npt.NDArray[np.float64]:
    prices = np.round(random.lognormal(1.0, 0.8, rows), 2)
    prices[random.integers(0, rows)] = -11062.06
    return prices
