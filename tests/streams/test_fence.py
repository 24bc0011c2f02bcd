"""Who may commit: the owner of a partition, under the generation it was assigned in, and nobody else (law 1)."""

import signal
import time

from schemas.topics import POS
from streams.settings import BatchSettings, BrokerSettings
from tests.streams.conftest import SESSION_SECONDS, StartWorkers
from tests.streams.workers import Feeder, Worker, eventually


def test_a_commit_under_an_older_generation_is_refused(broker: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(broker, [POS])
    at = [broker.name(POS), 0]
    Feeder(broker).send(POS, 0, 40)
    worker = group.start()
    group.await_committed()
    generation = worker.said("assigned")[-1]["generation"]
    for do in ("mark", "commit in the thread"):
        assert not worker.obey(do=do, at=at, offset=10, generation=generation - 1)["committed"]
        assert group.committed() == {tuple(at): 40}
        assert worker.obey(do=do, at=at, offset=20, generation=generation)["committed"]
        assert group.committed() == {tuple(at): 20}
        assert worker.obey(do=do, at=at, offset=40, generation=generation)["committed"]


def test_a_partition_that_is_not_ours_is_neither_committed_nor_sought(
    kafka: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(kafka, [POS])
    Feeder(kafka).send(POS, 0, 40)
    first = group.start()
    group.await_committed()
    second = group.start()
    _await_shared(first, second)
    other, own = (first, second) if _owns(second, 0) else (second, first)
    generation = own.said("assigned")[-1]["generation"]
    at = [kafka.name(POS), 0]
    assert not other.obey(do="commit in the thread", at=at, offset=10, generation=generation)["committed"]
    assert group.committed() == {tuple(at): 40}
    other.obey(do="seek", at=at, offset=0)  # as when it is taken away while its place is looked up
    Feeder(kafka).send(POS, 0, 10)
    group.await_committed()
    assert len(group.handled()) == 50


def test_a_worker_that_slept_through_its_session_cannot_turn_back_what_others_committed(
    kafka: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(kafka, [POS])
    feeder = Feeder(kafka)
    feeder.send(POS, 0, 40)
    sleeper = group.start()
    group.await_committed()
    slept_under = sleeper.said("assigned")[-1]["generation"]
    sleeper.signal(signal.SIGSTOP)
    other = group.start()
    other.await_owns(4)
    feeder.send(POS, 0, 60)
    group.await_committed()
    assert other.stop() == 0
    sleeper.signal(signal.SIGCONT)
    eventually(lambda: sleeper.said("assigned")[-1]["generation"] > slept_under, "the sleeper joins again")
    sleeper.await_owns(4)
    # What it had under way when it fell asleep is done only now.
    late = sleeper.obey(do="mark", at=[kafka.name(POS), 0], offset=40, generation=slept_under)
    assert not late["committed"]
    time.sleep(1.0)  # two turns of the commit timer
    assert group.committed() == {(kafka.name(POS), 0): 100}


def test_a_worker_that_sleeps_in_the_middle_of_a_batch_neither_loses_nor_turns_back(
    kafka: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(kafka, [POS])
    for partition in range(4):
        Feeder(kafka).send(POS, partition, 500)
    sleeper = group.start(batches=BatchSettings(max_records=20), handling_seconds=0.1)
    sleeper.await_said("batch", 3)
    sleeper.signal(signal.SIGSTOP)
    other = group.start(batches=BatchSettings(max_records=50))
    group.await_committed()
    sleeper.signal(signal.SIGCONT)
    watched_until = time.monotonic() + SESSION_SECONDS
    while time.monotonic() < watched_until:
        assert group.committed() == group.ends()
        time.sleep(0.1)
    assert set(group.handled()) == group.all_offsets()
    _await_shared(sleeper, other)


def _await_shared(first: Worker, second: Worker) -> None:
    first.await_owns(2)
    second.await_owns(2)


def _owns(worker: Worker, partition: int) -> bool:
    return any(number == partition for _, number, _ in worker.said("assigned")[-1]["positions"])
