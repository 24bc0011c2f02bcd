"""A sales file through the whole system, on both brokers: net units equal the file's."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from restockd import archive, counts
from simulators.replay.made import made_online_retail
from tests.e2e.conftest import Configure

ROWS = 3_000


@pytest.fixture
def sales_file(tmp_path: Path) -> Path:
    return made_online_retail(tmp_path / "sales.parquet", rows=ROWS, seed=7)


def _run(arguments: list[str], environment: dict[str, str]) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "restockd", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout.decode().strip().splitlines()[-1]))


def _file_units(path: Path) -> Counter[tuple[str, str]]:
    """The file's own sums by location and SKU, straight from its columns."""
    table = pq.read_table(path)
    units: Counter[tuple[str, str]] = Counter()
    for country, code, quantity in zip(
        table["Country"].to_pylist(), table["StockCode"].to_pylist(), table["Quantity"].to_pylist(), strict=True
    ):
        units[(country, code)] += quantity
    return units


def test_net_units_in_clickhouse_equal_the_file(
    broker_address: str, sales_file: Path, tmp_path: Path, configure: Configure
) -> None:
    settings = configure(broker_address)
    environment = {
        "RESTOCKD_WORKER__DATA_DIR": str(settings.worker.data_dir),
        "RESTOCKD_BROKER__TOPIC_PREFIX": settings.broker.topic_prefix,
    }
    arguments = ["replay", "--source", "online-retail", str(sales_file), "--broker", broker_address, "--json"]
    result = _run(arguments, environment)
    expected = _file_units(sales_file)
    total = sum(expected.values())
    assert result["errors"] == []
    assert result["net_units"] + result["dead_letter_units"] == total  # type: ignore[operator]
    assert result["dead_letters"] == _baskets_with_zero_lines(sales_file)
    assert int(str(result["reorders"])) > 0
    with archive.database(settings) as database:
        net = counts.net_units(database)
    assert {at: units for at, units in net.items() if units} == {at: u for at, u in expected.items() if u}


def _baskets_with_zero_lines(path: Path) -> int:
    table = pq.read_table(path)
    lines = zip(table["InvoiceNo"].to_pylist(), table["Quantity"].to_pylist(), strict=True)
    return len({invoice for invoice, quantity in lines if quantity == 0})
