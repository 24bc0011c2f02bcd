from dataclasses import replace

import pytest

from restockd.settings import Topics
from restockd.topic_plan import compare, wanted
from schemas import topics

DAY_MS = 86_400_000
WANTED = wanted(topics.ALL, Topics(partitions=6), "eu.")
FIRST = WANTED[0]


def test_every_topic_is_wanted_once_under_its_prefixed_name() -> None:
    assert sorted(state.name for state in WANTED) == sorted(f"eu.{topic.name}" for topic in topics.ALL)
    assert {state.partitions for state in WANTED} == {6}


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.name)
def test_a_topic_is_kept_as_it_says(topic: topics.Topic) -> None:
    config = wanted([topic], Topics(), "")[0].config
    assert config["message.timestamp.type"] == "LogAppendTime"
    assert config["cleanup.policy"] == ("compact" if topic.compacted else "delete")
    assert config.get("retention.ms") == (None if topic.compacted else str(topic.retention_days * DAY_MS))


def test_three_replicas_let_one_broker_fail() -> None:
    assert wanted([topics.POS], Topics(replication=3), "")[0].config["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in FIRST.config


def test_a_missing_topic_is_missing() -> None:
    assert {finding.status for finding in compare(WANTED, {})} == {"missing"}


def test_more_configuration_and_more_replicas_than_wanted_are_right() -> None:
    found = replace(FIRST, replication=3, config={**FIRST.config, "segment.bytes": "1"})
    assert compare([FIRST], {FIRST.name: found})[0].status == "right"


def test_every_difference_is_said_in_words() -> None:
    found = replace(FIRST, partitions=2, replication=0, config={**FIRST.config, "cleanup.policy": "compact"})
    finding = compare([FIRST], {FIRST.name: found})[0]
    assert finding.status == "differs"
    assert finding.differences == (
        "has 0 replicas, not 1",
        "has 2 partitions, not 6",
        "cleanup.policy is compact, not delete",
    )
