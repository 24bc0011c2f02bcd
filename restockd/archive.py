"""The ClickHouse of the settings, wherever it is: a server, the engine a running demo owns, or the one it left.

chDB lets one process open its folder, so whoever starts the embedded engine
leaves its address beside the folder and everybody else asks there.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from restockd.configuration import Settings
from restockd.own_process import OwnProcess
from restockd.settings import ClickHouse
from schemas.errors import Unavailable
from sinks.clickhouse.client import Database
from sinks.clickhouse.embedded.process import EmbeddedClickHouse
from sinks.clickhouse.settings import ClickHouseSettings

Say = Callable[[str], None]


def folder(settings: Settings) -> Path:
    """Where the embedded engine keeps its data: one folder for the demo's broker, one for each real broker."""
    if settings.broker.embedded:
        return settings.worker.data_dir / "clickhouse"
    name = f"{settings.broker.address}-{settings.broker.topic_prefix}"
    return settings.worker.data_dir / f"clickhouse-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}"


@contextmanager
def embedded(settings: Settings, say: Say = lambda _: None) -> Iterator[ClickHouseSettings]:
    """Own the embedded engine for as long as the block lasts, findable by other processes of this user."""
    path = folder(settings)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with EmbeddedClickHouse(
        path, database=settings.clickhouse.database, password=_password(settings.clickhouse), say=say
    ) as engine:
        process, address = _address_files(path)
        process.parent.mkdir(parents=True, exist_ok=True)
        address.write_text(json.dumps({"port": engine.settings.port}), encoding="utf-8")
        OwnProcess.of(engine.pid).write(process)
        try:
            yield engine.settings
        finally:
            process.unlink(missing_ok=True)


@contextmanager
def database(settings: Settings, say: Say = lambda _: None) -> Iterator[Database]:
    """The database to ask; raises ``Unavailable`` if there is none."""
    with _server(settings, say) as server:
        asked = Database(server)
        try:
            yield asked
        finally:
            asked.close()


@contextmanager
def _server(settings: Settings, say: Say) -> Iterator[ClickHouseSettings]:
    if not settings.clickhouse.embedded:
        yield server_settings(settings.clickhouse)
    elif (running := running_embedded(settings)) is not None:
        yield running
    elif folder(settings).is_dir():
        with embedded(settings, say) as started:
            yield started
    else:
        raise Unavailable(
            "ClickHouse",
            f"nothing was archived in {folder(settings)} yet",
            "Run `restockd demo` first, or name a server: RESTOCKD_CLICKHOUSE__ADDRESS=http://host:port.",
        )


def running_embedded(settings: Settings) -> ClickHouseSettings | None:
    """The embedded engine that another process runs on our folder, if one does."""
    process, address = _address_files(folder(settings))
    if OwnProcess.read(process) is None:
        return None
    port = int(json.loads(address.read_text(encoding="utf-8"))["port"])
    clickhouse = settings.clickhouse
    return ClickHouseSettings(port=port, password=_password(clickhouse), database=clickhouse.database)


def server_settings(clickhouse: ClickHouse) -> ClickHouseSettings:
    """A server's address and our account there."""
    url = urlsplit(clickhouse.address)
    return ClickHouseSettings(
        host=url.hostname or "",
        port=url.port or 0,
        username=clickhouse.user,
        password=_password(clickhouse),
        database=clickhouse.database,
        secure=url.scheme == "https",
    )


def _password(clickhouse: ClickHouse) -> str:
    return clickhouse.password.get_secret_value() if clickhouse.password else ""


def _address_files(path: Path) -> tuple[Path, Path]:
    return path.with_suffix(".pid"), path.with_suffix(".address")
