"""What docs/operations.md says of metrics, messages and re-sending."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from prometheus_client.metrics import MetricWrapperBase

from agents import metrics
from schemas import topics
from streams.embedded import EmbeddedBroker
from streams.publisher import partition_of
from tests.docs.blocks import ROOT, named_block

PAGE = ROOT / "docs/operations.md"
TEXT = PAGE.read_text(encoding="utf-8")
METRICS = [found for found in vars(metrics).values() if isinstance(found, MetricWrapperBase)]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: str(metric._name))
def test_every_metric_is_described_with_its_labels(metric: MetricWrapperBase) -> None:
    name = metric._name + ("_total" if metric._type == "counter" else "")
    labels = f"{{{', '.join(metric._labelnames)}}}" if metric._labelnames else ""
    assert f"| `{name}{labels}` |" in TEXT


MESSAGES = {
    "does not exist": "streams/cluster.py",
    "records are gone that were never read": "agents/intake.py",
    "Records between are gone": "streams/batches.py",
    "but the log holds": "agents/folding.py",
    "a message of the intake is missing": "inventory/fold.py",
    "the checkpoints are of another log": "streams/checkpoints.py",
    "partitions when the state was kept": "streams/checkpoints.py",
    "checkpoints, none of them whole": "streams/checkpoints.py",
    "facts are gone that were never archived": "agents/archivist.py",
    "commit metadata is not restockd's": "agents/intake.py",
    "were rejected": "agents/intake.py",
    "there is work and nothing was done for": "streams/watchdog.py",
    "was changed after it was applied": "sinks/clickhouse/migrate.py",
    "facts are gone that were never brought to the ERP": "agents/erp_connector.py",
    "alerts are gone that were never told": "agents/deliverer.py",
    "the ERP connector waits": "agents/erp_connector.py",
    "an alert channel waits": "agents/deliverer.py",
    "archive waits": "agents/archivist.py",
    "checkpoint is not whole": "streams/checkpoints.py",
    "checkpoint of another state version is not used": "streams/checkpoints.py",
    "worker stops": "streams/stopping.py",
}


@pytest.mark.parametrize(("words", "file"), MESSAGES.items())
def test_messages_that_are_explained_are_said(words: str, file: str) -> None:
    assert words in TEXT
    assert words in (ROOT / file).read_text(encoding="utf-8")


def test_dead_letters_can_be_sent_again(tmp_path: Path) -> None:
    script = tmp_path / "resend.py"
    script.write_text(named_block(PAGE, "resend.py"), encoding="utf-8")
    broker = EmbeddedBroker().keep()
    raw, key = b"\xff{not json", b"S03"
    letter = {"topic": "readings.pos", "raw": base64.b64encode(raw).decode(), "raw_key": base64.b64encode(key).decode()}
    keyless = {**letter, "raw_key": ""}
    command = [sys.executable, str(script), broker.address]
    told = json.dumps([letter, keyless])
    subprocess.run(command, input=told, text=True, timeout=60, check=True)
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "reader", "log_level": 2})
    consumer.assign([TopicPartition(topics.POS.name, partition, 0) for partition in range(4)])
    found = [message for _ in range(2) for message in consumer.consume(1, 20.0)]
    consumer.close()
    assert sorted((message.key(), message.value()) for message in found if message.key()) == [(key, raw)]
    assert [message.value() for message in found] == [raw, raw]
    (keyed,) = [message for message in found if message.key()]
    assert keyed.partition() == partition_of(key.decode(), 4)
