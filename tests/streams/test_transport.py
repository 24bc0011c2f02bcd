"""The batched transport: what is read, in what pieces, how soon, and what is committed."""

import signal
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from restockd.local_kafka import LocalKafka
from schemas.topics import ERP, POS, RFID
from streams.settings import BatchSettings, BrokerSettings
from streams.stopping import EXIT_MUST_STOP
from tests.streams.conftest import SESSION_SECONDS, StartWorkers
from tests.streams.workers import Feeder, Worker, eventually


def test_everything_is_handled_in_order_committed_to_the_end_and_not_read_again(
    broker: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(broker, [POS, RFID])
    feeder = Feeder(broker)
    for partition in range(3):  # the fourth stays empty
        feeder.send(POS, partition, 1_500)
        feeder.send(RFID, partition, 100)
    first = group.start()
    group.await_committed()
    assert sorted(first.offsets()) == sorted(group.all_offsets())
    for at in group.ends():
        own = [offset for topic, partition, offset in first.offsets() if (topic, partition) == at]
        assert own == sorted(own)
    assert _metadata(broker, 2) == "up to 1500"
    assert first.stop() == 0
    second = group.start()
    second.await_owns(8)
    feeder.send(POS, 3, 1)
    group.await_committed()
    assert second.offsets() == [(broker.name(POS), 3, 0)]


def test_the_last_batches_before_an_orderly_stop_are_committed(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    feeder = Feeder(kafka)
    for partition in range(4):
        feeder.send(POS, partition, 1_500)
    for _ in range(2):
        worker = group.start(batches=BatchSettings(max_records=50), handling_seconds=0.01)
        worker.await_said("batch", 5)
        assert worker.stop() == 0
    group.start()
    group.await_committed()
    assert sorted(group.handled()) == sorted(group.all_offsets())  # each exactly once


def test_a_batch_has_at_most_so_many_records(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    Feeder(kafka, **{"linger.ms": 20}).send(POS, 0, 1_000)
    worker = group.start(batches=BatchSettings(max_records=64))
    group.await_committed()
    batches = worker.said("batch")
    assert max(len(batch["offsets"]) for batch in batches) <= 64
    assert [batch["more"] for batch in batches] == [True] * (len(batches) - 1) + [False]
    assert len(worker.offsets()) == 1_000


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_a_batch_has_at_most_so_many_bytes_however_well_they_compress(
    kafka: BrokerSettings, workers: StartWorkers, compression: str
) -> None:
    group = workers(kafka, [POS])
    Feeder(kafka, **{"linger.ms": 50, "compression.type": compression}).send(POS, 1, 400, size=1_000)
    worker = group.start(batches=BatchSettings(max_bytes=20_000))
    group.await_committed()
    assert max(batch["bytes"] for batch in worker.said("batch")) <= 20_000
    assert [offset for _, _, offset in worker.offsets()] == list(range(400))


def test_a_record_larger_than_a_batch_travels_alone(broker: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(broker, [POS])
    feeder = Feeder(broker, **{"linger.ms": 50})
    for size in (100, 90_000, 100):
        feeder.send(POS, 0, size=size)
    worker = group.start(batches=BatchSettings(max_bytes=20_000))
    group.await_committed()
    assert [offset for _, _, offset in worker.offsets()] == [0, 1, 2]
    assert [1] in [batch["offsets"] for batch in worker.said("batch")]


def test_an_event_waits_little_while_every_other_partition_is_idle(
    broker: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(broker, [POS, RFID, ERP])
    worker = group.start()
    worker.await_owns(12)
    feeder = Feeder(broker)
    feeder.send(POS, 0)
    worker.await_said("batch")
    for number in range(60):
        feeder.send((POS, RFID, ERP)[number % 3], number % 4)
        time.sleep(0.02)
    eventually(lambda: len(worker.offsets()) == 61, "all handled")
    waited = sorted(batch["waited"] for batch in worker.said("batch"))[:-1]
    assert waited[int(len(waited) * 0.98)] < 0.4


def test_a_batch_after_a_hole_is_fetched_again_from_where_it_should_go_on(
    kafka: BrokerSettings, workers: StartWorkers
) -> None:
    group = workers(kafka, [POS])
    feeder = Feeder(kafka)
    feeder.send(POS, 0, 50)
    worker = group.start()
    group.await_committed()
    for start in (10, 0):
        worker.obey(do="expect", at=[kafka.name(POS), 0], offset=start)
        before = len(worker.offsets())
        feeder.send(POS, 0, 1)
        group.await_committed()
        end = group.ends()[(kafka.name(POS), 0)]
        assert [offset for _, _, offset in worker.offsets()[before:]] == list(range(start, end))
        assert worker.said("jump")[-1]["expected"] == start
    group.await_committed()


def test_control_records_leave_no_hole(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    producer = Producer(kafka.client({"transactional.id": kafka.prefix}))
    producer.init_transactions(20)
    for _ in range(3):
        producer.begin_transaction()
        producer.produce(kafka.name(POS), b"sale", partition=0)
        producer.commit_transaction(20)
    worker = group.start()
    eventually(lambda: len(worker.offsets()) == 3, "three records between three markers")
    assert [offset for _, _, offset in worker.offsets()] == [0, 2, 4]
    assert not worker.said("jump")


def test_deleted_records_end_the_worker_and_it_names_them(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    feeder = Feeder(kafka)
    feeder.send(POS, 1, 20)
    first = group.start()
    group.await_committed()
    first.stop()
    feeder.send(POS, 1, 20)
    _delete_before(kafka, 1, 30)
    worker = group.start()
    assert worker.process.wait(20) == EXIT_MUST_STOP
    said = worker.log.read_text()
    assert f"{kafka.name(POS)}[1]" in said
    assert "offset 20" in said


def test_deleted_records_end_a_worker_that_is_behind(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    feeder = Feeder(kafka)
    feeder.send(POS, 1, 20)
    worker = group.start()
    group.await_committed()
    worker.signal(signal.SIGSTOP)
    time.sleep(0.5)  # the broker has answered the fetch that was under way
    feeder.send(POS, 1, 20)
    _delete_before(kafka, 1, 40)
    worker.signal(signal.SIGCONT)
    assert worker.process.wait(20) == EXIT_MUST_STOP
    assert f"{kafka.name(POS)}[1]" in worker.log.read_text()


def _lines_of_ours(worker: Worker) -> list[str]:
    return [line for line in worker.log.read_text().splitlines() if line.startswith("streams.")]


def _metadata(broker: BrokerSettings, partition: int) -> str | None:
    reader = Consumer(broker.client({"group.id": broker.group("test")}))
    [found] = reader.committed([TopicPartition(broker.name(POS), partition)], timeout=10)
    reader.close()
    return found.metadata


def _delete_before(broker: BrokerSettings, partition: int, offset: int) -> None:
    admin = AdminClient(broker.client({}))
    at = TopicPartition(broker.name(POS), partition, offset)
    for done in admin.delete_records([at]).values():
        done.result(timeout=20)


def _cpu_share(worker: Worker, seconds: float) -> float:
    before = worker.cpu_seconds()
    time.sleep(seconds)
    return (worker.cpu_seconds() - before) / seconds


@pytest.mark.slow
def test_an_idle_worker_rests_also_when_its_broker_is_gone(local_kafka: LocalKafka, workers: StartWorkers) -> None:
    broker = BrokerSettings(local_kafka.start(), session_timeout_seconds=SESSION_SECONDS)
    group = workers(broker, [POS, RFID, ERP])
    worker = group.start()
    worker.await_owns(12)
    time.sleep(1.0)
    assert _cpu_share(worker, 3.0) < 0.15
    local_kafka.kill()
    time.sleep(1.0)
    assert _cpu_share(worker, 3.0) < 0.15
    assert worker.process.poll() is None
    assert len(worker.log.read_text().splitlines()) < 40
    local_kafka.start()
    Feeder(broker).send(POS, 0, 5)
    group.await_committed()  # and it goes on


def test_a_worker_leaves_no_folder_behind_and_says_little(kafka: BrokerSettings, workers: StartWorkers) -> None:
    group = workers(kafka, [POS])
    worker = group.start(log_level="INFO")
    worker.await_owns(4)
    Feeder(kafka).send(POS, 0, 10)
    group.await_committed()
    assert worker.stop() == 0
    assert {path.suffix for path in worker.out.parent.iterdir()} == {".jsonl", ".log"}
    assert "Starting..." not in [line.split(": ")[-1] for line in _lines_of_ours(worker)]
