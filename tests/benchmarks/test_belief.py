"""The belief benchmark: its scores against hand-made answers, and a small draw of it."""

import json
import subprocess
import sys
from random import Random

import msgspec
import numpy as np
import pytest

from benchmarks.belief.case import is_false, play
from benchmarks.belief.cases import PERIODS
from benchmarks.belief.oracle import Shelf
from benchmarks.belief.scores import Exactness, Phantoms
from tests.sinks.examples import INPUTS

AT = ("S01", "shirt")


def test_exactness_counts_modes() -> None:
    scores = Exactness(Random(1))
    scores.add({3: 0.6, 4: 0.4}, truth=3, book=4, heard=2)
    scores.add({3: 0.6, 4: 0.4}, truth=4, book=4, heard=4)
    shares = scores.shares()
    assert (shares["belief_exact"], shares["book_exact"], shares["rfid_exact"]) == (50.0, 50.0, 50.0)


def test_a_calibrated_belief_is_covered_as_often_as_it_says() -> None:
    random, scores = Random(3), Exactness(Random(4))
    chances = {0: 0.1, 1: 0.2, 2: 0.4, 3: 0.3}
    for _ in range(20_000):
        truth = random.choices(list(chances), list(chances.values()))[0]
        scores.add(chances, truth, book=0, heard=0)
    shares = scores.shares()
    assert [shares[f"coverage_{level}"] for level in (50, 80, 95)] == pytest.approx([50, 80, 95], abs=1.5)


def test_a_sure_belief_that_is_wrong_covers_nothing() -> None:
    scores = Exactness(Random(1))
    for _ in range(100):
        scores.add({5: 1.0}, truth=7, book=7, heard=7)
    assert scores.shares()["coverage_95"] == 0.0


def test_phantoms_are_found_in_time_or_missed() -> None:
    """Rate 1 a day: two days to find one. The second is alerted of too late; the alert is right all the same."""
    scores = Phantoms()
    days = [(2, False), (0, False), (0, True), (3, False), (0, False), (0, False), (0, False), (0, True), (2, False)]
    for number, (truth, firing) in enumerate(days):
        scores.day(number, AT, truth, book=2, rate=1.0, firing=firing, new=firing)
    assert scores.shares() == {"phantom_recall": 0.5, "phantom_precision": 1.0}


def test_an_alert_about_stock_that_is_there_is_wrong() -> None:
    scores = Phantoms()
    scores.day(0, AT, 1, book=2, rate=1.0, firing=True, new=True)
    assert scores.shares() == {"phantom_recall": None, "phantom_precision": 0.0}


@pytest.mark.parametrize("case", ["hard", "no_asn"])
def test_the_belief_is_nearer_the_truth_than_the_book_and_the_reads(case: str) -> None:
    scores = play(case, "daily", seed=5, stores=3, skus=12, days=40)
    assert scores["belief_exact"] > scores["book_exact"] + 10
    assert scores["belief_exact"] > scores["rfid_exact"] + 10
    assert scores["zone_accuracy"] > 0.9


@pytest.mark.parametrize("case", ["dead_reader", "cameras"])
def test_devices_at_fault_bring_about_no_orders(case: str) -> None:
    assert play(case, "daily", seed=6, stores=3, skus=12, days=40)["false_orders"] == 0


@pytest.mark.parametrize(("there", "on_order", "false"), [(6, 0, True), (6, 4, True), (4, 1, False), (3, 9, False)])
def test_an_order_is_false_if_what_was_there_was_enough(there: int, on_order: int, *, false: bool) -> None:
    """It was made with 3 on hand, where at most 5 are too few; with all that were there, and on order, it was right."""
    made = msgspec.structs.replace(
        INPUTS, on_hand=3, on_order=on_order, reserved=0, reorder_point=5, blind_devices="r1"
    )
    assert is_false(made, there) == false
    assert not is_false(msgspec.structs.replace(made, blind_devices=""), there)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.belief", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_json_last() -> None:
    done = _run("--case", "easy", "--stores", "1", "--skus", "6", "--days", "5", "--json")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert set(answer["cases"]["easy"]) == set(PERIODS)
    assert answer["microseconds_per_repeated_read"] > 0
    assert answer["bytes_per_location_sku"] > 0


def test_a_case_that_is_not_there_is_named() -> None:
    done = _run("--case", "nowhere")
    assert done.returncode != 0
    assert "nowhere" in done.stderr


def test_the_oracle_knows_what_can_be_known() -> None:
    """Six units that are hardly ever missed: one is sold, one is stolen, and each is silent from then on."""
    units: list[object] = [object() for _ in range(6)]
    shelf = Shelf(np.random.default_rng(1), sells_a_day=0.1, stolen_a_day=0.05)
    shelf.arrive(units, None, wrong=False)
    assert shelf.likeliest() == 6
    shelf.sell()
    assert shelf.likeliest() == 5
    for gone in ([units[3]], [units[3], units[5]]):
        shelf.pass_time(1.0)
        heard = np.array([unit in units and unit not in gone for unit in shelf.units])
        shelf.sweep(heard, np.full(len(heard), 0.001))
        assert shelf.likeliest() == 6 - len(gone)
