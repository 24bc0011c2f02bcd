"""``python -m benchmarks.rfid_counts``: a table, or with ``--json`` one JSON object as the last line.

``passes`` are the walks as recorded; where none of them heard a stray, ``strays_rejected`` there is that of
``mixed``: the same walks with weakened tags of other walks mixed in.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.rfid_counts.mixing import FARTHER_DB, SHARE, with_strays
from benchmarks.rfid_counts.scores import by_passes, by_place, count_all
from benchmarks.rfid_counts.walks import Recorded, read_folder

_COLUMNS = ("walks", "raw_error", "count_error", "unaided_error", "prior_error", "covered", "strays_rejected")


def main(
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder of Parquet files with walks.")],
    seed: Annotated[int, typer.Option(help="Which strays are mixed in.")] = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Count real walks after one, two and three passes, each by what the other walks taught."""
    walks = read_folder(data)
    if not walks:
        raise typer.BadParameter(f"no walks in {data}")
    answer = score(walks, seed)
    if as_json:
        print(json.dumps(answer))
    else:
        _show(answer)


def score(walks: list[Recorded], seed: int) -> dict[str, Any]:
    """Errors as shares of the known number, by passes and place, as recorded and with strays mixed in."""
    counts, mixed = count_all(walks), by_passes(count_all(with_strays(walks, seed)))
    passes = by_passes(counts)
    for number, told in passes.items():
        told["strays_rejected"] = mixed[number]["strays_rejected"] if not told["strays"] else told["strays_rejected"]
    return {
        "unit": "share of the known number",
        "passes": passes,
        "places": by_place(counts),
        "mixed": {"share": SHARE, "weakened_db": FARTHER_DB, "passes": mixed},
    }


def _show(answer: dict[str, Any]) -> None:
    print("Errors as shares of the known number of tags")
    print(f"{'':<28}{'passes':>7}" + "".join(f"{name:>16}" for name in _COLUMNS))
    _rows("all", answer["passes"])
    for place, passes in answer["places"].items():
        _rows(place, passes)
    _rows("all, strays mixed in", answer["mixed"]["passes"])


def _rows(name: str, passes: dict[str, dict[str, Any]]) -> None:
    for number, told in passes.items():
        texts = ("-" if told[column] is None else str(told[column]) for column in _COLUMNS)
        print(f"{name:<28}{number:>7}" + "".join(f"{text:>16}" for text in texts))


if __name__ == "__main__":
    typer.run(main)
