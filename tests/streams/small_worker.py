"""A worker of its own process with nothing in it but ``streams``.

It writes what it handles to a file, one JSON object a line, and does what it is
told on standard input. Started by ``workers.Workers``.
"""

import asyncio
import json
import logging
import signal
import sys
import time
from pathlib import Path
from typing import Any

from schemas.topics import Role, Topic
from streams.app import create_app
from streams.batches import FetchedBatch, Jump, continue_at
from streams.settings import BatchSettings, BrokerSettings
from streams.transport import Position


class SmallWorker:
    """Handles every batch of its topics and allows the commit at once."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._broker = BrokerSettings(**options["broker"])
        self._out = Path(options["out"])
        self._next: dict[Position, int] = {}
        self.app = create_app("test", self._broker, BatchSettings(**options["batches"]), self._positions)
        names = [self._broker.name(Topic(name, Role.READING)) for name in options["topics"]]
        self.app.agent(self.app.topic(*names), name="agents.small")(self._run)
        self.stopping = asyncio.Event()

    def say(self, kind: str, **what: Any) -> None:
        """Write one line of the record."""
        with self._out.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"kind": kind, "at": time.time(), **what}) + "\n")

    async def _positions(self, assigned: set[Position]) -> dict[Position, int]:
        committed = await self.app.batch_consumer.committed(assigned)
        self._next = {at: committed.get(at, (0, ""))[0] for at in assigned}
        self.say(
            "assigned",
            generation=self.app.batch_consumer.generation,
            positions=[[*at, offset] for at, offset in sorted(self._next.items())],
        )
        return self._next

    async def _run(self, stream: Any) -> None:
        async for batch in stream:
            try:
                await self._handle(batch)
            except Jump as jump:
                self.say("jump", topic=jump.topic, partition=jump.partition, expected=jump.expected)
                await self.app.batch_consumer.seek_back(jump.topic, jump.partition, jump.expected)

    async def _handle(self, fetched: FetchedBatch) -> None:
        now = time.time()
        consumer = self.app.batch_consumer
        generation = consumer.generation
        at = (fetched.topic, fetched.partition)
        batch = continue_at(self._next[at], fetched, gapless=False)
        if batch is None:
            return
        await asyncio.sleep(self._options["handling_seconds"])
        self.say(
            "batch",
            topic=batch.topic,
            partition=batch.partition,
            start=batch.start,
            end=batch.end,
            more=batch.more,
            offsets=[record.offset for record in batch.records],
            bytes=sum(len(record.value or b"") for record in batch.records),
            waited=max((now - record.timestamp / 1000 for record in batch.records), default=0.0),
        )
        self._next[at] = batch.end
        consumer.mark(*at, batch.end, f"up to {batch.end}", generation)

    async def obey(self, command: dict[str, Any]) -> None:
        """Do one command and write what came of it."""
        consumer = self.app.batch_consumer
        match command:
            case {"do": "mark", "at": [topic, partition], "offset": offset, "generation": generation}:
                consumer.mark(topic, partition, offset, "late", generation)
                self.say("obeyed", committed=await consumer.commit_now(topic, partition))
            case {"do": "commit in the thread", "at": [topic, partition], "offset": offset, "generation": generation}:
                offsets = {consumer._new_topicpartition(topic, partition): (offset, "direct")}
                self.say("obeyed", committed=bool(await consumer._thread.commit_marked(offsets, generation)))
            case {"do": "seek", "at": [topic, partition], "offset": offset}:
                await consumer.seek_back(topic, partition, offset)
                self.say("obeyed")
            case {"do": "expect", "at": [topic, partition], "offset": offset}:
                self._next[(topic, partition)] = offset
                self.say("obeyed")

    async def run(self) -> None:
        """Run until SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stopping.set)
        await self.app.start()
        self.say("ready")
        commands = loop.create_task(self._commands())
        await self.stopping.wait()
        commands.cancel()
        await self.app.stop()
        self.say("stopped")

    async def _commands(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            await self.obey(json.loads(line))


def main() -> None:
    """Run with the options of the first argument (JSON)."""
    options = json.loads(sys.argv[1])
    logging.basicConfig(stream=sys.stderr, level=options["log_level"], format="%(name)s %(levelname)s %(message)s")
    asyncio.run(SmallWorker(options).run())


if __name__ == "__main__":
    main()
