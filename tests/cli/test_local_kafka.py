import uuid

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from restockd import kafka_jars
from restockd.local_kafka import LocalKafka, answers, free_port
from schemas.errors import Unavailable


def _produce(address: str, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": address, "linger.ms": 0})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(10) == 0


def _consume(address: str, topic: str, count: int) -> list[bytes]:
    group = uuid.uuid4().hex
    consumer = Consumer(
        {"bootstrap.servers": address, "group.id": group, "auto.offset.reset": "earliest", "session.timeout.ms": 1000}
    )
    consumer.subscribe([topic])
    try:
        return [bytes(message.value() or b"") for message in consumer.consume(count, timeout=20)]
    finally:
        consumer.close()


def _create(address: str, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(10)


def test_records_go_through_the_shared_kafka(kafka_address: str) -> None:
    topic = f"local-{uuid.uuid4().hex}"
    _create(kafka_address, topic)
    _produce(kafka_address, topic, [b"1", b"2", b"3"])
    assert _consume(kafka_address, topic, 3) == [b"1", b"2", b"3"]


@pytest.mark.slow
def test_a_killed_kafka_comes_back_with_its_data_and_address(local_kafka: LocalKafka) -> None:
    address = local_kafka.start()
    _create(address, "kept")
    _produce(address, "kept", [b"before"])
    assert local_kafka.kill()
    assert not answers(address, 1.0)
    assert local_kafka.start() == address
    _produce(address, "kept", [b"after"])
    assert _consume(address, "kept", 2) == [b"before", b"after"]


def test_stopping_what_does_not_run_says_so(tmp_path) -> None:
    assert LocalKafka(tmp_path).stop() is False


def test_the_address_of_one_never_started_is_an_error(tmp_path) -> None:
    with pytest.raises(Unavailable, match="was not started"):
        _ = LocalKafka(tmp_path).address


@pytest.mark.parametrize("tool", ["java", "mvn"])
def test_a_missing_tool_is_named_with_advice(tool: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda name: None if name == tool else f"/bin/{name}")
    with pytest.raises(Unavailable, match=f"{tool} is not installed. Install"):
        kafka_jars.fetched()


def test_nobody_answers_on_a_free_port() -> None:
    assert not answers(f"127.0.0.1:{free_port()}", 0.5)
