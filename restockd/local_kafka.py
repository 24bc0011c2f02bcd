"""A single-node Apache Kafka (KRaft) on this machine: for ``restockd kafka`` and for tests.

It listens on 127.0.0.1 only. ``kill()`` and ``start()`` again keep its data and
its port, as a crash does.
"""

import base64
import json
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from restockd import kafka_jars
from restockd.own_process import OwnProcess
from schemas.errors import Unavailable

HOST = "127.0.0.1"
START_SECONDS = 60.0

# One node, short sessions for fault tests, and no topic that nobody declared.
_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "broker.session.timeout.ms": "3000",  # after a crash the old registration must lapse first
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
}


class LocalKafka:
    """One Kafka, its data and its process, all in ``directory`` (a temporary one if not given).

    ``port`` 0 means any free port, the same again after a restart. ``properties``
    go over the ones above. The process outlives this one; as a context manager
    it is stopped at the end.
    """

    def __init__(
        self,
        directory: Path | None = None,
        port: int = 0,
        properties: Mapping[str, str] | None = None,
        memory_mb: int = 768,
        announce: kafka_jars.Announce = lambda _: None,
    ) -> None:
        self._temporary = (
            None if directory else tempfile.TemporaryDirectory(prefix="kafka-", ignore_cleanup_errors=True)
        )
        self.directory = directory or Path(self._temporary.name if self._temporary else "")
        self._wanted_port = port
        self._properties = dict(properties or {})
        self._memory_mb = memory_mb
        self._announce = announce

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def address(self) -> str:
        """``host:port``; raises ``Unavailable`` if it was never started."""
        try:
            ports = json.loads(self._ports_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise Unavailable("local Kafka", "was not started", "Start it: restockd kafka start") from None
        return f"{HOST}:{ports['broker']}"

    @property
    def log_file(self) -> Path:
        return self.directory / "kafka.log"

    def running(self) -> OwnProcess | None:
        """Its process, if it is alive."""
        return OwnProcess.read(self._pid_file)

    def start(self, seconds: float = START_SECONDS) -> str:
        """Start it unless it runs, wait until it answers, and say its address."""
        jars = kafka_jars.fetched(self._announce)
        if self.running() is None:
            self.directory.mkdir(parents=True, exist_ok=True)
            config = self._configure()
            self._format(jars, config)
            self._spawn(jars, config)
        self._wait_until_it_answers(seconds)
        return self.address

    def stop(self, seconds: float = 20.0) -> bool:
        """Shut it down in order; False if it was not running."""
        return self._end(lambda process: process.end(seconds))

    def kill(self) -> bool:
        """End it as a crash would (``kill -9``); False if it was not running."""
        return self._end(OwnProcess.kill)

    def _end(self, how: Callable[[OwnProcess], None]) -> bool:
        process = self.running()
        if process is None:
            return False
        how(process)
        self._pid_file.unlink(missing_ok=True)
        return True

    @property
    def _pid_file(self) -> Path:
        return self.directory / "kafka.pid"

    @property
    def _ports_file(self) -> Path:
        return self.directory / "ports.json"

    def _configure(self) -> Path:
        broker, controller = self._ports()
        listeners = f"PLAINTEXT://{HOST}:{broker},CONTROLLER://{HOST}:{controller}"
        own = {
            "listeners": listeners,
            "advertised.listeners": f"PLAINTEXT://{HOST}:{broker}",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": str(self.directory / "data"),
        }
        file = self.directory / "server.properties"
        lines = (f"{name}={value}\n" for name, value in (_PROPERTIES | own | self._properties).items())
        file.write_text("".join(lines), encoding="utf-8")
        return file

    def _ports(self) -> tuple[int, int]:
        """Broker and controller port: the ones of last time unless another is asked for."""
        known = json.loads(self._ports_file.read_text(encoding="utf-8")) if self._ports_file.exists() else {}
        broker = self._wanted_port or known.get("broker") or free_port()
        controller = known.get("controller") or free_port()
        self._ports_file.write_text(json.dumps({"broker": broker, "controller": controller}), encoding="utf-8")
        return broker, controller

    def _format(self, jars: Path, config: Path) -> None:
        if (self.directory / "data" / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        command = self._java(jars, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config))
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)
        if done.returncode != 0:
            raise Unavailable(
                "local Kafka", f"could not prepare {self.directory}: {(done.stderr or done.stdout).strip()}"
            )

    def _spawn(self, jars: Path, config: Path) -> None:
        command = self._java(jars, "kafka.Kafka", str(config))
        OwnProcess.spawned(command, self.log_file).write(self._pid_file)

    def _java(self, jars: Path, *arguments: str) -> list[str]:
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return ["java", f"-Xmx{self._memory_mb}m", "-XX:+UseSerialGC", quiet, "-cp", f"{jars}/*", *arguments]

    def _wait_until_it_answers(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not answers(self.address, 1.0):
            if self.running() is None:
                raise Unavailable("local Kafka", f"ended while starting: {self._last_words()}", f"See {self.log_file}")
            if time.monotonic() > deadline:
                raise Unavailable("local Kafka", f"did not answer within {seconds:.0f} s", f"See {self.log_file}")
            time.sleep(0.1)

    def _last_words(self) -> str:
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if "Exception" in line or "ERROR" in line), "no message")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(address: str, seconds: float) -> bool:
    """Whether a broker at ``address`` tells its metadata within ``seconds``."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=seconds).close()
        return bool(AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=seconds).brokers)
    except (OSError, KafkaException):
        return False
