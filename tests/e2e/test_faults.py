"""Workers killed, frozen and stopped at random while a doubled, shuffled file streams through a real Kafka.

Two workers share the partitions; a thread sends while the faults happen, and
each strikes a worker that is up and has work waiting. At the end nothing is lost
and nothing doubled: net units equal the file's, and state and facts are those of
one clean fold of the log that was written.
"""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.state import digest
from restockd import counts
from restockd import stack as stacks
from restockd.draining import drain, lag
from restockd.stack import Stack, WorkerProcess
from simulators.records import Record
from simulators.replay import doubled, open_source, shuffled_within
from simulators.replay.made import made_online_retail
from sinks.clickhouse import queries
from streams.sender import Sender
from tests.e2e.conftest import Configure
from tests.e2e.oracle import Oracle

ROWS = 8_000
FAULTS = {"kill": 10, "freeze": 2, "stop": 2}
SESSION_SECONDS = 3.0
HOUR_MS = 3_600_000
WAIT_SECONDS = 60.0


class Feeder(threading.Thread):
    """Sends the records in as many shares as there are faults: the next share only when it is asked for."""

    def __init__(self, stack: Stack, path: Path, shares: int) -> None:
        super().__init__(name="feeder", daemon=True)
        self._stack = stack
        self._source = open_source("online-retail", path)
        self._shares = shares
        self._asked = threading.Semaphore(0)
        self.sent = 0
        self.failed: BaseException | None = None

    def next_share(self) -> None:
        """Let the next share be sent."""
        self._asked.release()

    def run(self) -> None:
        try:
            self._send()
        except BaseException as error:
            self.failed = error

    def _send(self) -> None:
        stack = self._stack
        records = list(doubled(shuffled_within(self._source.records(), HOUR_MS, seed=5), seed=6))
        with Sender(stack.broker, stack.cluster, stack.broker.group("intake"), linger_ms=0) as sender:
            for record in self._source.reference():
                sender.send(record.topic, record.key, record.value)
            for share in range(self._shares):
                self._asked.acquire()
                for record in self._share(records, share):
                    sender.send(record.topic, record.key, record.value)
                    self.sent += 1
                    time.sleep(0.001)  # a stream, not a heap: work is waiting for about a second a share

    def _share(self, records: list[Record], share: int) -> list[Record]:
        size = len(records)
        return records[size * share // self._shares : size * (share + 1) // self._shares]


class Saboteur:
    """Does something bad to one of the workers while work waits, and notes what and how much waited."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self.plan = [kind for kind, count in FAULTS.items() for _ in range(count)]
        self._random.shuffle(self.plan)
        self.done: list[tuple[str, int]] = []

    def strike(self, kind: str, send: Callable[[], None]) -> None:
        """Hit a worker that is ready, while records of what ``send`` sends wait, at a random moment; bring it back."""
        worker = self._random.choice(self._stack.workers)
        worker.wait_ready()  # first: the other worker may be done with what is sent before this one is up
        send()
        pause = self._random.uniform(0.0, 0.6)
        waiting = self._waiting()
        time.sleep(pause)
        worker.check()
        getattr(self, f"_{kind}")(worker)
        self.done.append((kind, waiting))

    def _waiting(self) -> int:
        """How many records wait, as soon as some do."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            if waiting := lag(self._stack):
                return waiting
        raise AssertionError("nothing ever waited for the workers")

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


def _send_under_fire(stack: Stack, path: Path, saboteur: Saboteur) -> int:
    feeder = Feeder(stack, path, len(saboteur.plan))
    feeder.start()
    for kind in saboteur.plan:
        saboteur.strike(kind, feeder.next_share)
    feeder.join(WAIT_SECONDS)
    assert feeder.failed is None, feeder.failed
    assert not feeder.is_alive()
    return feeder.sent


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_doubled(
    kafka_address: str, tmp_path: Path, configure: Configure, record_property: Callable[[str, object], None]
) -> None:
    path = made_online_retail(tmp_path / "sales.parquet", rows=ROWS, seed=3)
    source = open_source("online-retail", path)
    with stacks.running(configure(kafka_address, SESSION_SECONDS), 2, lambda _: None) as stack:
        saboteur = Saboteur(stack, seed=2)
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
    record_property("faults", ",".join(f"{kind}@{waiting}" for kind, waiting in saboteur.done))
    record_property("sent", str(sent))
    assert Counter(kind for kind, _ in saboteur.done) == FAULTS
    assert all(waiting > 0 for _, waiting in saboteur.done)
    assert {at: units for at, units in net.items() if units} == {
        at: units for at, units in source.units_by_location_sku().items() if units
    }
    assert gaps == []
    assert said == oracle.facts
    assert [digest(state) for state in kept] == [digest(state) for state in oracle.states]
