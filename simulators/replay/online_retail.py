"""UCI Online Retail: invoice lines of a British gift wholesaler, cancellations and all.

The sign of the quantity says what a line is: below zero it is a return, on a cancellation (an
invoice ``C...``) and elsewhere (write-offs booked as invoices). So the units sold less the units
returned are always the file's own sum. A place is a country.
"""

import re
from pathlib import Path

from simulators.replay.columns import Kind, read_columns
from simulators.replay.sheet import Sheet, first_per_sku, items_table, make_sheet, only_positive

COLUMNS: dict[str, Kind] = {
    "InvoiceNo": "text",
    "StockCode": "text",
    "Quantity": "quantity",
    "InvoiceDate": "time",
    "UnitPrice": "number",
    "Country": "text",
}
OPTIONAL: dict[str, Kind] = {"Description": "text"}

_STYLE_AND_VARIANT = re.compile(r"(\d{5})([A-Za-z]+)")


def read(path: Path) -> Sheet:
    """The file as a sheet; raises ``UnreadableFile`` if it is not one of this shape."""
    table = read_columns(path, COLUMNS, OPTIONAL)
    lines = {
        "transaction": table["InvoiceNo"],
        "location": table["Country"],
        "sku": table["StockCode"],
        "at_ms": table["InvoiceDate"],
        "quantity": table["Quantity"],
        "unit_price": table["UnitPrice"],
    }
    found = first_per_sku(table["StockCode"], name=table["Description"], price=only_positive(table["UnitPrice"]))
    variants = [style_and_variant(sku) for sku in found["sku"].to_pylist() if sku]
    items = items_table(found, style=[style for style, _ in variants], size=[variant for _, variant in variants])
    return make_sheet(lines, items, channel="online", location_kind="online", currency="GBP")


def style_and_variant(stock_code: str) -> tuple[str, str]:
    """The style and the variant within it.

    >>> style_and_variant("85123A"), style_and_variant("71053"), style_and_variant("POST")
    (('85123', 'A'), ('71053', ''), ('POST', ''))
    """
    match = _STYLE_AND_VARIANT.fullmatch(stock_code)
    return (match[1], match[2]) if match else (stock_code, "")
