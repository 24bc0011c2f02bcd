"""``python -m benchmarks.throughput``: till lines per second of restockd, Faust and a bare loop, side by side.

All clocks are the broker's: from its stamp on the first basket to its stamp on
the last thing a contestant says about the last basket. Every contestant first
handles a short warm-up, so that starting, joining and importing do not count.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.baskets import Sent, baskets, openings, reference
from benchmarks.job import Job
from restockd.local_kafka import LocalKafka
from schemas import topics
from schemas.errors import Unavailable
from schemas.topics import Topic
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings

EVENTS = 20_000
WARM_UP = 400
PARTITIONS = 4
SECONDS = 240.0

DOES = {
    "restockd": "validates every basket, recognises what is sent twice, checks for holes, publishes movements, stock "
    "levels, forecasts, reorders and alerts, stores checkpoints; survives kill -9 without losing or doubling",
    "faust": "one table, one subtraction per line, a message at low stock; a changelog brings the table back after a "
    "crash, which may count some lines twice; trusts its input",
    "bare": "one dictionary, one subtraction per line, a message at low stock; forgets everything when it ends; trusts "
    "its input; the ceiling of Python on this machine, not a system",
}


@dataclass(frozen=True)
class Figure:
    """What one contestant did; ``cpu_seconds`` of its process and its children is None where nobody tells."""

    events: int
    seconds: float
    events_per_second: float
    cpu_seconds: float | None
    does: str


class Contestant:
    """A program under test, its topics and its process."""

    module = ""
    prefixed: tuple[str, ...] = ("readings.pos", "low.stock")

    def __init__(self, address: str, lines: int, folder: Path) -> None:
        self.folder = folder
        self.lines = lines
        marks = (WARM_UP, WARM_UP + lines)
        self.job = Job(address, f"bench-{uuid.uuid4().hex[:8]}-", PARTITIONS, marks, str(folder))
        self.broker = BrokerSettings(address, prefix=self.job.prefix)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """What must be there before the baskets, once the program runs."""

    def said(self, message: Message) -> int:
        """How many lines a message on ``listened`` says are done, in all or more."""
        done = orjson.loads(message.value() or b"{}").get("done", 0)
        return max(int(done) - self._counted, 0)

    @property
    def listened(self) -> str:
        """The topic that tells how far the program is."""
        return self.job.target

    @contextmanager
    def running(self) -> Iterator[None]:
        """The program, for as long as the block lasts."""
        log = self.folder / "log"
        with log.open("wb") as sink:
            command = [sys.executable, "-m", self.module, json.dumps(asdict(self.job))]
            self._process = subprocess.Popen(command, stdout=sink, stderr=sink)
        try:
            yield
        finally:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def measured(self, seconds: float) -> Figure:
        """Warm up, send everything, wait for the end."""
        self._counted = 0
        deadline = time.monotonic() + seconds
        with _listening(self.job.address, self.listened) as consumer:
            self.prepare()
            self._send(baskets(WARM_UP, seed=2))
            self._wait(consumer, WARM_UP, deadline)
            cpu = self._cpu()
            first = self._send(baskets(self.lines, seed=1))
            last = self._wait(consumer, WARM_UP + self.lines, deadline)
        used = self._cpu()
        taken = max((last - first) / 1000.0, 0.001)
        spent = None if cpu is None or used is None else round(used - cpu, 2)
        return Figure(self.lines, round(taken, 3), round(self.lines / taken, 1), spent, DOES[self.name])

    @property
    def name(self) -> str:
        """What it is called in the figures."""
        return type(self).__name__.lower()

    def _send(self, messages: Sequence[Sent]) -> int:
        """Send everything at once; returns the broker's stamp on the first."""
        name = self.broker.name(messages[0].topic)
        cluster = Cluster(self.broker)
        before = [cluster.bounds(name, partition)[1] for partition in range(PARTITIONS)]
        with Sender(self.broker, cluster, self.job.group) as sender:
            for message in messages:
                sender.send(message.topic, message.key, message.value)
        stamps = list(_stamps(self.job.address, name, before))
        cluster.close()
        return min(stamps)

    def _wait(self, consumer: Consumer, lines: int, deadline: float) -> int:
        """Until the program has said that ``lines`` are done; returns the broker's stamp on that."""
        stamp = 0
        while self._counted < lines:
            for message in consumer.consume(500, 0.2):
                if message.error() is None and (more := self.said(message)):
                    self._counted += more
                    stamp = max(stamp, message.timestamp()[1])
            self._check(lines, deadline)
        return stamp

    def _check(self, lines: int, deadline: float) -> None:
        ended = self._process is not None and self._process.poll() is not None
        if not ended and time.monotonic() < deadline:
            return
        problem = "ended early" if ended else f"was not done in time: {self._counted} of {lines} lines"
        words = (self.folder / "log").read_text(errors="replace").strip().splitlines()[-5:]
        raise Unavailable(self.name, problem, "\n".join(words))

    def _cpu(self) -> float | None:
        """Processor seconds the program has used, by /proc."""
        try:
            pid = self._process.pid if self._process else 0
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return None
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class Restockd(Contestant):
    """restockd's intake and fold."""

    module = "benchmarks.restockd_worker"
    prefixed = tuple(topic.name for topic in topics.ALL)

    def prepare(self) -> None:
        """Reference data, then the opening stock; both are told over the same topics as in a shop."""
        told = [*reference(), *openings()]
        with Sender(self.broker, Cluster(self.broker), self.job.group) as sender:
            for message in told:
                sender.send(message.topic, message.key, message.value)
        self._counted -= sum(message.lines for message in told)

    def said(self, message: Message) -> int:
        """One movement per opening or line, after deduplication."""
        return len(orjson.loads(message.value() or b"[]"))

    @property
    def listened(self) -> str:
        return self.broker.name(topics.STOCK_MOVEMENTS)


class Faust(Contestant):
    """An ordinary Faust agent with a table."""

    module = "benchmarks.faust_table"


class Bare(Contestant):
    """confluent-kafka and orjson in a loop."""

    module = "benchmarks.bare_loop"


CONTESTANTS: tuple[type[Contestant], ...] = (Restockd, Faust, Bare)


def compare(address: str, lines: int, seconds: float = SECONDS) -> dict[str, object]:
    """Every contestant's figure and restockd's ratio to the others; raises ``Unavailable`` when time is up."""
    figures = {contestant.__name__.lower(): _run(contestant, address, lines, seconds) for contestant in CONTESTANTS}
    ours = figures["restockd"].events_per_second
    return {
        "events": lines,
        "cores": os.cpu_count(),
        "contestants": {name: asdict(figure) for name, figure in figures.items()},
        "ratio_to_faust": round(ours / figures["faust"].events_per_second, 2),
        "ratio_to_bare": round(ours / figures["bare"].events_per_second, 3),
    }


def _run(kind: type[Contestant], address: str, lines: int, seconds: float) -> Figure:
    _say(f"{kind.__name__.lower()}: {lines} till lines")
    with tempfile.TemporaryDirectory(prefix="restockd-bench-", ignore_cleanup_errors=True) as folder:
        contestant = kind(address, lines, Path(folder))
        with _topics(contestant), contestant.running():
            return contestant.measured(seconds)


@contextmanager
def _topics(contestant: Contestant) -> Iterator[None]:
    """The contestant's topics, gone at the end with whatever else it made under its prefix."""
    admin = AdminClient({"bootstrap.servers": contestant.job.address, "log_level": 2})
    known = {topic.name: topic for topic in topics.ALL}
    new = [_new(contestant.job.prefix, known.get(name, Topic(name, topics.Role.FACT))) for name in contestant.prefixed]
    for future in admin.create_topics(new, request_timeout=20.0).values():
        future.result(30.0)
    try:
        _await({topic.topic for topic in new}, admin)
        yield
    finally:
        ours = [name for name in admin.list_topics(timeout=10).topics if name.startswith(contestant.job.prefix)]
        for future in admin.delete_topics(ours, request_timeout=20.0).values() if ours else ():
            future.exception(30.0)


def _await(names: set[str], admin: AdminClient) -> None:
    """Until the broker knows topics that its controller has made, which takes a moment."""
    deadline = time.monotonic() + 30.0
    while missing := names - admin.list_topics(timeout=10).topics.keys():
        if time.monotonic() > deadline:
            raise Unavailable("Kafka", f"topic {min(missing)} was made and is not there", "see the broker's log")
        time.sleep(0.1)


def _new(prefix: str, topic: Topic) -> NewTopic:
    policy = "compact" if topic.compacted else "delete"
    config = {"message.timestamp.type": "LogAppendTime", "cleanup.policy": policy, "max.message.bytes": "10485760"}
    return NewTopic(prefix + topic.name, PARTITIONS, 1, config=config)


@contextmanager
def _listening(address: str, name: str) -> Iterator[Consumer]:
    consumer = _reader(address)
    consumer.assign([TopicPartition(name, partition, 0) for partition in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        consumer.close()


def _stamps(address: str, name: str, offsets: Sequence[int]) -> Iterator[int]:
    """The broker's stamp on the first record from each of these offsets on, where there is one."""
    consumer = _reader(address)
    for partition, offset in enumerate(offsets):
        consumer.assign([TopicPartition(name, partition, offset)])
        for message in consumer.consume(1, 1.0):
            if message.error() is None:
                yield message.timestamp()[1]
    consumer.close()


def _reader(address: str) -> Consumer:
    return Consumer(
        {"bootstrap.servers": address, "group.id": "restockd-bench", "enable.auto.commit": False, "log_level": 2}
    )


def _show(result: dict[str, object]) -> None:
    contestants: dict[str, dict[str, object]] = result["contestants"]  # type: ignore[assignment]  # made by ``compare``
    print(f"{result['events']} till lines, {result['cores']} cores, Kafka on the same machine\n")
    for name, figure in contestants.items():
        print(f"{name:<9} {figure['events_per_second']:>10,.0f} lines/s   {figure['cpu_seconds']} s of processor time")
        print(f"          {figure['does']}\n")
    print(f"restockd / faust: {result['ratio_to_faust']}    restockd / bare: {result['ratio_to_bare']}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--events", type=int, default=EVENTS, help=f"till lines per contestant (default {EVENTS})")
    parser.add_argument("--broker", default="", help="host:port of a Kafka; without it one is started here")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="the most each contestant may take")
    told = parser.parse_args(arguments)
    with ExitStack() as stack:
        address = told.broker or stack.enter_context(LocalKafka(announce=_say)).address
        result = compare(address, max(told.events, 1), told.seconds)
    if told.json:
        print(json.dumps(result))
    else:
        _show(result)


if __name__ == "__main__":
    main()
