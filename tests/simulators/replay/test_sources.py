"""The other sources on small hand-made files, and laws that hold for every source."""

import json
from fractions import Fraction
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from schemas.errors import InvalidSettings
from simulators.replay import SOURCES, ReplaySource, open_source

FILES = {
    "online-retail": (
        "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,Country\n"
        "1,85123A,2,2010-12-01 08:26:00,2.55,France\n"
        "C2,85123A,-5,2010-12-01 08:27:00,2.55,France\n"
    ),
    "coffee": (
        "ts,transaction_id,store_location,product_id,transaction_qty,unit_price,product_detail\n"
        "2023-01-01 07:06:11,1,Astoria,32,2,3.0,Ethiopia Rg\n"
        "2023-01-01 07:06:11,1,Astoria,33,1,3.5,Ethiopia Lg\n"
    ),
    "bakery": (
        "Date,Time,Transaction,Item\n"
        "2016-10-30,10:05:34,2,Scandinavian\n"
        "2016-10-30,10:05:34,2,Scandinavian\n"
        "2016-10-30,10:06:00,3,NONE\n"
        "2016-10-30,10:07:00,4,\n"
    ),
    "complete-journey": (
        "household_id,store_id,basket_id,product_id,quantity,sales_value,transaction_timestamp\n"
        "1,309,77,940996,1,3.86,2017-01-28 19:06:53\n"
        "1,309,77,900000,0,0,2017-01-28 19:06:53\n"
        "1,309,77,900001,0.1,1,2017-01-28 19:06:53\n"
        "1,309,77,900001,0.2,1,2017-01-28 19:06:53\n"
        "2,310,76,6534178,30080,50.0,2017-01-27 10:00:00\n"
        "2,310,76,6534178,,50.0,2017-01-27 10:00:00\n"
    ),
}
SUMS = {
    "online-retail": 2 - 5,
    "coffee": 2 + 1,
    "bakery": 4,
    "complete-journey": 30081 + Fraction(0.1) + Fraction(0.2),
}


def opened(name: str, folder: Path) -> ReplaySource:
    path = folder / "file.csv"
    path.write_text(FILES[name])
    return open_source(name, path)


def test_every_source_is_tested() -> None:
    assert FILES.keys() == SUMS.keys() == SOURCES.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_units_add_up_exactly(name: str, tmp_path: Path) -> None:
    source = opened(name, tmp_path)
    assert source.total_units == SUMS[name]
    assert sum(record.units for record in source.records()) == SUMS[name]
    assert sum(source.units_by_location_sku().values()) == SUMS[name]


@pytest.mark.parametrize("name", SOURCES)
def test_every_row_is_a_line_and_the_bytes_are_the_same_each_time(name: str, tmp_path: Path) -> None:
    source = opened(name, tmp_path)
    records = list(source.records())
    assert sum(len(json.loads(record.value)["lines"]) for record in records) == source.rows
    assert records == list(opened(name, tmp_path).records())
    assert list(source.reference()) == list(opened(name, tmp_path).reference())


@pytest.mark.parametrize("name", SOURCES)
def test_parquet_and_csv_give_the_same_records(name: str, tmp_path: Path) -> None:
    source = opened(name, tmp_path)
    pq.write_table(pa_csv.read_csv(tmp_path / "file.csv"), tmp_path / "file.parquet")
    assert list(open_source(name, tmp_path / "file.parquet").records()) == list(source.records())


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_without_rows_is_empty_not_an_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(FILES[name].splitlines()[0] + "\n")
    source = open_source(name, path)
    assert (source.rows, source.total_units, list(source.records())) == (0, 0, [])


def test_coffee_sizes_share_a_style(tmp_path: Path) -> None:
    items = [json.loads(r.value) for r in opened("coffee", tmp_path).reference() if r.topic.name == "reference.items"]
    assert [(item["sku"], item["style"], item["size"]) for item in items] == [
        ("32", "Ethiopia", "Rg"),
        ("33", "Ethiopia", "Lg"),
    ]


def test_bakery_rows_without_a_product_are_lines_of_no_known_item(tmp_path: Path) -> None:
    source = opened("bakery", tmp_path)
    items = [line["item_id"] for record in source.records() for line in json.loads(record.value)["lines"]]
    assert items == ["Scandinavian", "Scandinavian", "NONE", ""]
    assert [r.key for r in source.reference() if r.topic.name == "reference.items"] == ["Scandinavian"]


def test_grocery_quantities_are_replayed_as_they_stand(tmp_path: Path) -> None:
    lines = [line for r in opened("complete-journey", tmp_path).records() for line in json.loads(r.value)["lines"]]
    assert [line["quantity"] for line in lines] == [30080, 0, 1, 0, 0.1, 0.2]
    assert {line["type"] for line in lines} == {"sale"}


def test_a_products_file_beside_the_groceries_is_used(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,product_category,product_type\n940996,BREAD,RYE\n")
    items = {r.key: json.loads(r.value) for r in opened("complete-journey", tmp_path).reference()}
    assert (items["940996"]["category"], items["940996"]["name"]) == ("BREAD", "RYE")
    assert items["900000"]["category"] == ""


def test_an_unknown_source_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="'grocer' is not known; known: online-retail, coffee"):
        open_source("grocer", tmp_path)
