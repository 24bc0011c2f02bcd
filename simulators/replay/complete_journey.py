"""The Complete Journey: grocery baskets of about 300 stores, quantities as the tills recorded them.

Fuel and weighed goods carry quantities like 12,503; they are replayed as they stand. A
``products.parquet`` (or ``.csv``) beside the file gives names and categories.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from simulators.replay.columns import Kind, read_columns
from simulators.replay.sheet import Sheet, first_per_sku, items_table, make_sheet

COLUMNS: dict[str, Kind] = {
    "store_id": "text",
    "basket_id": "text",
    "product_id": "text",
    "quantity": "quantity",
    "sales_value": "number",
    "transaction_timestamp": "time",
}
PRODUCTS: dict[str, Kind] = {"product_id": "text", "product_category": "text", "product_type": "text"}
PRODUCTS_OPTIONAL: dict[str, Kind] = {"package_size": "text"}


def read(path: Path) -> Sheet:
    """The file as a sheet; raises ``UnreadableFile`` if it is not one of this shape."""
    table = read_columns(path, COLUMNS)
    quantity = table["quantity"].cast(pa.float64())
    lines = {
        "transaction": table["basket_id"],
        "location": table["store_id"],
        "sku": table["product_id"],
        "at_ms": table["transaction_timestamp"],
        "quantity": table["quantity"],
        "unit_price": pc.if_else(
            pc.greater(quantity, pa.scalar(0)), pc.round(pc.divide(table["sales_value"], quantity), ndigits=4), None
        ),
    }
    return make_sheet(lines, _items(table, path.parent), channel="store", location_kind="store", currency="USD")


def _items(table: pa.Table, folder: Path) -> pa.Table:
    found = first_per_sku(table["product_id"], style=table["product_id"])
    beside = next((folder / name for name in ("products.parquet", "products.csv") if (folder / name).exists()), None)
    if beside is None:
        return items_table(found)
    products = read_columns(beside, PRODUCTS, PRODUCTS_OPTIONAL)
    rows = zip(*(products[name].to_pylist() for name in (*PRODUCTS, *PRODUCTS_OPTIONAL)), strict=True)
    known = {sku: (category, kind, size) for sku, category, kind, size in rows}
    described = [known.get(sku, (None, None, None)) for sku in found["sku"].to_pylist()]
    category, name, size = (list(column) for column in zip(*described, strict=True)) if described else ([], [], [])
    return items_table(found, category=category, name=name, size=size)
