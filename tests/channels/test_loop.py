"""The main job with receivers configured: a store sells out, people hear of it, and of its end."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from restockd import stack as stacks
from restockd.configuration import load
from restockd.stack import Stack
from tests.channels.receiver import Message, Receiver
from tests.erp.readings import receipt, sold_out, tell
from tests.erp.server import eventually

HIDDEN = "T0/B0/hidden"


@pytest.fixture
def running(tmp_path: Path, receiver: Receiver) -> Iterator[Stack]:
    given = {
        "worker": {"data_dir": str(tmp_path / "data"), "metrics_port": 0, "log_level": "debug"},
        "alerts": {
            "alertmanager_url": receiver.url,
            "webhook_url": f"{receiver.url}/hook",
            "webhook_secret": "a-secret-of-ours",
            "slack_url": f"{receiver.url}/services/{HIDDEN}",
            "messages_per_minute": 600,
        },
        "rules": {"keep_firing_hours": 0.0},  # hours of event time: nobody tells more of them here
    }
    with stacks.running(load(None, given).settings, 1, lambda _: None) as stack:
        yield stack


def _by_path(messages: list[Message], text: str) -> set[str]:
    return {message.path for message in messages if text in message.content.decode()}


@pytest.mark.slow
async def test_every_receiver_hears_of_a_stock_out_and_of_its_end(running: Stack, receiver: Receiver) -> None:
    everywhere = {"/api/v2/alerts", "/hook", f"/services/{HIDDEN}"}
    receiver.stop()
    await asyncio.to_thread(tell, running, sold_out())
    await asyncio.sleep(3.0)
    receiver.start()
    await eventually(_heard(running, receiver, "sold out at S01", everywhere), 60.0)
    assert not _by_path(receiver.messages, "resolved")
    await asyncio.to_thread(tell, running, receipt(20))
    await eventually(_heard(running, receiver, "resolved", {"/hook", f"/services/{HIDDEN}"}), 60.0)
    log = running.workers[0].log.read_text(errors="replace")
    assert "an alert channel waits" in log
    assert "hidden" not in log
    assert "a-secret-of-ours" not in log


def _heard(running: Stack, receiver: Receiver, text: str, paths: set[str]) -> Any:
    async def look() -> bool:
        running.check()
        return paths <= _by_path(receiver.confirmed, text)

    return look
