"""The benchmark of intermittent demand, on small files made here."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks.intermittent.play import Play
from benchmarks.intermittent.scores import CHANCES, Loss, Told, compared, loss, sums
from benchmarks.intermittent.sets import DemandSet, carparts, orange_juice, pasta, read_sets

ROOT = Path(__file__).parents[2]
MONTHS, DAYS, WEEKS = 30, 200, 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the real ones: a file each, in a folder ``intermittent``."""
    inner = tmp_path_factory.mktemp("data") / "intermittent"
    inner.mkdir()
    random = np.random.default_rng(7)
    _write_carparts(inner, random)
    _write_pasta(inner, random)
    _write_juice(inner, random)
    return inner.parent


def _write_carparts(folder: Path, random: np.random.Generator) -> None:
    """Twenty parts, the first with a month missing."""
    units = random.poisson(0.5, (20, MONTHS)).astype(str)
    units[0, 3] = ""
    with gzip.open(folder / "carparts_20x30.csv.gz", "wt") as file:
        file.writelines(",".join(row) + "\n" for row in [[f"1998-{month}" for month in range(MONTHS)], *units])


def _write_pasta(folder: Path, random: np.random.Generator) -> None:
    """Two brands of three products; promoted weeks sell three times as much; no Sundays."""
    rows = []
    for brand in ("B1", "B2"):
        for product in ("1", "2", "3"):
            for day in range(DAYS):
                on, promoted = datetime(2014, 1, 1, tzinfo=UTC) + timedelta(days=day), day // 14 % 3 == 2
                units = int(random.poisson(6.0 if promoted else 2.0))
                if on.weekday() != 6:
                    rows.append((on, brand, product, units, int(promoted and units > 0)))
    _write(folder / "pasta_6sku.parquet", ("date", "brand", "product", "units", "promotion"), rows)


def _write_juice(folder: Path, random: np.random.Generator) -> None:
    """Three brands in four stores; every fifth week at half the price sells four times as much; one week missing."""
    rows = []
    for store in (2, 5, 8, 9):
        for brand in (1, 2, 11):
            for week in range(40, 40 + WEEKS):
                if (store, brand, week) != (5, 2, 50):
                    cheap = week % 5 == 0
                    packs = int(random.poisson(80.0 if cheap else 20.0)) + 1
                    ounces = packs * {1: 64, 2: 96, 11: 128}[brand]
                    prices = [0.02 if cheap and brand == of else 0.04 for of in range(1, 12)]
                    rows.append((store, brand, week, int(cheap), float(cheap), ounces + 1e-9, *prices))
    names = ("store", "brand", "week", "deal", "feat", "units", *(f"price{brand}" for brand in range(1, 12)))
    _write(folder / "dominicks_weekly.parquet", names, rows)


def _write(path: Path, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    columns = zip(*rows, strict=True)
    parquet.write_table(pa.table({name: list(column) for name, column in zip(names, columns, strict=True)}), path)


# Scores, by hand


def test_sums_reach_forward_and_end_before_what_is_not_known() -> None:
    units = np.array([[1.0, 0.0], [2.0, np.nan], [3.0, 5.0], [4.0, 6.0]])
    assert sums(units, 2) == pytest.approx(np.array([[3, np.nan], [5, np.nan], [7, 11], [np.nan] * 2]), nan_ok=True)


def test_loss_by_hand() -> None:
    """1 told at every chance. A period of 3: short by 2, mean chance 5.44 / 7; an unknown one is not scored.

    A sum of 3 + 0 is told as 5: over by 2, mean of 1 - chance.
    """
    units = np.array([[0.0, 0.0], [3.0, np.nan], [0.0, 4.0]])
    told = Told(np.ones((1, 2, 7)), np.full((1, 2, 7), 5.0), 1.0)
    one, interval = loss(told, units, 2, np.array([1]))
    assert CHANCES.mean() == pytest.approx(5.44 / 7)
    assert one == pytest.approx(2 * 5.44 / 7)
    assert interval == pytest.approx(2 * (1 - 5.44 / 7))


def test_ahead_is_the_share_that_the_best_peer_loses_more() -> None:
    told = compared({"ours": Loss(0.9, 2.2), "a": Loss(1.0, 4.0), "b": Loss(2.0, 2.0)})
    assert told["ours"] == 0.9
    assert told["peers"] == {"a": 1.0, "b": 2.0}
    assert told["ahead"] == pytest.approx(0.1)
    assert told["interval"]["ahead"] == pytest.approx(-0.1)


# The sets


def test_parts_with_a_month_missing_are_left_out(folder: Path) -> None:
    read = carparts(folder / "intermittent")
    assert read.units.shape == (MONTHS, 19)
    assert read.first_scored == MONTHS - 12


def test_days_on_which_nobody_sells_are_known_ahead(folder: Path) -> None:
    """No Sundays: from a Friday on, two periods reach to the Monday; what lies beyond the set counts a day each."""
    read = pasta(folder / "intermittent")
    friday = read.days.index(date(2014, 1, 10))
    assert [read.until(friday, periods) for periods in (1, 2, 3)] == [1, 3, 4]
    assert read.until(len(read.days) - 1, 3) == 3
    assert read.has_signals
    assert read.names[:2] == [("B1-1", "shop", "B1"), ("B1-2", "shop", "B1")]
    assert not carparts(folder / "intermittent").has_signals


def test_ounces_are_packs_and_what_is_missing_was_not_there(folder: Path) -> None:
    read = orange_juice(folder / "intermittent")
    missing = np.argwhere(np.isnan(read.units))
    assert missing.tolist() == [[10, 4]]  # week 50 of the second store's second brand
    assert (np.nan_to_num(read.units) == np.rint(np.nan_to_num(read.units))).all()
    assert read.price is not None
    assert read.price[[4, 5], 0].tolist() == [0.04, 0.02]
    assert [(one, read.until(4, one)) for one in (1, 4)] == [(1, 1), (4, 4)]


@pytest.mark.parametrize("where", [".", "intermittent"])
def test_files_are_found_in_the_folder_or_within_it(folder: Path, where: str) -> None:
    assert [read.name for read in read_sets(folder / where)] == ["carparts", "pasta", "orange_juice"]


# The play


def test_later_periods_change_no_earlier_forecast(folder: Path) -> None:
    for read in read_sets(folder):
        other = read.units.copy()
        other[read.first_scored + 2 :] = 1000.0
        before, after = (
            Play(played, with_signals=False).run() for played in (read, read._replace(units=other))
        )  # fmt: skip
        assert np.array_equal(before.one[:3], after.one[:3])
        assert np.array_equal(before.interval[:3], after.interval[:3])
        assert not np.array_equal(before.one[3:], after.one[3:])


def test_days_on_which_nobody_sells_are_no_demand(folder: Path) -> None:
    """Sundays are learned anyway; that they are closed is known from the first on."""
    read = pasta(folder / "intermittent")
    assert _loss(read, with_signals=True).one < _loss(read, with_signals=False).one


def test_planned_prices_tell_of_the_whole_interval(folder: Path) -> None:
    read = orange_juice(folder / "intermittent")
    with_them, without = _loss(read, with_signals=True), _loss(read, with_signals=False)
    assert with_them.one < 0.8 * without.one
    assert with_them.interval < without.interval


def _loss(read: DemandSet, *, with_signals: bool) -> Loss:
    told = Play(read, with_signals=with_signals).run()
    return loss(told, read.units, read.interval, np.arange(read.first_scored, len(read.units)))


# The peers


def test_what_is_missing_is_told(folder: Path) -> None:
    code = (
        "import runpy, sys; sys.modules['statsforecast'] = None; sys.argv = ['intermittent', '--data', sys.argv[1]]; "
        "runpy.run_module('benchmarks.intermittent', run_name='__main__')"
    )
    run = subprocess.run([sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "--group benchmarks" in run.stderr.replace("│", "").replace("\n", " ")


def test_spreads_around_a_mean() -> None:
    """Mean 2 and variance 2 is Poisson: 2 at 0.5 (F(2) = 0.677), 3 at 0.8 (0.857); variance 6 is geometric-like.

    Negative binomial with r = 4 / 4 = 1, p = 1/3: F(k) = 1 - (2/3)^(k + 1), so 1 at 0.5 (0.556), 3 at 0.8 (0.802).
    """
    pytest.importorskip("statsforecast")
    from benchmarks.intermittent.peers import around_negative_binomial

    told = around_negative_binomial(np.array([2.0, 2.0]), np.array([2.0, 6.0]))
    assert told[:, [0, 3]].tolist() == [[2.0, 3.0], [1.0, 3.0]]


def test_the_command_prints_one_object(folder: Path) -> None:
    pytest.importorskip("statsforecast")
    command = [sys.executable, "-m", "benchmarks.intermittent", "--data", str(folder), "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(run.stdout.splitlines()[-1])
    assert list(answer) == ["carparts", "pasta", "orange_juice"]
    for scores in answer.values():
        some = scores["at_origins_of_auto_ets"]
        assert set(some["peers"]) - set(scores["peers"]) == {"AutoETS"}
        assert len(scores["peers"]) == 8
        assert scores["ahead"] == pytest.approx(1.0 - scores["ours"] / min(scores["peers"].values()), abs=1e-3)
        assert all(0.0 < value < 1e3 for value in (scores["interval"]["ours"], *some["interval"]["peers"].values()))
        assert scores["series_periods_per_second"]["ours"] > 0
    assert answer["orange_juice"]["ahead"] > 0.2
