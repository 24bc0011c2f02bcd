"""Everything a demo or a replay needs, started together and ended together.

The embedded broker lives in this process; the ClickHouse engine and the workers
are processes of their own that end with this one. On a real broker the topics
are created where they are missing.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from restockd import archive, wiring
from restockd.configuration import Settings
from restockd.running_broker import findable
from restockd.topic_admin import TopicAdmin
from schemas.errors import Unavailable
from sinks.clickhouse.client import Database
from sinks.clickhouse.settings import ClickHouseSettings
from streams.cluster import Cluster
from streams.embedded import EmbeddedBroker
from streams.settings import BrokerSettings

Say = Callable[[str], None]
START_SECONDS = 90.0


@dataclass(frozen=True)
class Stack:
    """What is running."""

    broker: BrokerSettings
    cluster: Cluster
    database: Database
    workers: "list[WorkerProcess]"

    def check(self) -> None:
        """Raise ``Unavailable`` with a worker's last words if one has ended."""
        for worker in self.workers:
            worker.check()


class WorkerProcess:
    """A ``restockd worker`` of our own."""

    def __init__(
        self, settings: Settings, broker: BrokerSettings, clickhouse: ClickHouseSettings, folder: Path
    ) -> None:
        self._ready = folder / "ready"
        self.log = folder / "worker.log"
        self._environment = _environment(settings, broker, clickhouse)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        """The process id; 0 when it has not been started."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start the process (again)."""
        self._ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "restockd", "worker", "--with-parent", "--ready-file", str(self._ready)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in our terminal is for us: we end it when we need it no more
            )

    def wait_ready(self) -> None:
        """Wait until the worker has joined its groups."""
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.exists():
            self.check()
            if time.monotonic() > deadline:
                raise Unavailable("the worker", f"was not ready after {START_SECONDS:.0f} s", self.last_words())
            time.sleep(0.05)

    def check(self) -> None:
        """Raise ``Unavailable`` if the process has ended."""
        if self._process is not None and self._process.poll() is not None:
            raise Unavailable("the worker", f"ended with code {self._process.returncode}", self.last_words())

    def last_words(self) -> str:
        """The last lines it logged, without the name that every command's complaint begins with."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return "\n".join(line.removeprefix("restockd: ") for line in lines[-5:])

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in order; kill it if it does not end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running(settings: Settings, workers: int, say: Say) -> Iterator[Stack]:
    """Start broker (if embedded), ClickHouse (if embedded) and ``workers``; end them with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="restockd-")))
        broker = _broker(settings, say)
        kept = archive.folder(settings)
        was_there = kept.is_dir()
        clickhouse = stack.enter_context(_clickhouse(settings, say))
        database = Database(clickhouse)
        stack.callback(database.close)
        if settings.broker.embedded and settings.clickhouse.embedded:
            if was_there:
                say(f"emptying the archive of the last demo or replay ({kept})")
            database.create()
            database.execute("DROP DATABASE IF EXISTS {name:Identifier} SYNC", {"name": clickhouse.database})
            database.close()
        if settings.broker.embedded:
            stack.enter_context(findable(settings, broker))
        started = _start_workers(stack, settings, broker, clickhouse, folder, workers, say)
        cluster = Cluster(broker)
        stack.callback(cluster.close)
        yield Stack(broker, cluster, database, started)


def _start_workers(
    stack: ExitStack,
    settings: Settings,
    broker: BrokerSettings,
    clickhouse: ClickHouseSettings,
    folder: Path,
    count: int,
    say: Say,
) -> list[WorkerProcess]:
    say(f"starting {count} worker{'s' if count != 1 else ''}")
    started = []
    for number in range(count):
        home = folder / f"worker-{number}"
        home.mkdir()
        worker = WorkerProcess(settings, broker, clickhouse, home)
        stack.callback(worker.stop)
        started.append(worker)
    for worker in started:
        worker.wait_ready()
    return started


def _broker(settings: Settings, say: Say) -> BrokerSettings:
    if settings.broker.embedded:
        say("starting the embedded broker (in memory, one worker; it forgets everything on exit)")
        return EmbeddedBroker(settings.broker.topic_prefix).keep()
    TopicAdmin(settings).ensure()
    return wiring.broker_of(settings)


@contextmanager
def _clickhouse(settings: Settings, say: Say) -> Iterator[ClickHouseSettings]:
    if not settings.clickhouse.embedded:
        yield wiring.clickhouse_of(settings)
        return
    with archive.embedded(settings, say) as started:
        yield started


def _environment(settings: Settings, broker: BrokerSettings, clickhouse: ClickHouseSettings) -> dict[str, str]:
    """Our settings as the child's environment, with the addresses of what is running."""
    import restockd

    root = str(Path(restockd.__file__).parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    ours = {name: value for name, value in os.environ.items() if not name.startswith("RESTOCKD_")}
    given = {
        "PYTHONPATH": path,
        "RESTOCKD_BROKER__ADDRESS": broker.address,
        "RESTOCKD_BROKER__EMBEDDED_IDENTITY": broker.embedded_identity,
        "RESTOCKD_BROKER__SESSION_TIMEOUT_SECONDS": str(broker.session_timeout_seconds),
        "RESTOCKD_CLICKHOUSE__ADDRESS": clickhouse.url,
        "RESTOCKD_CLICKHOUSE__DATABASE": clickhouse.database,
        "RESTOCKD_WORKER__METRICS_PORT": "0",
    }
    return {**ours, **_as_variables(settings), **given}


def _as_variables(settings: Settings) -> dict[str, str]:
    """Every setting that has a value as an environment variable; a secret read from a file as itself."""
    variables = {}
    for group, values in settings:
        read = {f"{secret}_file" for secret in values.secrets}
        for name, value in values:
            if value is None or name in read:
                continue
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            variables[f"RESTOCKD_{group.upper()}__{name.upper()}"] = plain
    return variables
