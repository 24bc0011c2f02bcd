"""Walks from Parquet files: which tags each pass heard, and how many were there."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from inventory.stock.population import Walk, observe

COLUMNS = ("experiment_nr", "setup", "experiment", "tags", "iterations", "milliseconds", "serial", "rssi")

Read = tuple[int, str, int]
"""Pass (from 0), EPC, RSSI in dBm."""


@dataclass(frozen=True)
class Recorded:
    """One walk as it was recorded. ``strays`` are the EPCs heard that are none of the ``known`` tags."""

    name: str
    place: str
    passes: int
    known: int
    reads: tuple[Read, ...]
    strays: frozenset[str]

    def walk(self) -> Walk:
        """The walk as the product hears it."""
        walk = Walk([{} for _ in range(self.passes)])
        for at_pass, epc, rssi_dbm in self.reads:
            observe(walk, epc, 1, rssi_dbm, at_pass)
        return walk


def read_folder(folder: Path) -> list[Recorded]:
    """Every walk in the folder's Parquet files; files with other columns are named on stderr and left out."""
    found: list[Recorded] = []
    for path in sorted(folder.glob("*.parquet")):
        missing = sorted(set(COLUMNS) - set(pq.read_schema(path).names))
        if missing:
            print(f"{path.name}: not a file of walks, it has no {', '.join(missing)}", file=sys.stderr)
        else:
            found += _read_file(path)
    return found


def _read_file(path: Path) -> Iterator[Recorded]:
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in pq.read_table(path, columns=list(COLUMNS)).to_pylist():
        rows[row["experiment_nr"]].append(row)
    from_zero = {_set_of(row) for walk in rows.values() for row in walk if row["serial"] == 0}
    for number, walk in sorted(rows.items()):
        yield _recorded(f"{path.stem} {number}", walk, counts_from_zero=_set_of(walk[0]) in from_zero)


def _set_of(row: dict[str, Any]) -> tuple[str, int]:
    return row["setup"], row["tags"]


def _recorded(name: str, rows: list[dict[str, Any]], *, counts_from_zero: bool) -> Recorded:
    """``tags`` is the last serial: where serials begin at 0 there is one tag more, and what is beyond is a stray.

    A walk of several passes (``iterations``) is cut into equal times.
    """
    first = rows[0]
    belong = range(0 if counts_from_zero else 1, first["tags"] + 1)
    passes, end = max(first["iterations"], 1), max(row["milliseconds"] for row in rows) + 1
    reads = tuple((row["milliseconds"] * passes // end, str(row["serial"]), row["rssi"]) for row in rows)
    strays = frozenset(str(row["serial"]) for row in rows if row["serial"] not in belong)
    return Recorded(name, f"{first['setup']} {first['experiment']}", passes, len(belong), reads, strays)


def heard_by(reads: Iterable[Read]) -> list[str]:
    """The distinct tags, in order."""
    return sorted({epc for _, epc, _ in reads})
