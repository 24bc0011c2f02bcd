"""The tables of the live picture in a narrow terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from restockd.live_view import frame, rows_shown

COLUMNS = {"severity": "severity", "kind": "kind", "location": "location", "starts_at": "since", "summary": "what"}
ROW: dict[str, Any] = {
    "severity": "warning",
    "kind": "phantom_stock",
    "location": "S01",
    "starts_at": datetime(2026, 8, 20, 9, 30, tzinfo=UTC),
    "summary": "66 in the book, none there with probability 1.00; " * 3,
}


@pytest.mark.parametrize("width", range(60, 200, 7))
def test_a_long_text_is_cut_and_no_column_is_squeezed(width: int) -> None:
    title, heading, line = rows_shown("open alerts", [ROW], COLUMNS, width).plain.splitlines()
    assert title == "open alerts"
    assert heading.split()[:2] == ["severity", "kind"]
    assert line.startswith("warning   phantom_stock  ")
    assert cell_len(line) <= width


def test_since_when_is_told_by_the_stores_clock() -> None:
    assert "20 Aug 09:30" in rows_shown("open alerts", [ROW], COLUMNS, 80).plain


def test_a_table_without_rows_says_so() -> None:
    assert rows_shown("open alerts", [], COLUMNS, 80).plain == "open alerts\nnone yet"


def test_an_echo_of_ctrl_c_has_room_behind_the_last_line() -> None:
    console = Console(width=80)
    lines = console.render_lines(frame(rows_shown("open alerts", [ROW], COLUMNS, 80)), pad=False)
    widths = [sum(segment.cell_length for segment in line) for line in lines]
    assert widths[-2:] == [80, 0]
