"""``python -m benchmarks.intermittent``: a table, or with ``--json`` one JSON object as the last line."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.intermittent.play import Play
from benchmarks.intermittent.scores import Told, compared, loss
from benchmarks.intermittent.sets import DemandSet, read_sets
from inventory.demand.panel.arrays import Index

_MISSING = (
    "the peers are models of statsforecast, which is not installed. It needs pandas < 3, so give it an environment of "
    "its own: python -m pip install -e . --group benchmarks"
)


def main(
    folder: Annotated[Path, typer.Option("--data", exists=True, file_okay=False, help="Folder with the three files.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Pinball loss of the product's learner and of statsforecast's models, at the same origins."""
    try:
        import benchmarks.intermittent.peers  # noqa: F401
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "statsforecast":
            raise
        raise typer.BadParameter(_MISSING) from missing
    answer = {demand.name: score(demand) for demand in read_sets(folder)}
    if as_json:
        print(json.dumps(answer))
    else:
        for name, scores in answer.items():
            _show(name, scores)


def score(demand: DemandSet) -> dict[str, Any]:
    """Every model on one set; at the origins of AutoETS all of them once more."""
    origins = np.arange(demand.first_scored, len(demand.units))
    some = np.arange(0, len(origins), demand.ets_every)
    plays = _plays(demand)
    told = {name: play.run() for name, play in plays.items()} | _point_methods(demand, origins)
    ets = {"AutoETS": _ets(demand, origins[some])}
    return {
        "series": demand.units.shape[1],
        "origins": len(origins),
        "interval_periods": demand.interval,
        **_losses(demand, told, origins),
        "at_origins_of_auto_ets": {
            "origins": len(some),
            **_losses(demand, {name: one.at(some) for name, one in told.items()} | ets, origins[some]),
        },
        "seconds": {name: round(one.seconds, 2) for name, one in (told | ets).items()},
        "series_periods_per_second": {
            **{name: round(demand.units.size / told[name].seconds) for name in plays},
            **{name: _fits_per_second(one) for name, one in (told | ets).items() if name not in plays},
        },
    }


def _losses(demand: DemandSet, told: dict[str, Told], origins: Index) -> dict[str, Any]:
    return compared({name: loss(one, demand.units, demand.interval, origins) for name, one in told.items()})


def _fits_per_second(told: Told) -> int:
    """A peer is fitted to a series' whole past for every period that it forecasts."""
    return round(len(told.one) * len(told.one[0]) / told.seconds)


def _plays(demand: DemandSet) -> dict[str, Play]:
    plays = {"ours": Play(demand, with_signals=True)}
    if demand.has_signals:
        plays["ours_without_signals"] = Play(demand, with_signals=False)
    return plays


def _point_methods(demand: DemandSet, origins: Index) -> dict[str, Told]:
    from benchmarks.intermittent.peers import POINT_METHODS, point_method

    told: dict[str, Told] = {}
    for name in POINT_METHODS:
        told |= point_method(demand, name, origins)
    return told


def _ets(demand: DemandSet, origins: Index) -> Told:
    from benchmarks.intermittent.peers import auto_ets

    return auto_ets(demand, origins)


def _show(name: str, scores: dict[str, Any]) -> None:
    print(f"{name}: {scores['series']} series, {scores['origins']} origins; pinball loss one ahead, of the interval")
    _show_losses(scores)
    some = scores["at_origins_of_auto_ets"]
    print(f" at the {some['origins']} origins of AutoETS")
    _show_losses(some)
    for label, speed in scores["series_periods_per_second"].items():
        print(f"  {label}: {speed} series-periods a second")


def _show_losses(scores: dict[str, Any]) -> None:
    interval = scores["interval"]
    for label in (label for label in scores if label.startswith("ours")):
        print(f"  {label:<32} {scores[label]:10.4f} {interval[label]:10.4f}")
    for label, one in scores["peers"].items():
        print(f"  {label:<32} {one:10.4f} {interval['peers'][label]:10.4f}")
    print(f"  ours is ahead of the best by {scores['ahead']:.1%} and {interval['ahead']:.1%}")


if __name__ == "__main__":
    typer.run(main)
