"""A hand-made invoice file; every expected number is counted on it by hand."""

import json
from collections import Counter
from pathlib import Path

import pytest

from simulators.replay import UnreadableFile, open_source

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROWS = """\
536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,,2,2010-12-01 08:27:00,3.39,17850,United Kingdom
C536379,85123A,WHITE HEART,-1,2010-12-01 09:41:00,2.55,14527,United Kingdom
536414,22139,damaged,-30,2010-12-01 11:52:00,0,,EIRE
536415,POST,POSTAGE,0,2010-12-01 11:53:00,18,12583,France
A563186,B,Adjust bad debt,1,2010-12-01 14:51:00,-11062.06,,United Kingdom
536416,85123a,WHITE HEART SMALL,,2010-12-01 15:00:00,2.55,,France
"""
SUM_OF_FILE = 6 + 6 + 2 - 1 - 30 + 0 + 1 + 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(HEADER + ROWS)
    return path


def baskets(path: Path) -> list[dict]:
    return [json.loads(record.value) for record in open_source("online_retail", path).records()]


def test_sums_are_the_files_own(file: Path) -> None:
    source = open_source("online_retail", file)
    assert source.rows == 8
    assert source.total_units == SUM_OF_FILE
    assert sum(record.units for record in source.records()) == SUM_OF_FILE
    assert source.units_by_location_sku() == {
        ("United Kingdom", "85123A"): 6 + 6 - 1,
        ("United Kingdom", "71053"): 2,
        ("EIRE", "22139"): -30,
        ("France", "POST"): 0,
        ("United Kingdom", "B"): 1,
        ("France", "85123a"): 0,
    }


def test_a_basket_is_a_run_of_lines_of_one_invoice_and_instant(file: Path) -> None:
    first, second = baskets(file)[:2]
    assert first["transaction_id"] == second["transaction_id"] == "536365"
    assert first["occurred_at"] == "2010-12-01T08:26:00+00:00"
    assert first["business_day"] == "2010-12-01"
    assert first["store"] == "United Kingdom"
    assert [line["line_no"] for line in first["lines"] + second["lines"]] == [1, 2, 3]
    assert first["lines"][0] == {
        "line_no": 1,
        "type": "sale",
        "item_id": "85123A",
        "quantity": 6,
        "unit_price": 2.55,
    }


def test_below_zero_is_a_return_on_a_cancellation_and_elsewhere(file: Path) -> None:
    lines = {basket["transaction_id"]: basket["lines"][0] for basket in baskets(file)}
    assert (lines["C536379"]["type"], lines["C536379"]["quantity"]) == ("return", 1)
    assert (lines["536414"]["type"], lines["536414"]["quantity"]) == ("return", 30)


def test_dirt_is_replayed_as_it_stands_and_noted(file: Path) -> None:
    lines = {basket["transaction_id"]: basket["lines"][0] for basket in baskets(file)}
    assert (lines["536415"]["type"], lines["536415"]["quantity"]) == ("sale", 0)
    assert (lines["536416"]["type"], lines["536416"]["quantity"]) == ("sale", 0)
    assert lines["A563186"]["unit_price"] is None
    notes = open_source("online_retail", file).notes
    assert notes == {
        "negative_prices": 1,
        "zero_quantities": 1,
        "missing_quantities": 1,
        "missing_times": 0,
        "missing_skus": 0,
    }


def test_reference_data_names_every_place_and_item_once(file: Path) -> None:
    records = list(open_source("online_retail", file).reference())
    assert Counter(record.topic.name for record in records) == {
        "reference.suppliers": 1,
        "reference.locations": 3,
        "reference.items": 6,
    }
    items = {record.key: json.loads(record.value) for record in records if record.topic.name == "reference.items"}
    assert (items["85123A"]["style"], items["85123A"]["size"]) == ("85123", "A")
    assert items["71053"]["style"] == "71053"
    assert items["POST"]["style"] == "POST"
    assert "price" not in items["B"]


def test_an_invoice_of_more_than_500_lines_is_split(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(HEADER + "1,10002,x,1,2010-12-01 08:26:00,1,,France\n" * 1_201)
    split = baskets(path)
    assert [len(basket["lines"]) for basket in split] == [500, 500, 201]
    assert [line["line_no"] for basket in split for line in basket["lines"]] == list(range(1, 1_202))
    assert {basket["transaction_id"] for basket in split} == {"1"}


def test_line_numbers_go_on_when_an_invoice_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "interrupted.csv"
    path.write_text(HEADER + "".join(f"{invoice},10002,x,1,2010-12-01 08:26:00,1,,France\n" for invoice in (1, 2, 1)))
    assert [(basket["transaction_id"], basket["lines"][0]["line_no"]) for basket in baskets(path)] == [
        ("1", 1),
        ("2", 1),
        ("1", 2),
    ]


def test_a_file_out_of_order_is_brought_into_event_order(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    rows = "".join(f"{hour},10002,x,{hour},2010-12-01 {hour:02}:00:00,1,,France\n" for hour in (9, 7, 8))
    path.write_text(HEADER + rows)
    records = list(open_source("online_retail", path).records())
    assert [record.units for record in records] == [7, 8, 9]
    assert sorted(record.event_time_ms for record in records) == [record.event_time_ms for record in records]


def test_american_dates_and_latin_1_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes((HEADER + "1,10002,£ BAG,3,12/31/2010 8:26,1,,France\n").encode("latin-1"))
    assert baskets(path)[0]["occurred_at"] == "2010-12-31T08:26:00+00:00"


def test_a_missing_column_is_named_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("InvoiceNo,StockCode\n1,2\n")
    with pytest.raises(UnreadableFile, match=r"short\.csv: no column Quantity, .*; found InvoiceNo, StockCode"):
        open_source("online_retail", path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PAR1 and no more", "not a whole Parquet file"),
        (
            HEADER.encode() + b"1,2,x,many,2010-12-01 08:26:00,1,,France\n",
            "column Quantity, row 1 below the header: 'many'",
        ),
        (
            HEADER.encode()
            + b"1,2,x,1,2010-12-01 08:26:00,1,,France\n" * 6
            + b"1,2,x,1,2010-12-01 08:26:00,1e,,France\n",
            "column UnitPrice, row 7 below the header: '1e': is no number",
        ),
        (
            HEADER.encode() + b"1,2,x,1,2010-12-01 08:26:00,1,,France\n" * 4 + b"1,2,x,1,yesterday,1,,France\n" * 3,
            "column InvoiceDate, row 5 below the header: 'yesterday': is no time",
        ),
        (
            HEADER.encode() + b"1,2,x,1,12/1/2010 08:26,1,,France\n" * 2 + b"1,2,x,1,2010-12-01 08:26:00,1,,France\n",
            "column InvoiceDate, row 3 below the header: '2010-12-01 08:26:00': is no time",
        ),
        (HEADER.encode() + b"1,2\n", "not readable as CSV"),
    ],
)
def test_an_unreadable_file_is_a_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=rf"bad\.csv: .*{message}"):
        open_source("online_retail", path)


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_source("online_retail", tmp_path / "nowhere.parquet")
