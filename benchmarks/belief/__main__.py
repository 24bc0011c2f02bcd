"""``python -m benchmarks.belief``: a table, or with ``--json`` one JSON object as the last line."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Any

import typer

from benchmarks.belief.case import Case, play
from benchmarks.belief.cases import CASES, PERIODS, settings_of
from benchmarks.belief.cost import bytes_per_location_sku, microseconds_per_repeated_read

_COLUMNS = (
    "book_exact", "rfid_exact", "belief_exact", "oracle_exact", "coverage_50", "coverage_80", "coverage_95",
    "phantom_recall", "phantom_precision", "zone_accuracy", "false_orders", "seconds",
)  # fmt: skip


def main(
    case: Annotated[list[str] | None, typer.Option(help="Cases to play; all if none is named.")] = None,
    seed: Annotated[int, typer.Option(help="The draw.")] = 1,
    stores: Annotated[int, typer.Option(min=1)] = 20,
    skus: Annotated[int, typer.Option(min=1, help="SKUs a store, rounded up to styles of six.")] = 24,
    days: Annotated[int, typer.Option(min=1)] = 90,
    processes: Annotated[int, typer.Option(min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Play cases and score the belief against the truth kept aside."""
    names = case or list(CASES)
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        raise typer.BadParameter(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    cells = [(name, period) for name in names for period in PERIODS]
    scores: dict[str, dict[str, Any]] = {name: {} for name in names}
    with ProcessPoolExecutor(processes) as pool:
        played = {cell: pool.submit(play, *cell, seed, stores, skus, days) for cell in cells}
        for (name, period), future in played.items():
            scores[name][period] = future.result()
            print(f"{name} {period}: exact {scores[name][period]['belief_exact']} %", file=sys.stderr, flush=True)
    cost = _cost(seed)
    if as_json:
        print(json.dumps({"cases": scores, **cost}))
    else:
        _show(scores, cost)


def _cost(seed: int) -> dict[str, float]:
    small = Case(settings_of("hard", "daily", seed, 2, 12))
    small.play(30)
    return {
        "microseconds_per_repeated_read": round(microseconds_per_repeated_read(small), 3),
        "bytes_per_location_sku": round(bytes_per_location_sku(small)),
    }


def _show(scores: dict[str, dict[str, Any]], cost: dict[str, float]) -> None:
    print(" " * 20 + " ".join(f"{name[:12]:>12}" for name in _COLUMNS))
    for name, periods in scores.items():
        for period, one in periods.items():
            print(f"{name + ' ' + period:<20}" + " ".join(f"{_text(one[column]):>12}" for column in _COLUMNS))
    for name, value in cost.items():
        print(f"{name}: {value}")


def _text(value: object) -> str:
    return "-" if value is None else str(value)


if __name__ == "__main__":
    typer.run(main)
