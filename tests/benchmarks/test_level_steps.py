"""The benchmark of level steps, with one rate and a short tail."""

import json

import pytest
from typer.testing import CliRunner

from benchmarks.level_steps import __main__ as benchmark
from benchmarks.level_steps.chain import STEP_DAY, stepping


def test_a_fall_is_followed_sooner_than_by_the_mean_of_four_weeks() -> None:
    found = benchmark.measured(5.0, 1.0 / 3.0, STEP_DAY + 21)
    assert found["restockd"]["days 14 to 27"] < 0.7 * found["mean of 28 days"]["days 14 to 27"]
    assert found["restockd"]["without a step"] < found["mean of 7 days"]["without a step"]


def test_one_series_in_eight_steps() -> None:
    assert stepping().mean() == 1 / 8


def test_json_is_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "measured", lambda rate, factor: {"restockd": {"without a step": rate * factor}})
    app = benchmark.typer.Typer()
    app.command()(benchmark.main)
    told = json.loads(CliRunner().invoke(app, ["--json"]).stdout.splitlines()[-1])
    assert told["30 a day, then 90"] == {"restockd": {"without a step": 90.0}}
