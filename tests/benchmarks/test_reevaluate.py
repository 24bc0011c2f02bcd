"""The benchmark of deciding again: what it times is real, and seeded."""

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.reevaluate.__main__ import _all_at_once, _one_by_one, main
from benchmarks.reevaluate.chain import Pair, chain


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return chain(400, 50, 7)


def test_the_chain_is_the_same_for_a_seed_only(pairs: list[Pair]) -> None:
    assert chain(400, 50, 7) == pairs != chain(400, 50, 8)


def test_all_at_once_is_one_by_one(pairs: list[Pair]) -> None:
    decisions = _all_at_once(pairs)
    assert decisions == _one_by_one(pairs)
    assert 0 < sum(decision.quantity > 0 for decision in decisions) < len(pairs)


def test_it_says_how_many_and_how_long() -> None:
    app = typer.Typer()
    app.command()(main)
    told = CliRunner().invoke(app, ["--pairs", "60", "--stores", "20", "--json"])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["pairs"] == 60
    assert 0.0 < measured["seconds"] < 60.0
