"""Workers killed, frozen and stopped at random while a doubled, shuffled file streams through a real Kafka.

Two workers share the partitions. At the end nothing is lost and nothing doubled:
net units equal the file's, and state and facts are those of one clean fold of
the log that was written.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from inventory.state import digest
from restockd import counts
from restockd import stack as stacks
from restockd.draining import drain
from restockd.stack import Stack, WorkerProcess
from simulators.records import Record
from simulators.replay import doubled, open_source, shuffled_within
from simulators.replay.made import made_online_retail
from sinks.clickhouse import queries
from streams.sender import Sender
from tests.e2e.conftest import Configure
from tests.e2e.oracle import Oracle

ROWS = 8_000
FAULTS = 12
SESSION_SECONDS = 3.0
HOUR_MS = 3_600_000
KILLED = -signal.SIGKILL


class Saboteur:
    """Does something bad to one of the workers, and counts what."""

    def __init__(self, workers: list[WorkerProcess], seed: int) -> None:
        self._random = random.Random(seed)
        self._workers = workers
        self.done: list[str] = []

    def strike(self) -> None:
        """Kill, freeze or stop a worker at a random moment, then bring it back."""
        time.sleep(self._random.uniform(0.2, 1.5))
        worker = self._random.choice(self._workers)
        worker.check()
        kinds = ["kill", "freeze", "stop"]
        # Every kind in turn first, so that each is there whatever the draw.
        kind = kinds[len(self.done)] if len(self.done) < 3 else self._random.choice(["kill", *kinds])
        getattr(self, f"_{kind}")(worker)
        self.done.append(kind)

    def _kill(self, worker: WorkerProcess) -> None:
        worker.kill()
        worker.start()

    def _freeze(self, worker: WorkerProcess) -> None:
        worker.signal(signal.SIGSTOP)
        time.sleep(SESSION_SECONDS * 1.7)
        worker.signal(signal.SIGCONT)

    def _stop(self, worker: WorkerProcess) -> None:
        worker.stop()
        worker.start()


def _disordered(path: Path) -> Iterator[Record]:
    records = open_source("online-retail", path).records()
    return doubled(shuffled_within(records, HOUR_MS, seed=5), seed=6)


def _pieces(records: Iterator[Record], count: int) -> Iterator[list[Record]]:
    while piece := list(islice(records, count)):
        yield piece


def _send_under_fire(stack: Stack, path: Path, saboteur: Saboteur) -> int:
    sent = 0
    with Sender(stack.broker, stack.cluster, stack.broker.group("intake")) as sender:
        for record in open_source("online-retail", path).reference():
            sender.send(record.topic, record.key, record.value)
        sender.flush()
        pieces = list(_pieces(_disordered(path), 60))
        for number, piece in enumerate(pieces):
            for record in piece:
                sender.send(record.topic, record.key, record.value)
                sent += 1
            sender.flush()
            if len(saboteur.done) < FAULTS and number >= len(saboteur.done) * len(pieces) // FAULTS:
                saboteur.strike()
    while len(saboteur.done) < FAULTS:
        saboteur.strike()
    return sent


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_doubled(
    kafka_address: str, tmp_path: Path, configure: Configure, record_property: Callable[[str, object], None]
) -> None:
    path = made_online_retail(tmp_path / "sales.parquet", rows=ROWS, seed=3)
    source = open_source("online-retail", path)
    with stacks.running(configure(kafka_address), 2, lambda _: None) as stack:
        saboteur = Saboteur(stack.workers, seed=2)
        sent = _send_under_fire(stack, path, saboteur)
        drain(stack, 90.0, lambda _: None)
        for worker in stack.workers:
            worker.wait_ready()
            worker.stop()
        oracle = Oracle(stack.broker)
        said = oracle.said()
        kept = oracle.kept()
        net = counts.net_units(stack.database)
        gaps = queries.conservation_gaps(stack.database)
    record_property("faults", ",".join(saboteur.done))
    record_property("sent", str(sent))
    assert len(saboteur.done) >= 10
    assert {"kill", "freeze", "stop"} <= set(saboteur.done)
    assert {at: units for at, units in net.items() if units} == {
        at: units for at, units in source.units_by_location_sku().items() if units
    }
    assert gaps == []
    assert said == oracle.facts
    assert [digest(state) for state in kept] == [digest(state) for state in oracle.states]
