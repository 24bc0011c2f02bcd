"""The made file has the dirt it promises, and replays like the real one."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from simulators.replay import open_source
from simulators.replay.made import made_online_retail


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_online_retail(tmp_path_factory.mktemp("made") / "made.parquet", rows=3_000, seed=7)


def test_it_holds_every_kind_of_dirt(file: Path) -> None:
    rows = pq.read_table(file).to_pylist()
    assert len(rows) == 3_000
    cancelled = [row for row in rows if row["InvoiceNo"].startswith("C")]
    assert cancelled
    assert all(row["Quantity"] <= 0 for row in cancelled)
    assert any(row["Quantity"] < 0 for row in rows if row not in cancelled)
    assert any(row["Quantity"] == 0 for row in rows)
    assert any(row["UnitPrice"] < 0 for row in rows)
    assert any(row["Description"] is None for row in rows)
    assert len({row["Country"] for row in rows}) > 2
    repeated = {(row["InvoiceNo"], row["StockCode"]) for row in rows}
    assert len(repeated) < len(rows)


def test_units_add_up_to_a_sum_taken_without_the_replay(file: Path) -> None:
    expected = sum(pq.read_table(file)["Quantity"].to_pylist())
    source = open_source("online-retail", file)
    assert source.total_units == sum(record.units for record in source.records()) == expected


def test_no_line_identity_is_used_twice(file: Path) -> None:
    seen = set()
    for record in open_source("online-retail", file).records():
        basket = json.loads(record.value)
        for line in basket["lines"]:
            identity = (basket["store"], basket["business_day"], basket["transaction_id"], line["line_no"])
            assert identity not in seen
            seen.add(identity)


def test_the_seed_decides_and_csv_holds_the_same(file: Path, tmp_path: Path) -> None:
    again = made_online_retail(tmp_path / "again.csv", rows=3_000, seed=7)
    other = made_online_retail(tmp_path / "other.parquet", rows=3_000, seed=8)
    records = list(open_source("online-retail", file).records())
    assert list(open_source("online-retail", again).records()) == records
    assert list(open_source("online-retail", other).records()) != records
