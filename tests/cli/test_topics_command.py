import uuid

from confluent_kafka.admin import AdminClient

from schemas import topics
from tests.cli.conftest import Run


def _here(address: str, **more: str) -> dict[str, str]:
    return {"RESTOCKD_BROKER__ADDRESS": address, "RESTOCKD_BROKER__TOPIC_PREFIX": f"t{uuid.uuid4().hex[:8]}.", **more}


def test_ensure_creates_everything_once(restockd: Run, kafka_address: str) -> None:
    here = _here(kafka_address)
    first = restockd("topics", "ensure", "--json", **here)
    assert first.code == 0, first.err
    assert first.json["created"] == len(topics.ALL)
    again = restockd("topics", "ensure", "--strict", "--json", **here)
    assert again.code == 0
    assert {topic["status"] for topic in again.json["topics"]} == {"right"}
    prefix = here["RESTOCKD_BROKER__TOPIC_PREFIX"]
    there = AdminClient({"bootstrap.servers": kafka_address}).list_topics(timeout=10).topics
    assert {topic.name for topic in topics.ALL} == {name[len(prefix) :] for name in there if name.startswith(prefix)}


def test_an_existing_topic_with_another_partition_count_is_reported_and_left_alone(
    restockd: Run, kafka_address: str
) -> None:
    here = _here(kafka_address)
    restockd("topics", "ensure", **here, RESTOCKD_TOPICS__PARTITIONS="2")
    outcome = restockd("topics", "ensure", "--strict", "--json", **here)
    assert outcome.code == 1
    assert outcome.json["created"] == 0
    assert all("has 2 partitions, not 4" in topic["differences"] for topic in outcome.json["topics"])
    there = AdminClient({"bootstrap.servers": kafka_address}).list_topics(timeout=10).topics
    assert len(there[here["RESTOCKD_BROKER__TOPIC_PREFIX"] + topics.POS.name].partitions) == 2
