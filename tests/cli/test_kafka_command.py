from pathlib import Path

import pytest

from restockd.kafka_jars import missing_tool
from tests.cli.conftest import Run


def test_status_of_one_that_was_never_started(restockd: Run) -> None:
    outcome = restockd("kafka", "status", "--json")
    assert outcome.code == 1
    assert outcome.json == {"running": False, "answers": False, "address": None}


@pytest.mark.kafka
@pytest.mark.skipif(missing_tool() is not None, reason="no real Kafka: java or mvn is not installed")
def test_start_status_and_stop(restockd: Run, place: Path) -> None:
    try:
        started = restockd("kafka", "start", "--port", "0", "--json")
        assert started.code == 0, started.err
        assert started.json["started"]
        assert started.json["address"].startswith("127.0.0.1:")
        again = restockd("kafka", "start", "--json")
        assert not again.json["started"]
        assert again.json["address"] == started.json["address"]
        assert restockd("kafka", "status", "--json").json["answers"]
    finally:
        assert restockd("kafka", "stop", "--json").json["stopped"]
    assert restockd("kafka", "status").code == 1
    assert (place / "share" / "restockd" / "kafka" / "kafka.log").exists()


def test_without_java_it_says_what_to_install(restockd: Run, place: Path) -> None:
    outcome = restockd("kafka", "start", PATH=str(place))
    assert outcome.code == 1
    assert "java is not installed. Install a Java runtime" in outcome.err
