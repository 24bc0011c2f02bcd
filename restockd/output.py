"""What a command answers: JSON for machines, tables for people. Always standard output."""

import json
import math
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size

JsonOption = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]

_PROGRESS = 60
_GAP = "  "
_LEAST_TEXT = 20
"""Cells of a text that are worth a column of their own."""


def write_json(answer: Any) -> None:
    """One JSON document on one line; what JSON lacks (times, decimals) becomes text."""
    typer.echo(json.dumps(answer, default=str, ensure_ascii=False))


def show_progress(text: str) -> None:
    """On one line of a terminal, which what comes next is written over; nothing where nobody looks."""
    if sys.stderr.isatty():
        typer.echo(f"\r{text:<{_PROGRESS}}\r", err=True, nl=False)


def write_rows(
    rows: Iterable[Mapping[str, Any]],
    as_json: bool,
    nothing: str = "nothing",
    columns: Sequence[str] = (),
    spare: Sequence[str] = (),
    text: str = "",
) -> None:
    """Rows of the same columns as a JSON array, or as a table of ``columns`` (all if none are named).

    In a pipe a row is one line, whole. In a terminal that is too narrow ``spare``
    columns go, the first named first, then ``text`` is cut short; what still does
    not fit is shown row by row, a line per column.
    """
    found = list(rows)
    if as_json:
        write_json(found)
    elif not found:
        typer.echo(nothing)
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        typer.echo("\n".join(table_lines(found, columns or tuple(found[0]), width, spare, text)))


def table_lines(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    width: int | None = None,
    spare: Sequence[str] = (),
    text: str = "",
) -> list[str]:
    """The lines of a table no wider than ``width`` cells, if one is given; no value is folded.

    >>> rows = [{"sku": "SHIRT-M", "units": 3, "why": "position 3 at or below reorder point 8"}]
    >>> for line in table_lines(rows, ("sku", "units", "why"), 36, text="why"): print(line)
    sku      units  why
    SHIRT-M      3  position 3 at or be…
    """
    cells = {column: [column, *(_shown(row[column]) for row in rows)] for column in columns}
    widths = {column: max(map(cell_len, shown)) for column, shown in cells.items()}
    if width is not None:
        for column in (None, *spare):
            widths.pop(column or "", None)
            if _total(widths, text) <= width:
                break
        else:
            return _records(cells, len(rows))
        if text in widths:
            widths[text] = min(widths[text], width - _total(widths, text, counted=0))
    numbers = {column for column in widths if _is_number(rows[0][column])}
    return [
        _GAP.join(_fitted(cells[column][at], size, right=column in numbers) for column, size in widths.items()).rstrip()
        for at in range(len(rows) + 1)
    ]


def _total(widths: Mapping[str, int], text: str, counted: int = _LEAST_TEXT) -> int:
    """Cells that a row takes at least; of ``text`` no more than ``counted``."""
    needed = sum(min(size, counted) if column == text else size for column, size in widths.items())
    return needed + len(_GAP) * (len(widths) - 1)


def _records(cells: Mapping[str, Sequence[str]], rows: int) -> list[str]:
    """A line for each value, an empty one between the rows."""
    longest = max(map(cell_len, cells))
    shown = [
        [f"{column:<{longest}}{_GAP}{values[at]}".rstrip() for column, values in cells.items()]
        for at in range(1, rows + 1)
    ]
    return [line for record in shown for line in (*record, "")][:-1]


def _fitted(value: str, size: int, *, right: bool) -> str:
    if cell_len(value) > size:
        return set_cell_size(value, size - 1) + "…"
    padding = " " * (size - cell_len(value))
    return padding + value if right else value + padding


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    """A value on one line.

    >>> [_shown(value) for value in (0.1 + 0.2, 12.0, 1234567.891, 1e-9, float("nan"), None)]
    ['0.3', '12', '1234567.891', '1e-09', '', '']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return _rounded(value)
    return " ".join(str(value).splitlines())


def _rounded(value: float) -> str:
    """Six digits behind the point are enough to read; more is in --json."""
    if not math.isfinite(value) or 0.0 < abs(value) < 1e-4 or abs(value) >= 1e15:
        return f"{value:.6g}"
    return f"{value:.6f}".rstrip("0").rstrip(".")
