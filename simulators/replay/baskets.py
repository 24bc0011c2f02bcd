"""Lines to baskets: one till reading per run of lines of one transaction, place and instant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from schemas import topics
from simulators.records import Record, exact_sum
from simulators.replay.sheet import codes

MOST_LINES = 500
WORKSTATION = "replay"

_ROWS_AT_ONCE = 50_000
_LARGEST_JSON_INTEGER = 2**53
_VALUES = ("line_no", "sku", "quantity", "unit_price")


def baskets(lines: pa.Table, channel: str) -> Iterator[Record]:
    """The baskets of a sheet's lines, in their order; at most ``MOST_LINES`` lines each.

    A negative quantity is a return line of the opposite quantity. What is not a usable quantity is a
    sale line as the file has it, for the reader of the topic to reject.
    """
    ends = _basket_ends(lines)
    at_ms = pc.fill_null(pc.fill_null_forward(lines["at_ms"]), 0)
    start = 0
    for rows in _slices(ends):
        chunk = lines.slice(start, rows[-1] - start)
        columns = {name: chunk[name].to_pylist() for name in chunk.column_names}
        times = at_ms.slice(start, rows[-1] - start).to_pylist()
        first = 0
        for end in rows:
            last = end - start
            yield _basket(columns, first, last, times[first], channel)
            first = last
        start = rows[-1]


def _basket_ends(lines: pa.Table) -> npt.NDArray[np.int64]:
    """Where each basket ends (exclusive): transaction, place or time changes, or it is full."""
    count = lines.num_rows
    changes = np.zeros(count, dtype=bool)
    for name in ("transaction", "location", "at_ms"):
        value = codes(lines[name])
        changes[1:] |= value[1:] != value[:-1]
    starts = np.flatnonzero(changes)
    bounds = np.r_[0, starts, count]
    full = [
        np.arange(begin + MOST_LINES, end, MOST_LINES) for begin, end in pairwise(bounds) if end - begin > MOST_LINES
    ]
    last = [count] if count else []
    return np.sort(np.concatenate([starts, *full, np.array(last, dtype=np.int64)])).astype(np.int64)


def _slices(ends: npt.NDArray[np.int64]) -> Iterator[list[int]]:
    """The ends in groups of about ``_ROWS_AT_ONCE`` rows, so that few rows are Python objects at a time."""
    group: list[int] = []
    begin = 0
    for end in ends.tolist():
        group.append(end)
        if end - begin >= _ROWS_AT_ONCE:
            yield group
            group, begin = [], end
    if group:
        yield group


def _basket(columns: dict[str, list[Any]], first: int, last: int, at_ms: int, channel: str) -> Record:
    store = columns["location"][first] or ""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    parts = (columns[name][first:last] for name in _VALUES)
    lines = [_line(*values) for values in zip(*parts, strict=True)]
    value = orjson.dumps(
        {
            "transaction_id": columns["transaction"][first] or "",
            "store": store,
            "workstation": WORKSTATION,
            "business_day": at.date().isoformat(),
            "occurred_at": None if columns["at_ms"][first] is None else at.isoformat(),
            "cancelled": False,
            "channel": channel,
            "lines": lines,
        }
    )
    return Record(topics.POS, store, value, at_ms, "basket", exact_sum(columns["quantity"][first:last]))


def _line(line_no: int, sku: str | None, quantity: int | float | None, unit_price: float | None) -> dict[str, object]:
    quantity = quantity or 0
    if isinstance(quantity, float) and quantity.is_integer() and abs(quantity) < _LARGEST_JSON_INTEGER:
        quantity = int(quantity)
    return {
        "line_no": line_no,
        "type": "return" if quantity < 0 else "sale",
        "item_id": (sku or "").strip(),
        "quantity": abs(quantity),
        "unit_price": unit_price,
    }
