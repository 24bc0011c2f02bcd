"""``python -m benchmarks.freshretail``: a table, or with ``--json`` one JSON object as the last line."""

import json
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import typer

from benchmarks.freshretail.panel import Panel, read
from benchmarks.freshretail.scores import ESTIMATORS, score, series_days_per_second

FREE_SHARES = (0.75, 0.6)
WAYS = ("stock", "time")


def main(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder with the hourly .npz file.")],
    seed: Annotated[int, typer.Option(help="The first draw of capped days.")] = 11,
    seeds: Annotated[int, typer.Option(min=1, help="How many draws; figures are their means.")] = 5,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Recover the demand of capped days: sales as seen, mean of full days, and the product's learner."""
    panel = read(data)
    draws = range(seed, seed + seeds)
    cases = {f"{way}, free > {share:.0%}": _case(panel, way, share, draws) for share in FREE_SHARES for way in WAYS}
    speed = round(series_days_per_second(panel))
    if as_json:
        print(
            json.dumps({"unit": "% of the scored demand", "cases": cases, "speed": {"series_days_per_second": speed}})
        )
    else:
        _show(cases, speed)


def _case(panel: Panel, way: str, share: float, draws: range) -> dict[str, Any]:
    """Means over the draws, and the range of our bias over them, by part of the series."""
    chosen = panel.pick(panel.free.mean(axis=1) > share)
    told = [score(chosen, way, draw) for draw in draws]
    return {"series": len(chosen.group), **{part: _means([one[part] for one in told]) for part in told[0]}}


def _means(told: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    answer = {
        name: {figure: round(mean(one[name][figure] for one in told), 2) for figure in figures}
        for name, figures in told[0].items()
    }
    biases = [round(one["ours"]["bias"], 2) for one in told]
    answer["ours"] |= {"least_bias": min(biases), "greatest_bias": max(biases)}
    return answer


def _show(cases: dict[str, dict[str, Any]], speed: int) -> None:
    print("Bias / WAPE in % of the demand of capped days")
    print(f"{'':<32}" + "".join(f"{name:>22}" for name in ESTIMATORS))
    for case, told in cases.items():
        for part in ("held_out", "all"):
            texts = (f"{told[part][name]['bias']:.1f} / {told[part][name]['wape']:.1f}" for name in ESTIMATORS)
            print(f"{case + ', ' + part:<32}" + "".join(f"{text:>22}" for text in texts))
    print(f"speed: {speed} series-days a second")


if __name__ == "__main__":
    typer.run(main)
