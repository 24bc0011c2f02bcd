"""Starting, commanding and ending small workers, with a deadline on everything."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from schemas.topics import Topic
from streams.cluster import Cluster
from streams.settings import BatchSettings, BrokerSettings

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("small_worker.py")
DEADLINE_SECONDS = 150.0


def eventually(true: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until ``true()``, and fail naming ``what`` otherwise."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class Worker:
    """One process of ``small_worker.py``."""

    def __init__(self, directory: Path, options: dict[str, Any]) -> None:
        self.out = Path(options["out"])
        self.log = self.out.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), json.dumps(options)],
                cwd=directory,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": ""},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What it wrote of one kind; the last line may still be half written."""
        lines = self.out.read_text(encoding="utf-8").split("\n")[:-1] if self.out.exists() else []
        return [line for line in map(json.loads, lines) if line["kind"] == kind]

    def await_said(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The ``count``th of a kind, once it is there."""
        eventually(lambda: len(self.said(kind)) >= count or self.process.poll() is not None, f"{kind} x {count}")
        said = self.said(kind)
        assert len(said) >= count, f"ended with {self.process.poll()}:\n{self.log.read_text()[-3000:]}"
        return said[count - 1]

    def await_owns(self, count: int) -> None:
        """Wait until ``count`` partitions are assigned to it."""
        eventually(lambda: len((self.said("assigned") or [{"positions": ()}])[-1]["positions"]) == count, "assignment")

    def offsets(self) -> list[tuple[str, int, int]]:
        """Topic, partition and offset of every record handled, in order."""
        return [
            (batch["topic"], batch["partition"], offset) for batch in self.said("batch") for offset in batch["offsets"]
        ]

    def obey(self, **command: Any) -> dict[str, Any]:
        """Have it do something; returns what came of it."""
        before = len(self.said("obeyed"))
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        return self.await_said("obeyed", before + 1)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this process and no other."""
        self.process.send_signal(number)

    def stop(self, seconds: float = DEADLINE_SECONDS) -> int:
        """End it in order; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Workers:
    """The workers of one test, all on the same topics and in the same group."""

    def __init__(self, directory: Path, broker: BrokerSettings, topics: Sequence[Topic]) -> None:
        self.broker = broker
        self.topics = topics
        self.cluster = Cluster(broker)
        self._directory = directory
        self._started: list[Worker] = []

    def start(
        self, *, batches: BatchSettings | None = None, handling_seconds: float = 0.0, log_level: str = "WARNING"
    ) -> Worker:
        """Start one more and wait until it runs."""
        options = {
            "broker": asdict(self.broker),
            "topics": [topic.name for topic in self.topics],
            "out": str(self._directory / f"worker-{len(self._started)}.jsonl"),
            "batches": asdict(batches or BatchSettings()),
            "handling_seconds": handling_seconds,
            "log_level": log_level,
        }
        worker = Worker(self._directory, options)
        self._started.append(worker)
        worker.await_said("ready")
        return worker

    def positions(self) -> list[tuple[str, int]]:
        """Every partition of every topic."""
        names = [self.broker.name(topic) for topic in self.topics]
        return [(name, partition) for name in names for partition in range(self.cluster.partitions(name))]

    def ends(self) -> dict[tuple[str, int], int]:
        """The end of every partition that holds anything."""
        return {at: end for at in self.positions() if (end := self.cluster.bounds(*at)[1])}

    def committed(self) -> dict[tuple[str, int], int]:
        """What the group has committed."""
        return self.cluster.committed(self.broker.group("test"), self.positions())

    def await_committed(self, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until everything there is has been committed."""
        eventually(lambda: self.committed() == self.ends(), f"{self.committed()} committed to {self.ends()}", seconds)

    def handled(self) -> list[tuple[str, int, int]]:
        """What all of them handled together, repetitions included."""
        return [at for worker in self._started for at in worker.offsets()]

    def all_offsets(self) -> set[tuple[str, int, int]]:
        """Every record there is."""
        return {(*at, offset) for at, end in self.ends().items() for offset in range(end)}

    def close(self) -> None:
        """Kill what is left."""
        for worker in self._started:
            worker.kill()
        self.cluster.close()


class Feeder:
    """Sends plain records to chosen partitions."""

    def __init__(self, broker: BrokerSettings, **options: Any) -> None:
        self._broker = broker
        self._producer = Producer(broker.client({"linger.ms": 5, "log_level": 2, **options}))

    def send(self, topic: Topic, partition: int, count: int = 1, size: int = 100) -> None:
        """Send ``count`` records of ``size`` bytes, and return when they are stored."""
        for _ in range(count):
            self._producer.produce(self._broker.name(topic), b"x" * size, partition=partition)
            self._producer.poll(0)
        assert self._producer.flush(DEADLINE_SECONDS) == 0
