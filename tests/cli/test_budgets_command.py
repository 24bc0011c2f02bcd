"""Budgets from the command line: what is wrong with a file is said before anything is sent."""

import json
from pathlib import Path

import pytest

from restockd.budget_file import read_budgets
from tests.cli.conftest import Run

SPRING = {
    "budget": "spring",
    "amount": 100,
    "starts_at": "2026-12-01T00:00:00Z",
    "ends_at": "2027-03-01T00:00:00Z",
}


def _file(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "budgets.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_one_budget_or_a_list_of_them(tmp_path: Path) -> None:
    assert [budget.budget for budget in read_budgets(_file(tmp_path, SPRING))] == ["spring"]
    both = [SPRING, SPRING | {"budget": "summer", "suppliers": ["acme"]}]
    assert [budget.suppliers for budget in read_budgets(_file(tmp_path, both))] == [(), ("acme",)]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{nonsense", "Invalid JSON"),
        ([SPRING, SPRING | {"amount": "much"}], "[1].amount"),
        (SPRING | {"stores": []}, "[0].stores: is no field there is"),
        (SPRING | {"ends_at": SPRING["starts_at"]}, "budget spring: ends_at: must be after starts_at"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(restockd: Run, tmp_path: Path, content: object, named: str) -> None:
    outcome = restockd("budgets", "put", str(_file(tmp_path, content)))
    assert outcome.code == 2
    assert named in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_that_is_not_there_is_named(restockd: Run, tmp_path: Path) -> None:
    outcome = restockd("budgets", "put", str(tmp_path / "none.json"))
    assert (outcome.code, "none.json cannot be read" in outcome.err) == (2, True)


@pytest.mark.parametrize("command", ["run", "put"])
def test_without_kafka_it_says_what_to_do(restockd: Run, tmp_path: Path, command: str) -> None:
    arguments = [str(_file(tmp_path, SPRING))] if command == "put" else []
    outcome = restockd("budgets", command, *arguments)
    assert outcome.code == 2
    assert "restockd kafka start" in outcome.err


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [("AT", "25:00", "releases.at"), ("AT", "6 o'clock", "releases.at"), ("TIMEZONE", "Paris", "releases.timezone")],
)
def test_an_hour_that_is_none_is_named(restockd: Run, name: str, value: str, named: str) -> None:
    outcome = restockd("config", "show", **{f"RESTOCKD_RELEASES__{name}": value})
    assert (outcome.code, named in outcome.err) == (2, True)
