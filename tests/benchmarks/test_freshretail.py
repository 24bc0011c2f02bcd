"""The benchmark of hidden demand, on a small file made here."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.freshretail.capping import cap
from benchmarks.freshretail.panel import Panel, read
from benchmarks.freshretail.scores import mean_of_full_days, score

SERIES, DAYS = 24, 60
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Milli-units by the hour; every fifth day of every series sells out at 20 h."""
    random = np.random.default_rng(3)
    sales = random.poisson(0.6, (SERIES, DAYS, 24))
    out = np.zeros((SERIES, DAYS, 24), np.uint8)
    out[:, ::5, 20:] = 1
    sales[out == 1] = 0
    np.savez(
        tmp_path / "hourly.npz",
        sale_milli=(sales * 100).astype(np.uint16).reshape(SERIES, -1),
        stockout_bits=np.packbits(out.reshape(SERIES, -1), axis=1),
        keys=np.stack([np.arange(SERIES), np.arange(SERIES) % 3], axis=1),
        key_names=np.array(["product_id", "second_category_id"]),
        daily=np.stack([np.full((SERIES, DAYS), 0.93, np.float32)], axis=2),
        daily_names=np.array(["discount"]),
        dates=np.arange("2024-03-28", "2024-05-27", dtype="datetime64[D]").astype("U10"),
    )
    return tmp_path


def test_hours_weekdays_and_discounts_are_read(folder: Path) -> None:
    panel = read(folder)
    assert panel.sales.shape == (SERIES, DAYS, 16)
    assert panel.free.mean() == pytest.approx(0.8)
    assert panel.kinds[0, 0].tolist() == [3, 2]  # a Thursday; 7 % off is the step of 5 to 10 %
    assert set(panel.group) == {0, 1, 2}


@pytest.mark.parametrize("way", ["stock", "time"])
def test_only_free_days_are_capped_and_lose_their_last_hours(folder: Path, way: str) -> None:
    panel = read(folder)
    shown, capped = cap(panel, way, 1)
    assert capped.any()
    assert not (capped & ~panel.free).any()
    assert (shown.in_stock[capped][:, 0]).all()
    assert (np.diff(shown.in_stock[capped].astype(int), axis=1) <= 0).all()
    assert (shown.sales == np.where(shown.in_stock, panel.sales, 0.0)).all()
    assert np.array_equal(shown.in_stock[~capped], panel.in_stock[~capped])


def test_the_baseline_is_the_mean_of_earlier_full_days() -> None:
    sales = np.array([[[2.0, 2.0], [1.0, 5.0], [1.0, 0.0], [9.0, 0.0]]])
    open_hours = np.array([[[True, True], [True, True], [True, False], [True, False]]])
    kinds = np.zeros((1, 4, 2), np.int64)
    panel = Panel(sales, open_hours, kinds, np.zeros(1, np.int64), np.zeros(1, np.int64))
    # (4 + 6) / 2 = 5 on the third day; the fourth sold 9 already
    assert mean_of_full_days(panel)[0].tolist() == [4.0, 6.0, 5.0, 9.0]


def test_days_before_the_scored_ones_and_other_series_do_not_count(folder: Path) -> None:
    told = score(read(folder), "time", 1)
    assert 0 < told["held_out"]["scored"]["days"] < told["all"]["scored"]["days"] < 0.4 * SERIES * (DAYS - 22)
    assert told["all"]["as_seen"]["bias"] == pytest.approx(-told["all"]["as_seen"]["wape"])


def test_the_command_prints_one_object_and_ours_is_ahead(folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.freshretail", "--data", str(folder), "--seeds", "2", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(run.stdout.splitlines()[-1])
    assert answer["speed"]["series_days_per_second"] > 0
    assert len(answer["cases"]) == 4
    for case in answer["cases"].values():
        assert case["all"]["ours"]["wape"] < case["all"]["mean_of_full_days"]["wape"]
        assert abs(case["all"]["ours"]["bias"]) < 10.0
