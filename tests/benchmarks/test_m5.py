"""The M5 benchmark: its scores against hand arithmetic, and a tiny file played through the command line."""

import csv
import gzip
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks import coverage
from benchmarks.m5.events import effects_by_day
from benchmarks.m5.scores import QUANTILES, Steps
from inventory.demand.panel.hierarchy import level

DAYS = 160


def steps() -> Steps:
    """Series a sells 0, 2, 4, 2 at price 1, series b 1, 1, 3, 1 at price 3.

    a starts on the second day: steps 2, -2; mean square 4, mean size 2. b: steps 0, 2, -2, mean square 8/3,
    mean size 4/3. Revenue: a 8, b 18.
    """
    kept = Steps(level(["a", "b"]))
    for units in ([0.0, 1.0], [2.0, 1.0], [4.0, 3.0], [2.0, 1.0]):
        kept.observe(np.array(units), np.array(units) * [1.0, 3.0])
    return kept


def test_wrmsse_by_hand() -> None:
    """a misses by 1 and 3, RMSSE sqrt(5/4); b by 0 and 2, RMSSE sqrt(2 / (8/3)). Weights 8/26 and 18/26."""
    actual, forecast = np.array([[3.0, 5.0], [1.0, 3.0]]), np.array([[2.0, 2.0], [1.0, 1.0]])
    expected = 8 / 26 * (5 / 4) ** 0.5 + 18 / 26 * (3 / 4) ** 0.5
    assert steps().wrmsse(actual, forecast) == pytest.approx(expected)


def test_wspl_by_hand() -> None:
    """All quantiles 2: a sells 3, pinball q, mean 0.5 (the nine are symmetric), scaled by 2; b sells 1, likewise."""
    quantiles = np.full((2, 1, len(QUANTILES)), 2.0)
    expected = 8 / 26 * 0.5 / 2.0 + 18 / 26 * 0.5 / (4 / 3)
    assert steps().wspl(np.array([[3.0], [1.0]]), quantiles) == pytest.approx(expected)


def test_a_series_without_a_sale_has_no_weight() -> None:
    kept = Steps(level(["a", "b"]))
    for units in ([1.0, 0.0], [2.0, 0.0]):
        kept.observe(np.array(units), np.array(units))
    assert kept.wrmsse(np.array([[2.0], [5.0]]), np.array([[2.0], [0.0]])) == 0.0


def test_events_reach_to_the_days_around_them() -> None:
    """Independence Day 2015 was a Saturday."""
    dates = [date(2015, 7, 1) + timedelta(days=day) for day in range(6)]
    named = [["", ""] for _ in dates]
    named[3] = ["IndependenceDay", ""]
    weekend = "fixed date, on a weekend"
    assert effects_by_day(dates, named) == [
        (),
        ("IndependenceDay -2",),
        ("IndependenceDay -1",),
        ("IndependenceDay", weekend),
        ("IndependenceDay +1", weekend),
        (),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two items of two departments in two stores of different states."""
    random = np.random.default_rng(1)
    rows = [(f"{dept}_{item}", dept, dept[:5], store, store[:2])
            for store in ("CA_1", "TX_1") for dept in ("FOODS_1", "HOBBIES_1") for item in (1, 2)]  # fmt: skip
    sales = random.poisson(20.0, (len(rows), DAYS)).astype(np.uint16)
    week = (np.arange(DAYS) // 7).astype(np.int16)
    prices = np.full((len(rows), week[-1] + 1), 250, dtype=np.uint16)
    np.savez(tmp_path / f"m5_d1-{DAYS}.npz", sales=sales, price_cents=prices, day_week=week)
    with gzip.open(tmp_path / "ids.csv.gz", "wt", newline="") as file:
        csv.writer(file).writerows([("item_id", "dept_id", "cat_id", "store_id", "state_id"), *rows])
    with (tmp_path / "calendar.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("date", "event_name_1", "event_name_2", "snap_CA", "snap_TX"), *_calendar()])
    return tmp_path


def _calendar() -> list[tuple[str, ...]]:
    dates = [date(2015, 1, 1) + timedelta(days=day) for day in range(DAYS + 28)]
    return [(on.isoformat(), "NewYear" if on.day == 1 else "", "", str(int(on.day < 5)), "0") for on in dates]


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.m5", "--data", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _answer(folder: Path, *arguments: str) -> dict[str, object]:
    done = _run(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def test_the_command_prints_json_last(folder: Path) -> None:
    answer = _answer(folder, "--train-end", "132", "--windows", "2")
    assert {"wrmsse", "wspl", "by_level", "seconds", "peak_mb", "series_days_per_second", "windows"} <= set(answer)
    assert [window["train_end"] for window in answer["windows"]] == [104, 132]
    assert set(answer["by_level"]) == {f"L{at}" for at in range(1, 13)}
    assert 0.3 < answer["wrmsse"] < 1.0  # noise alone: the best there is scores 1 / sqrt(2)


def test_days_after_the_end_of_training_only_score(folder: Path) -> None:
    """Other later days, the same earlier window."""
    before = _answer(folder, "--train-end", "104")["windows"]
    path = folder / f"m5_d1-{DAYS}.npz"
    with np.load(path) as kept:
        arrays = dict(kept)
    arrays["sales"][:, 132:] = 0
    np.savez(path, **arrays)
    assert _answer(folder, "--train-end", "132", "--windows", "2")["windows"][0] == before[0]


def test_too_few_days_to_score_are_told(folder: Path) -> None:
    done = _run(folder, "--train-end", str(DAYS - 27))
    assert done.returncode == 2
    assert "28 days" in done.stderr


def test_too_many_windows_are_told(folder: Path) -> None:
    done = _run(folder, "--train-end", "132", "--windows", "5")
    assert done.returncode == 2
    assert "5 windows" in done.stderr


def test_coverage_is_held_against_the_days_that_follow(folder: Path) -> None:
    """Poisson sales of 20 a day: 88 scored outcomes, within three standard errors of what is asked for."""
    table = coverage.measured(folder, ["CA_1", "TX_1"], 0, 64)
    for found in table.values():
        assert list(found.values()) == sorted(found.values())
        assert found["0.5"] == pytest.approx(0.5, abs=0.16)
        assert found["0.95"] == pytest.approx(0.95, abs=0.08)
    assert table["conformal"] != table["as asked for"]


def test_coverage_prints_json_last(folder: Path) -> None:
    app = coverage.typer.Typer()
    app.command()(coverage.main)
    done = CliRunner().invoke(app, ["--data", str(folder), "--first-day", "40", "--stores", "CA_1", "--json"])
    assert set(json.loads(done.stdout.splitlines()[-1])) == {"as asked for", "conformal"}
