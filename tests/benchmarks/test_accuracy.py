"""The page of accuracy: made of the answers and nothing else, and the committed one is made by this code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from benchmarks import accuracy

PEERS = {"IMAPA + Poisson": 0.25, "TSB + Poisson": 0.2}
PART = {"ours": 0.19, "peers": PEERS, "ahead": 0.05}
SOME = {**PART, "peers": {**PEERS, "AutoETS": 0.3}}
SCORES = {
    "series": 2509,
    "origins": 12,
    "interval_periods": 3,
    **PART,
    "interval": {**PART, "ours": 43.2109},
    "at_origins_of_auto_ets": {"origins": 4, **SOME, "interval": SOME},
    "series_periods_per_second": {"ours": 200000, "AutoETS": 40} | dict.fromkeys(PEERS, 5000),
}
SIGNALLED = {
    **SCORES,
    "ours_without_signals": 0.195,
    "at_origins_of_auto_ets": {"origins": 4, **SOME, "interval": SOME},
}
FRESH = {name: {"bias": -1.25, "wape": 22.0} for name in ("ours", "mean_of_full_days", "as_seen")}
VN2 = {
    "cost_weeks_3_8": 4034.4,
    "holding": 1400.2,
    "shortage": 2634.2,
    "benchmark": {"cost_weeks_3_8": 4302.0},
    "ratio": 0.9378,
}
ANSWERS: dict[str, Any] = {
    "on": "2026-01-02",
    "m5": {
        "wrmsse": 0.5512,
        "wspl": 0.1599,
        "windows": [{"train_end": 1913}],
        "by_level": {"L1": {"wrmsse": 0.4, "wspl": 0.1}, "L12": {"wrmsse": 0.9, "wspl": 0.3}},
        "series_days_per_second": 1234567,
        "peak_mb": 512,
    },
    "freshretail": {
        "cases": {"stock, free > 75%": {"all": FRESH, "held_out": FRESH}},
        "speed": {"series_days_per_second": 9},
    },
    "intermittent": {"carparts": SCORES, "pasta": SIGNALLED, "orange_juice": SCORES},
    "vn2": {"scored": "held_out", **VN2, "mean_ratio": 0.9378, "games": [{"first_week": "2023-04-17", **VN2}]},
}


def test_every_figure_is_on_the_page_beside_its_reference() -> None:
    page = accuracy.page(ANSWERS)
    for line in (
        "on 2026-01-02 from",
        "| **ours**, days 1914 to 1941 | **0.551** | **0.160** |",
        "| winner | 0.520 | 0.154 |",
        "| L12 | 0.900 | 0.300 |",
        "1,234,567 series-days a second, 512 MB at most.",
        "| stock, free > 75% | held out | -1.2 / 22.0 | -1.2 / 22.0 | -1.2 / 22.0 |",
        "| carparts, months, next | 12 origins | **0.1900** |  | 0.2000 | TSB + Poisson | +5.0% |",
        "| carparts, months, sum of 3 | 12 origins | **43.21** |  | 0.2000 | TSB + Poisson | +5.0% |",
        "| pasta, days, next | 12 origins | **0.1900** | 0.1950 | 0.2000 | TSB + Poisson | +5.0% |",
        "| AutoETS |  |  | 0.3000 | 0.3000 | 40 |",
        "### carparts, months: 2,509 series",
        "| 2023-04-17 | **4,034** | 4,302 | 0.938 | 1,400 | 2,634 |",
        "Mean ratio of the games **0.938**.",
    ):
        assert line in page, line


def test_the_contest_itself_is_told_where_it_was_scored() -> None:
    page = accuracy.page({**ANSWERS, "vn2": {"scored": "contest", **VN2}})
    assert "| contest | **4,034** | 4,302 | 0.938 | 1,400 | 2,634 |" in page
    assert "Mean ratio" not in page


def test_tables_have_as_many_cells_in_every_row() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", accuracy.page(ANSWERS), flags=re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_commands_on_the_page_are_those_that_are_run() -> None:
    page = accuracy.page(ANSWERS)
    for module, inner, *arguments in accuracy.COMMANDS.values():
        assert f"`{' '.join(('python -m', module, '--data', f'DIR/{inner}', *arguments, '--json'))}`" in page


def test_the_committed_page_is_made_of_the_committed_answers() -> None:
    answers = json.loads((accuracy.DOCS / "accuracy.json").read_text(encoding="utf-8"))
    assert (accuracy.DOCS / "accuracy.md").read_text(encoding="utf-8") == accuracy.page(answers)


def test_the_command_runs_each_and_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins that print their answer as the real ones do: something, then one object."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in accuracy.COMMANDS:
        line = f"import json, sys; print('hello'); print(json.dumps({ANSWERS[name]!r}))"
        (tmp_path / f"stand_in_{name}.py").write_text(line, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(accuracy, "COMMANDS", {name: (f"stand_in_{name}", name) for name in accuracy.COMMANDS})
    accuracy.main(folder, tmp_path)
    written = json.loads((tmp_path / "accuracy.json").read_text(encoding="utf-8"))
    assert {name: written[name] for name in accuracy.COMMANDS} == {name: ANSWERS[name] for name in accuracy.COMMANDS}
    assert (tmp_path / "accuracy.md").read_text(encoding="utf-8") == accuracy.page(written)


def test_a_benchmark_that_fails_leaves_the_page_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "COMMANDS", {"m5": ("no_such_module", "m5")})
    with pytest.raises(typer.Exit):
        accuracy.main(tmp_path, tmp_path)
    assert not list(tmp_path.iterdir())
