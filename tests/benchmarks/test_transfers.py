"""The benchmark of transfers: what it times is the fold's own, and seeded."""

import json

import typer
from typer.testing import CliRunner

from benchmarks.transfers.__main__ import main


def _measured() -> dict[str, float]:
    app = typer.Typer()
    app.command()(main)
    told = CliRunner().invoke(app, ["--styles", "6", "--stores", "5", "--rescues", "8", "--around", "6", "--json"])
    assert told.exit_code == 0, told.output
    measured: dict[str, float] = json.loads(told.output.splitlines()[-1])
    return measured


def test_it_says_what_was_moved_and_how_long_it_took() -> None:
    measured = _measured()
    assert 0 < measured["trips"] <= measured["transfers"]
    assert measured["net"] > 0.0
    assert measured["rescued"] > 0
    assert 0.0 < measured["rescue_ms"] <= measured["worst_ms"] < 10_000.0
    again = _measured()
    assert [again[name] for name in ("transfers", "trips", "net")] == [
        measured[name] for name in ("transfers", "trips", "net")
    ]
