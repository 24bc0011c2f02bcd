"""The VN2 game on a few series made here: what arrives when, what it costs, and no look ahead."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.vn2.__main__ import held_out
from benchmarks.vn2.files import ACTUAL, Start, read_actual, read_history, read_start
from benchmarks.vn2.game import play
from benchmarks.vn2.held_out import begun, games
from benchmarks.vn2.players import Ours, Reference
from inventory.demand.weeks import place_of

ROOT = Path(__file__).parents[2]
SERIES = [("0", "126"), ("0", "182"), ("1", "124")]
WEEKS = 80


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eighty weeks of three series; the second is out of stock for a while."""
    random = np.random.default_rng(5)
    units = random.poisson([[2.0], [5.0], [0.5]], (3, WEEKS))
    stocked = np.ones((3, WEEKS), dtype=bool)
    stocked[1, 20:24] = False
    days = [(date(2022, 10, 3) + timedelta(days=7 * week)).isoformat() for week in range(WEEKS)]
    _write(tmp_path / "week0_sales.csv", days, (units * stocked).astype(float))
    # Rows in another order; stock is told for later weeks too.
    _write(
        tmp_path / "week0_in_stock.csv",
        [*days, "2024-04-15"],
        np.column_stack([stocked, [True] * 3])[::-1],
        SERIES[::-1],
    )
    _write(tmp_path / "week0_master.csv", ["ProductGroup", "Department"], [[3, 30], [4, 44], [3, 30]])
    names = ["End Inventory", "In Transit W+1", "In Transit W+2"]
    _write(tmp_path / "week0_initial_state.csv", names, [[3, 0, 3], [6, 1, 4], [1, 0, 0]])
    return tmp_path


def _write(path: Path, names: list[str], rows: object, series: list[tuple[str, str]] = SERIES) -> None:
    lines = [",".join([*key, *map(str, row)]) for key, row in zip(series, np.array(rows), strict=True)]
    path.write_text("\n".join([",".join(["Store", "Product", *names]), *lines]) + "\n", encoding="utf-8")


class Scripted:
    """Orders a hundred units in week 1, one in week 6, and remembers what it was shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, list[int], int]] = []

    def order(self, on_hand: np.ndarray, due: np.ndarray, weeks_left: int) -> np.ndarray:
        self.seen.append((int(on_hand[0]), due[0].tolist(), weeks_left))
        return np.full(len(on_hand), {8: 100, 3: 1}.get(weeks_left, 0))

    def learn(self, units: np.ndarray) -> None:
        pass


def test_arrivals_and_costs_by_hand() -> None:
    """On hand 5, due 2 then 3; 4 are wanted every week, but 130 in week 4, when 98 are there."""
    start = Start(np.array([5]), np.array([[2, 3]]))
    demand = np.array([[4], [4], [4], [130], [4], [4], [4], [4]], dtype=float)
    player = Scripted()
    played = play(start, demand, player, np.array([True]))
    # Left: 5+2-4=3, 3+3-4=2, 2+100-4=98, 98-130 -> 0, 0, 0, 0, and the order of week 6 is sold in week 8.
    assert played.holding.tolist() == pytest.approx([0.6, 0.4, 19.6, 0, 0, 0, 0, 0])
    assert played.shortage.tolist() == [0, 0, 0, 32, 4, 4, 4, 3]
    assert played.cost == pytest.approx(19.6 + 32 + 4 + 4 + 4 + 3)
    assert player.seen[:3] == [(5, [2, 3], 8), (3, [3, 100], 7), (2, [100, 0], 6)]
    assert len(player.seen) == 6


def test_series_not_scored_cost_nothing_and_unknown_weeks_sell_nothing() -> None:
    start = Start(np.array([5, 5]), np.zeros((2, 2), dtype=np.int64))
    demand = np.full((8, 2), np.nan)
    demand[:, 0] = 0.0
    played = play(start, demand, Scripted(), np.array([True, False]))
    assert played.holding[:2].tolist() == [1.0, 1.0]


def test_files_are_joined_by_series(folder: Path) -> None:
    history = read_history(folder)
    assert history.units.shape == history.in_stock.shape == (WEEKS, 3)
    assert not history.in_stock[20:24, 1].any()
    assert history.in_stock.sum() == 3 * WEEKS - 4
    assert history.department.tolist() == [0, 1, 0]
    assert read_start(folder, history.series).due.tolist() == [[0, 3], [1, 4], [0, 0]]
    assert read_actual(folder, history.series) is None


def test_a_game_begins_as_the_organisers_began(folder: Path) -> None:
    """A mean of 2.5: 3 on hand, 2 * 2.5 - 3 = 2 due in two weeks."""
    history = read_history(folder)
    half = np.tile([[2.0], [3.0]], (WEEKS // 2, 3))
    start = begun(history._replace(units=half))
    assert start.on_hand.tolist() == [3, 3, 3]
    assert start.due.tolist() == [[0, 2]] * 3


def test_week_53_counts_as_52() -> None:
    assert [place_of(date(2020, 12, 28)), place_of(date(2021, 1, 4)), place_of(date(2024, 12, 23))] == [51, 0, 51]


@pytest.mark.parametrize("kind", [Ours, Reference])
def test_sales_to_come_change_no_earlier_order(folder: Path, kind: type[Ours] | type[Reference]) -> None:
    history, other = read_history(folder), read_history(folder)
    start, scored = read_start(folder, history.series), np.ones(3, dtype=bool)
    demand = np.tile([2.0, 5.0, 1.0], (8, 1))
    changed = demand.copy()
    changed[3:] = 40.0
    first = play(start, demand, kind(history), scored).orders
    second = play(start, changed, kind(other), scored).orders
    assert (first[:4] == second[:4]).all()
    assert (first[4:] < second[4:]).any()


def test_a_held_out_game_knows_nothing_of_its_weeks(folder: Path) -> None:
    history = read_history(folder)
    *_, last = games(history)
    assert len(last.history.units) == len(last.history.in_stock) == WEEKS - 8
    assert last.first == history.monday[-8]
    assert (last.demand == history.units[-8:]).all()


def test_held_out_games_are_added_up(folder: Path) -> None:
    answer = held_out(read_history(folder))
    assert len(answer["games"]) == 6
    assert answer["cost_weeks_3_8"] == pytest.approx(sum(one["cost_weeks_3_8"] for one in answer["games"]), abs=0.01)
    assert answer["holding"] + answer["shortage"] == pytest.approx(answer["cost_weeks_3_8"], abs=0.2)


def _run(folder: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.vn2", "--data", str(folder), "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_contest_is_scored_where_its_sales_are_told(folder: Path) -> None:
    assert _run(folder)["scored"] == "held_out"
    _write(folder / ACTUAL, [f"week{week}" for week in range(1, 9)], [[2] * 8, [5] * 8, [1] * 8])
    answer = _run(folder)
    assert answer["scored"] == "contest"
    assert {"cost_weeks_3_8", "cost_by_week", "holding", "shortage", "seconds", "benchmark", "ratio"} <= set(answer)
    assert len(answer["cost_by_week"]) == 6  # type: ignore[arg-type]  # a list
