"""A bakery's till: one row per unit sold, no prices.

An item of ``NONE`` or nothing is a till line without a product. It is replayed as it stands and has
no reference record, so it turns up downstream as one unit of an unknown item.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from simulators.replay.columns import Column, Kind, milliseconds, read_columns
from simulators.replay.sheet import Sheet, first_per_sku, items_table, make_sheet

COLUMNS: dict[str, Kind] = {"Date": "text", "Time": "text", "Transaction": "text", "Item": "text"}
LOCATION = "bakery"
NO_PRODUCT = "NONE"


def read(path: Path) -> Sheet:
    """The file as a sheet; raises ``UnreadableFile`` if it is not one of this shape."""
    table = read_columns(path, COLUMNS)
    rows = table.num_rows
    moment = pc.binary_join_element_wise(table["Date"], table["Time"], pa.scalar(" "))  # type: ignore[call-overload]
    sku = pc.utf8_trim_whitespace(table["Item"])
    lines = {
        "transaction": table["Transaction"],
        "location": pa.chunked_array([pa.repeat(pa.scalar(LOCATION), rows)]),
        "sku": sku,
        "at_ms": milliseconds(path, "Date and Time", moment),
        "quantity": pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), rows)]),
        "unit_price": pa.chunked_array([pa.nulls(rows, pa.float64())]),
    }
    product: Column = pc.if_else(pc.equal(sku, pa.scalar(NO_PRODUCT)), None, sku)
    found = first_per_sku(product, name=product, style=product)
    return make_sheet(lines, items_table(found), channel="store", location_kind="store", currency="GBP")
