"""The tables of the live picture in a narrow terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from restockd.live_view import ALERT, SPARE, frame, rows_shown

ROW: dict[str, Any] = {
    "severity": "warning",
    "kind": "phantom_stock",
    "location": "S01",
    "sku": "1000017-BLK-38",
    "starts_at": datetime(2026, 8, 20, 9, 30, tzinfo=UTC),
    "summary": "66 in the book, none there with probability 1.00; " * 3,
}


@pytest.mark.parametrize("width", range(60, 200, 7))
def test_a_long_text_is_cut_and_no_column_is_squeezed(width: int) -> None:
    title, heading, line = rows_shown("open alerts", [ROW], ALERT, width, SPARE).plain.splitlines()
    assert title == "open alerts"
    assert heading.split()[:2] == ["severity", "kind"]
    assert line.startswith("warning   phantom_stock  ")
    assert cell_len(line) <= width


@pytest.mark.parametrize("kind", ["phantom_stock", "unanswered_order", "late_transfer", "off_hours_readings"])
def test_eighty_columns_say_since_when(kind: str) -> None:
    rows = [ROW | {"kind": kind, "severity": severity} for severity in ("warning", "critical")]
    _, heading, *lines = rows_shown("open alerts", rows, ALERT, 80, SPARE).plain.splitlines()
    assert len(lines) == 2
    assert "since" in heading.split()
    assert all(kind in line and "20 Aug 09:30" in line and "66 in the book" in line for line in lines)


def test_a_wide_terminal_has_every_column() -> None:
    _, heading, _ = rows_shown("open alerts", [ROW], ALERT, 160, SPARE).plain.splitlines()
    assert heading.split() == list(ALERT.values())


def test_since_when_is_told_by_the_stores_clock() -> None:
    assert "20 Aug 09:30" in rows_shown("open alerts", [ROW], ALERT, 80, SPARE).plain


def test_a_table_without_rows_says_so() -> None:
    assert rows_shown("open alerts", [], ALERT, 80).plain == "open alerts\nnone yet"


def test_an_echo_of_ctrl_c_has_room_behind_the_last_line() -> None:
    console = Console(width=80)
    lines = console.render_lines(frame(rows_shown("open alerts", [ROW], ALERT, 80, SPARE)), pad=False)
    widths = [sum(segment.cell_length for segment in line) for line in lines]
    assert widths[-2:] == [80, 0]
