"""What every test may ask for: a real Kafka, shared by the whole run.

Tests that use ``kafka_address`` are marked ``kafka`` by themselves. One Kafka is
started by the first test that needs it, whichever pytest-xdist worker that runs
in, and is stopped by the main process at the end.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from restockd.kafka_jars import missing_tool
from restockd.local_kafka import LocalKafka
from schemas.errors import Unavailable

_DIRECTORY_VARIABLE = "KAFKA_OF_THE_TEST_RUN"
_ON_KAFKA = ("real kafka", True)
_NEEDS_KAFKA = {"kafka_address", "local_kafka"}
_WHOLE_SYSTEM = Path(__file__).parent / "e2e"


# Machines are noisy: what takes long says nothing, and no test may fail of it.
hypothesis.settings.register_profile("any machine", hypothesis.settings.get_profile("default"), deadline=None)
if hypothesis.settings.get_current_profile_name() == "default":
    hypothesis.settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    if not _is_xdist_worker(config):
        os.environ[_DIRECTORY_VARIABLE] = tempfile.mkdtemp(prefix="restockd-tests-")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _NEEDS_KAFKA & set(getattr(item, "fixturenames", ())):
            item.add_marker("kafka")
        on_kafka = item.get_closest_marker("kafka") is not None
        if on_kafka:
            item.user_properties.append(_ON_KAFKA)
        if on_kafka or _WHOLE_SYSTEM in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("running system"))  # one after the other: each fills a core


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_xdist_worker(config):
        directory = Path(os.environ.pop(_DIRECTORY_VARIABLE))
        LocalKafka(directory / "kafka").stop()
        shutil.rmtree(directory, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on a real Kafka, so that a run without one cannot pass for more than it is."""
    stats = terminalreporter.stats
    ran = sum(_on_kafka(report) for outcome in ("passed", "failed", "error") for report in stats.get(outcome, ()))
    skipped = sum(_on_kafka(report) for report in stats.get("skipped", ()))
    if ran or skipped:
        terminalreporter.write_sep("-", "real Kafka")
        terminalreporter.write_line(f"{ran} tests ran on a real Apache Kafka, {skipped} were skipped")


@pytest.fixture(scope="session")
def kafka_address() -> str:
    """``host:port`` of the run's Kafka; the test is skipped where none can be had."""
    tool = missing_tool()
    if tool is not None:
        pytest.skip(f"no real Kafka: {tool} is not installed")
    directory = Path(os.environ[_DIRECTORY_VARIABLE])
    with FileLock(directory / "kafka.lock"):
        try:
            return LocalKafka(directory / "kafka").start()
        except Unavailable as error:
            if error.component != "Maven":
                raise
            pytest.skip(f"no real Kafka: {error}")


@pytest.fixture
def local_kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    """A Kafka of the test's own, not yet started, to be killed at will."""
    tool = missing_tool()
    if tool is not None:
        pytest.skip(f"no real Kafka: {tool} is not installed")
    kafka = LocalKafka(tmp_path / "kafka")
    yield kafka
    kafka.stop(5.0)


def _on_kafka(report: object) -> bool:
    when = getattr(report, "when", "")
    outcome = getattr(report, "outcome", "")
    return _ON_KAFKA in map(tuple, getattr(report, "user_properties", ())) and (when == "call" or outcome != "passed")


def _is_xdist_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
