"""A whole system of its own for each test: topics under a prefix, ClickHouse in a folder, workers."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from restockd.configuration import Settings, load

Configure = Callable[..., Settings]


@pytest.fixture(params=["embedded", "kafka"])
def broker_address(request: pytest.FixtureRequest) -> str:
    """The embedded broker and a real Kafka: the same test on both."""
    if request.param == "embedded":
        return "embedded"
    return str(request.getfixturevalue("kafka_address"))


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Settings for a broker, everything else of the test's own.

    Only tests that freeze workers want short sessions: on a busy machine a worker may pause for seconds.
    """

    def configured(address: str, session_seconds: float = 10.0, **worker: object) -> Settings:
        prefix = "" if address == "embedded" else f"t{uuid.uuid4().hex[:8]}."
        broker = {"address": address, "topic_prefix": prefix, "session_timeout_seconds": session_seconds}
        own = {"data_dir": str(tmp_path / "data"), "metrics_port": 0, "checkpoint_seconds": 1.0, **worker}
        return load(None, {"broker": broker, "worker": own, "topics": {"partitions": 4}}).settings

    return configured
