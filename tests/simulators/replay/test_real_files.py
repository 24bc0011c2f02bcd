"""The real files, where a copy lies beside the checkout; sums taken by another route than the replay's."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from simulators.replay import open_source

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
FILES = {
    "online-retail": ("online_retail/online_retail_2010-12_2011-06.parquet", "Quantity"),
    "coffee": ("coffee_shop/coffee_2023-01_04.parquet", "transaction_qty"),
    "complete-journey": ("complete_journey/transactions_sample.parquet", "quantity"),
    "bakery": ("bakery/BreadBasket_DMS.csv", None),
}


@pytest.mark.parametrize("name", FILES)
def test_units_and_rows_are_the_files_own(name: str) -> None:
    file, column = FILES[name]
    path = DATA / file
    if not path.exists():
        pytest.skip(f"no copy of {file} beside the checkout")
    source = open_source(name, path)
    if column is None:
        rows = expected = sum(1 for _ in csv.DictReader(path.read_text().splitlines()))
    else:
        quantities = pq.read_table(path, columns=[column])[column].to_pylist()
        rows, expected = len(quantities), sum(map(int, quantities))
    assert source.rows == rows
    assert source.total_units == expected
    units, newest = 0, 0
    for record in source.records():
        assert record.event_time_ms >= newest
        units, newest = units + record.units, record.event_time_ms
    assert units == expected
