"""How answers look: whole in pipes, within the terminal's width else, and nobody's SKU in two halves."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.cells import cell_len

from restockd.output import table_lines, write_rows

COLUMNS = ("order", "location", "sku", "units", "cost", "why", "decided")
ROW: dict[str, Any] = {
    "order": "7aeb78c7",
    "location": "S03",
    "sku": "ST012-BLA-S",
    "units": 14,
    "cost": "279.72 EUR",
    "why": "position 7 at or below reorder point 14",
    "decided": datetime(2026, 8, 29, 10, 23, tzinfo=UTC),
}
WHOLE = "7aeb78c7  S03       ST012-BLA-S     14  279.72 EUR  position 7 at or below reorder point 14  2026-08-29 10:23"


def lines(width: int | None) -> list[str]:
    return table_lines([ROW], COLUMNS, width, ("decided", "cost"), "why")


@pytest.mark.parametrize("width", [None, 200, len(WHOLE)])
def test_a_row_is_one_line_where_there_is_room(width: int | None) -> None:
    assert lines(width)[1] == WHOLE


def test_a_text_is_cut_before_a_column_goes() -> None:
    assert lines(len(WHOLE) - 1)[1] == WHOLE.replace("reorder point 14", "reorder point …")


def test_spare_columns_go_in_their_order() -> None:
    assert lines(80)[0].split() == ["order", "location", "sku", "units", "cost", "why"]
    assert lines(70)[0].split() == ["order", "location", "sku", "units", "why"]


@pytest.mark.parametrize("width", range(60, 130))
def test_no_line_is_wider_than_the_terminal_and_no_sku_is_cut(width: int) -> None:
    shown = lines(width)
    assert len(shown) == 2
    assert max(map(cell_len, shown)) <= width
    assert "ST012-BLA-S" in shown[1]


def test_what_fits_nowhere_is_shown_row_by_row() -> None:
    shown = table_lines([ROW, ROW], COLUMNS, 30, ("decided", "cost"), "why")
    assert len(shown) == 2 * len(COLUMNS) + 1
    assert shown[2] == "sku       ST012-BLA-S"
    assert shown[7] == ""


def test_wide_letters_keep_their_cells() -> None:
    rows = [{"name": "麻のシャツ", "units": 3}, {"name": "shirt", "units": 12}]
    assert [cell_len(line) for line in table_lines(rows, ("name", "units"))] == [17, 17, 17]


def test_several_lines_become_one() -> None:
    assert table_lines([{"a": "one\ntwo", "b": 1}], ("a", "b"))[1] == "one two  1"


def test_a_pipe_gets_whole_rows_whatever_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    write_rows([ROW], as_json=False, columns=COLUMNS, spare=("decided",), text="why")
    assert capsys.readouterr().out.splitlines()[1] == WHOLE
