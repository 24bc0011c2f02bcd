"""Coffee shop sales: three shops of a fictitious company, tickets to the second."""

import re
from pathlib import Path

from simulators.replay.columns import Kind, read_columns
from simulators.replay.sheet import Sheet, first_per_sku, items_table, make_sheet, only_positive

COLUMNS: dict[str, Kind] = {
    "ts": "time",
    "transaction_id": "text",
    "store_location": "text",
    "product_id": "text",
    "transaction_qty": "quantity",
    "unit_price": "number",
}
OPTIONAL: dict[str, Kind] = {"product_category": "text", "product_detail": "text"}

_NAME_AND_SIZE = re.compile(r"(.+) (Sm|Rg|Lg)")


def read(path: Path) -> Sheet:
    """The file as a sheet; raises ``UnreadableFile`` if it is not one of this shape."""
    table = read_columns(path, COLUMNS, OPTIONAL)
    lines = {
        "transaction": table["transaction_id"],
        "location": table["store_location"],
        "sku": table["product_id"],
        "at_ms": table["ts"],
        "quantity": table["transaction_qty"],
        "unit_price": table["unit_price"],
    }
    found = first_per_sku(
        table["product_id"],
        name=table["product_detail"],
        category=table["product_category"],
        price=only_positive(table["unit_price"]),
    )
    names = zip(found["name"].to_pylist(), found["sku"].to_pylist(), strict=True)
    sizes = [style_and_size(name or sku or "") for name, sku in names]
    items = items_table(found, style=[style for style, _ in sizes], size=[size for _, size in sizes])
    return make_sheet(lines, items, channel="store", location_kind="store", currency="USD")


def style_and_size(name: str) -> tuple[str, str]:
    """A drink and its cup size.

    >>> style_and_size("Ethiopia Rg"), style_and_size("Almond Croissant")
    (('Ethiopia', 'Rg'), ('Almond Croissant', ''))
    """
    match = _NAME_AND_SIZE.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")
