"""The embedded broker of a demo or replay, findable by other processes of this user for as long as it lives."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from restockd.configuration import Settings
from restockd.own_process import OwnProcess
from streams.settings import BrokerSettings


@contextmanager
def findable(settings: Settings, broker: BrokerSettings) -> Iterator[None]:
    """Leave the address in the data directory while the block lasts; the broker lives in this process."""
    process, address = _files(settings)
    mine = OwnProcess.of(os.getpid())
    process.parent.mkdir(parents=True, exist_ok=True)
    address.write_text(json.dumps({"address": broker.address, "identity": broker.embedded_identity}), encoding="utf-8")
    mine.write(process)
    try:
        yield
    finally:
        if OwnProcess.read(process) == mine:
            process.unlink(missing_ok=True)


def running_broker(settings: Settings) -> BrokerSettings | None:
    """The broker another process of ours runs in its memory, if one does."""
    process, address = _files(settings)
    if OwnProcess.read(process) is None:
        return None
    found = json.loads(address.read_text(encoding="utf-8"))
    return BrokerSettings(found["address"], settings.broker.topic_prefix, embedded_identity=found["identity"])


def _files(settings: Settings) -> tuple[Path, Path]:
    return settings.worker.data_dir / "broker.pid", settings.worker.data_dir / "broker.address"
