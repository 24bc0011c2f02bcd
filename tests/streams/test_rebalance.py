"""Workers that come, go and crash under load: every record is handled, few of them twice."""

import threading
import time

import pytest

from schemas.topics import POS
from streams.settings import BatchSettings, BrokerSettings
from tests.streams.conftest import StartWorkers
from tests.streams.workers import Feeder, Workers

SMALL = BatchSettings(max_records=200)
HANDLING_SECONDS = 0.01


class _Load(threading.Thread):
    """Sends to every partition until told to end."""

    def __init__(self, broker: BrokerSettings) -> None:
        super().__init__(daemon=True)
        self._feeder = Feeder(broker)
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(0.02):
            for partition in range(4):
                self._feeder.send(POS, partition, 20)

    def end(self) -> None:
        self._ending.set()
        self.join(30)


def test_workers_join_and_leave_under_load(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    load = _Load(kafka)
    load.start()
    first = group.start(batches=SMALL, handling_seconds=HANDLING_SECONDS)
    second = group.start(batches=SMALL, handling_seconds=HANDLING_SECONDS)
    first.await_owns(2)
    second.await_owns(2)
    second.await_said("batch", 5)
    assert second.stop() == 0
    first.await_owns(4)
    load.end()
    group.await_committed()
    _assert_complete(group, repeated_share=0.05)


@pytest.mark.slow
def test_workers_are_killed_under_load(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    load = _Load(kafka)
    load.start()
    first = group.start(batches=SMALL, handling_seconds=HANDLING_SECONDS)
    first.await_said("batch", 20)
    first.kill()
    second = group.start(batches=SMALL, handling_seconds=HANDLING_SECONDS)
    second.await_said("batch", 20)
    third = group.start(batches=SMALL, handling_seconds=HANDLING_SECONDS)
    third.await_owns(2)
    second.kill()
    third.await_owns(4)
    time.sleep(0.5)
    load.end()
    group.await_committed()
    _assert_complete(group, repeated_share=0.25)


def _assert_complete(group: Workers, repeated_share: float) -> None:
    """Every record handled; what was committed after a batch is at most half a second of work behind it."""
    handled, there = group.handled(), group.all_offsets()
    assert set(handled) == there
    assert len(handled) - len(there) <= repeated_share * len(there)
