"""The one shape every replayed file is brought into: a table of lines and a table of items."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simulators.replay.columns import Column

LINE_COLUMNS = ("transaction", "location", "sku", "at_ms", "quantity", "unit_price")
ITEM_COLUMNS = ("sku", "style", "name", "size", "category", "price")

_ZERO = pa.scalar(0)


@dataclass(frozen=True)
class Sheet:
    """A file as lines and items, both in Arrow columns.

    ``lines`` has ``LINE_COLUMNS`` and ``line_no`` (1, 2, ... within a transaction, by position in the
    file) and is in event-time order, lines of one instant as the file has them. ``at_ms`` may be null.
    ``items`` has ``ITEM_COLUMNS``, one row per SKU that means a product. ``notes`` counts what was
    found odd in the file.
    """

    lines: pa.Table
    items: pa.Table
    channel: str
    location_kind: str
    currency: str
    notes: dict[str, int] = field(default_factory=dict)


def make_sheet(lines: dict[str, Column], items: pa.Table, *, channel: str, location_kind: str, currency: str) -> Sheet:
    """A sheet from a file's columns in file order: numbers the lines, sorts, notes what is odd."""
    prices, negative = _without_negatives(lines["unit_price"])
    table = pa.table({**{name: lines[name] for name in LINE_COLUMNS}, "unit_price": prices})
    table = table.append_column("line_no", pa.array(_position_in(table["transaction"])))
    notes = {
        "negative_prices": negative,
        "zero_quantities": int(np.count_nonzero(table["quantity"].to_numpy() == 0)),
        "missing_quantities": table["quantity"].null_count,
        "missing_times": table["at_ms"].null_count,
        "missing_skus": table["sku"].null_count,
    }
    return Sheet(_in_event_order(table), items, channel, location_kind, currency, notes)


def first_per_sku(sku: Column, **attributes: Column) -> pa.Table:
    """One row per SKU in order of first appearance, with each attribute's first value that is not null."""
    table = pa.table({"sku": sku, **attributes})
    grouped = table.group_by("sku", use_threads=False).aggregate([(name, "first") for name in attributes])
    found = grouped.rename_columns([name.removesuffix("_first") for name in grouped.column_names])
    return found.filter(found["sku"].is_valid())


def items_table(found: pa.Table, **overrides: list[Any]) -> pa.Table:
    """The item columns of ``found``, with ``overrides`` in place and null for what is not known."""
    columns: dict[str, Any] = {name: found[name] for name in ITEM_COLUMNS if name in found.column_names}
    columns.update(overrides)
    missing = [name for name in ITEM_COLUMNS if name not in columns]
    columns.update({name: pa.nulls(found.num_rows, pa.string()) for name in missing})
    return pa.table({name: columns[name] for name in ITEM_COLUMNS})


def only_positive(numbers: Column) -> Column:
    """The numbers above zero, null for the rest."""
    positive: Column = pc.if_else(pc.greater(numbers, _ZERO), numbers, None)
    return positive


def codes(column: Column) -> npt.NDArray[np.int64]:
    """An integer per row, equal where the values are equal; null counts as a value."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    indices: npt.NDArray[np.int64] = np.asarray(encoded.indices, dtype=np.int64)
    return indices


def _position_in(transaction: Column) -> npt.NDArray[np.int64]:
    """1, 2, 3 ... for the rows of each transaction, wherever in the file they stand."""
    group = codes(transaction)
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(group) else np.array([], dtype=np.int64)
    lengths = np.diff(np.r_[first, len(group)])
    position = np.empty(len(group), dtype=np.int64)
    position[order] = np.arange(len(group)) - np.repeat(first, lengths) + 1
    return position


def _in_event_order(table: pa.Table) -> pa.Table:
    """Stable by time, the lines of a transaction at one instant together; null times stay behind their neighbour."""
    at_ms = np.asarray(pc.fill_null(pc.fill_null_forward(table["at_ms"]), 0), dtype=np.int64)
    if np.all(at_ms[1:] >= at_ms[:-1]):
        return table
    transaction = codes(table["transaction"])
    return table.take(np.lexsort((table["line_no"].to_numpy(), transaction, at_ms)))


def _without_negatives(prices: Column) -> tuple[Column, int]:
    finite = pc.if_else(pc.is_finite(prices), prices, None)
    kept: Column = pc.if_else(pc.less(finite, _ZERO), None, finite)
    return kept, kept.null_count - finite.null_count
