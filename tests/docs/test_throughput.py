"""The benchmark runs and says what it should; how fast anything is, no test asserts."""

import json
import subprocess
import sys

import pytest

from benchmarks.baskets import baskets
from benchmarks.throughput import CONTESTANTS, DOES


def test_baskets_have_the_lines_that_were_asked_for_and_are_the_same_each_time() -> None:
    made = baskets(1_001)
    assert sum(basket.lines for basket in made) == 1_001
    assert [len(json.loads(basket.value)["lines"]) for basket in made] == [basket.lines for basket in made]
    assert made == baskets(1_001)
    assert made != baskets(1_001, seed=2)


@pytest.mark.slow
def test_it_runs_and_prints_every_figure(kafka_address: str) -> None:
    command = [sys.executable, "-m", "benchmarks.throughput", "--json", "--events", "200", "--broker", kafka_address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) == {"events", "cores", "contestants", "ratio_to_faust", "ratio_to_bare"}
    assert set(result["contestants"]) == {contestant.__name__.lower() for contestant in CONTESTANTS} == set(DOES)
    for figure in result["contestants"].values():
        assert set(figure) == {"events", "seconds", "events_per_second", "cpu_seconds", "does"}
        assert figure["events"] == 200
