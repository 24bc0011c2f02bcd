"""The benchmark of walks, on walks made here."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.rfid_counts.mixing import SHARE, with_strays
from benchmarks.rfid_counts.scores import Count, by_passes, count_all
from benchmarks.rfid_counts.walks import read_folder

LAST = 59
SECONDS = 20


def _reads(random: Random, number: int, passes: int, rate: float, strays: int) -> list[dict[str, object]]:
    """Serials 0 to ``LAST``; strays are numbered beyond, weak and seldom read."""
    walk = {"experiment_nr": number, "group": 1, "setup": "2d", "experiment": "walking", "tags": LAST}
    rows: list[dict[str, object]] = []
    for at_pass in range(passes):
        begin, end = (1000 * SECONDS * edge for edge in (at_pass, at_pass + 1))
        heard = [(serial, random.randint(5, 60), -64) for serial in range(LAST + 1) if random.random() < rate]
        heard += [(LAST + 1 + stray, random.randint(1, 2), -72) for stray in range(strays)]
        for serial, count, dbm in heard:
            for _ in range(count):
                at = random.randrange(begin, end)
                rssi = round(random.gauss(dbm, 2 if dbm > -70 else 0.5))
                rows.append({**walk, "iterations": passes, "milliseconds": at, "serial": serial, "rssi": rssi})
        rows.append({**walk, "iterations": passes, "milliseconds": end - 1, "serial": 0, "rssi": -60})
    return sorted(rows, key=lambda row: int(str(row["milliseconds"])))


def _write(folder: Path, strays: int = 0, walks: Sequence[int] = (1, 1, 2, 3, 3)) -> Path:
    random = Random(7)
    rows = [row for number, passes in enumerate(walks) for row in _reads(random, number, passes, 0.7, strays)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "walks.parquet")
    return folder


def test_passes_are_cut_in_equal_times_and_serials_counted_from_zero(tmp_path: Path) -> None:
    walks = read_folder(_write(tmp_path, strays=4))
    assert [walk.passes for walk in walks] == [1, 1, 2, 3, 3]
    assert {walk.known for walk in walks} == {LAST + 1}
    assert walks[0].strays == {str(LAST + 1 + stray) for stray in range(4)}
    for walk in walks:
        assert [len(one) for one in walk.walk().passes] == pytest.approx([0.7 * LAST + 5] * walk.passes, abs=12)


def test_serials_from_one_have_no_zeroth_tag(tmp_path: Path) -> None:
    rows = [row for row in _reads(Random(1), 1, 1, 0.9, 0) if row["serial"] != 0]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "walks.parquet")
    assert read_folder(tmp_path)[0].known == LAST


def test_other_files_are_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"epc": ["a"], "rssi": [-60]}), tmp_path / "other.parquet")
    assert len(read_folder(_write(tmp_path))) == 5
    told = capsys.readouterr().err
    assert "other.parquet" in told
    assert "serial" in told


def test_counts_beat_what_was_heard(tmp_path: Path) -> None:
    passes = by_passes(count_all(read_folder(_write(tmp_path))))
    assert [told["walks"] for told in passes.values()] == [5, 3, 2]
    assert (passes["1"]["count_error"] or 0) < (passes["1"]["raw_error"] or 0) / 2
    assert passes["1"]["strays_rejected"] is None


def test_a_walks_own_number_never_reaches_its_count(tmp_path: Path) -> None:
    walks = read_folder(_write(tmp_path, strays=8))
    before = count_all(walks)
    told_wrong = [replace(walk, known=walk.known * 2) if number == 3 else walk for number, walk in enumerate(walks)]
    assert _estimates(count_all(told_wrong), walks[3].name) == _estimates(before, walks[3].name)


def _estimates(counts: list[Count], name: str) -> list[tuple[int, int]]:
    return [(count.estimate, count.rejected) for count in counts if count.walk == name]


def test_strays_of_its_own_are_rejected(tmp_path: Path) -> None:
    passes = by_passes(count_all(read_folder(_write(tmp_path, strays=12))))
    assert (passes["1"]["strays_rejected"] or 0) > 0.9
    assert (passes["1"]["wrongly_rejected"] or 0) < 0.02


def test_strays_mixed_in_are_weak_and_as_many_as_said(tmp_path: Path) -> None:
    walks = read_folder(_write(tmp_path))
    for walk, mixed in zip(walks, with_strays(walks), strict=True):
        added = mixed.reads[len(walk.reads) :]
        heard = {epc for _, epc, _ in mixed.reads}
        assert len(mixed.strays) / len(heard) == pytest.approx(SHARE, abs=0.02)
        assert {epc for _, epc, _ in added} == mixed.strays
        assert max(rssi for _, _, rssi in added) <= max(rssi for *_, rssi in walk.reads) - 6
    assert with_strays(walks) == with_strays(walks)


def test_the_command_prints_json_last(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.rfid_counts", "--data", str(_write(tmp_path)), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert set(answer["passes"]) == {"1", "2", "3"}
    for told in answer["passes"].values():
        assert {"raw_error", "count_error", "strays_rejected"} <= set(told)
    assert answer["mixed"]["share"] == SHARE


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.rfid_counts", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no walks" in done.stderr
