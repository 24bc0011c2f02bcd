"""``python -m benchmarks.vn2``: a table, or with ``--json`` one JSON object as the last line."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from benchmarks.vn2.files import History, Start, read_actual, read_history, read_start
from benchmarks.vn2.game import LEAD_WEEKS, Played, play
from benchmarks.vn2.held_out import games
from benchmarks.vn2.players import Ours, Reference
from inventory.demand.panel.arrays import Array, Mask

Answer = dict[str, Any]


def main(
    folder: Annotated[Path, typer.Option("--data", exists=True, file_okay=False, help="Folder with the four files.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The contest where its sales are told, else the same game on held-out weeks of the history."""
    history = read_history(folder)
    actual = read_actual(folder, history.series)
    answer = held_out(history) if actual is None else contest(history, read_start(folder, history.series), actual)
    if as_json:
        print(json.dumps(answer))
    else:
        _show(answer)


def contest(history: History, start: Start, actual: Array) -> Answer:
    """Scores of the contest itself."""
    return {"scored": "contest"} | compared(history, start, actual, np.ones(len(start.on_hand), dtype=np.bool_))


def held_out(history: History) -> Answer:
    """Every game, and their sums; ``mean_ratio`` counts each game alike, ``ratio`` each euro."""
    each = [
        {"first_week": game.first.isoformat(), **compared(game.history, game.start, game.demand, game.scored)}
        for game in games(history)
    ]
    by_week = np.array([one["cost_by_week"] for one in each]).sum(axis=0)
    ours, reference = (
        sum(one["cost_weeks_3_8"] for one in each),
        sum(one["benchmark"]["cost_weeks_3_8"] for one in each),
    )
    return {
        "scored": "held_out",
        "cost_weeks_3_8": round(ours, 2),
        "cost_by_week": [round(float(cost), 2) for cost in by_week],
        **{name: round(sum(one[name] for one in each), 2) for name in ("holding", "shortage", "seconds")},
        "benchmark": {"cost_weeks_3_8": round(reference, 2)},
        "ratio": round(ours / reference, 4),
        "mean_ratio": round(float(np.mean([one["ratio"] for one in each])), 4),
        "games": each,
    }


def compared(history: History, start: Start, demand: Array, scored: Mask) -> Answer:
    """The product and the organisers' policy in the same game."""
    begun = time.perf_counter()
    ours = told(play(start, demand, Ours(history), scored))
    seconds = time.perf_counter() - begun
    reference = told(play(start, demand, Reference(history), scored))
    ratio = ours["cost_weeks_3_8"] / reference["cost_weeks_3_8"]
    return {**ours, "seconds": round(seconds, 2), "benchmark": reference, "ratio": round(ratio, 4)}


def told(played: Played) -> Answer:
    """What weeks 3 to 8 cost, in euros."""
    return {
        "cost_weeks_3_8": round(played.cost, 2),
        "cost_by_week": [round(float(cost), 2) for cost in played.by_week],
        "holding": round(float(played.holding[LEAD_WEEKS:].sum()), 2),
        "shortage": round(float(played.shortage[LEAD_WEEKS:].sum()), 2),
    }


def _show(answer: Answer) -> None:
    print("first week       ours  benchmark  ratio  holding  shortage")
    for one in answer.get("games", ()):
        _show_one(one["first_week"], one)
    _show_one(answer["scored"], answer)
    if "mean_ratio" in answer:
        print(f"mean ratio {answer['mean_ratio']:.3f}; {answer['seconds']:.1f} s")


def _show_one(label: str, one: Answer) -> None:
    reference = one["benchmark"]["cost_weeks_3_8"]
    print(
        f"{label:<12} {one['cost_weeks_3_8']:>9.1f} {reference:>10.1f} {one['ratio']:>6.3f} "
        f"{one['holding']:>8.1f} {one['shortage']:>9.1f}"
    )


if __name__ == "__main__":
    typer.run(main)
