"""What a role does again and again is over before what it works with is closed."""

import asyncio
import threading
import time
from typing import Any

import pytest

from agents import catalogue_feed
from agents.catalogue_feed import CatalogueFeed
from agents.rounds import Rounds
from schemas.catalogue import Catalogue
from streams.settings import BrokerSettings


class SlowConsumer:
    """A consumer as confluent_kafka's is: closed it raises, and it must not be closed while it is read from."""

    def __init__(self, _options: dict[str, Any]) -> None:
        self.closed = False
        self.reads = 0
        self.closed_while_read = False
        self._reading = threading.Event()

    def consume(self, _number: int, _timeout_seconds: float) -> list[Any]:
        if self.closed:
            raise RuntimeError("Consumer closed")
        self._reading.set()
        self.reads += 1
        time.sleep(0.02)
        self._reading.clear()
        return []

    def close(self) -> None:
        self.closed_while_read = self._reading.is_set()
        self.closed = True


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> CatalogueFeed:
    monkeypatch.setattr(catalogue_feed, "Consumer", SlowConsumer)
    return CatalogueFeed(BrokerSettings("127.0.0.1:9"), None, Catalogue())  # type: ignore[arg-type]  # never asked


@pytest.mark.parametrize("pause_seconds", [0.0, 0.005, 0.011, 0.018, 0.031])
def test_a_feed_is_closed_between_two_rounds_whenever_it_is_told(feed: CatalogueFeed, pause_seconds: float) -> None:
    """The failure of a round ends the worker with a traceback: here it would come out of ``end``."""

    async def play() -> SlowConsumer:
        rounds = Rounds(asyncio.create_task)
        rounds.every(0.001, feed.follow)
        await asyncio.sleep(0.04 + pause_seconds)
        await rounds.end()
        await feed.close()
        await asyncio.sleep(0.05)
        return feed._consumer  # type: ignore[return-value]

    consumer = asyncio.run(play())
    assert consumer.closed
    assert consumer.reads > 0
    assert not consumer.closed_while_read


def test_a_feed_that_somebody_was_waiting_for_is_not_closed_under_the_thread_that_reads(feed: CatalogueFeed) -> None:
    async def play() -> SlowConsumer:
        reading = asyncio.create_task(feed.follow())
        await asyncio.sleep(0.005)
        reading.cancel()
        await feed.close()
        return feed._consumer  # type: ignore[return-value]

    consumer = asyncio.run(play())
    assert consumer.reads == 1
    assert not consumer.closed_while_read


def test_the_round_that_is_under_way_is_finished_and_the_last() -> None:
    done = []

    async def work() -> None:
        done.append("begun")
        await asyncio.sleep(0.02)
        done.append("done")

    async def play() -> None:
        rounds = Rounds(asyncio.create_task)
        rounds.every(0.001, work)
        while not done:
            await asyncio.sleep(0.001)
        await rounds.end()
        assert done == ["begun", "done"]
        await asyncio.sleep(0.03)

    asyncio.run(play())
    assert done == ["begun", "done"]


def test_a_role_that_waits_for_its_next_round_ends_at_once() -> None:
    async def play() -> None:
        rounds = Rounds(asyncio.create_task)
        rounds.every(3_600.0, lambda: asyncio.sleep(0))
        async with asyncio.timeout(5.0):
            await rounds.end()

    asyncio.run(play())


def test_a_round_that_fails_is_the_last_and_says_so() -> None:
    async def work() -> None:
        raise RuntimeError("broken")

    async def play() -> None:
        rounds = Rounds(asyncio.create_task)
        rounds.every(0.0, work)
        await asyncio.sleep(0.01)
        await rounds.end()

    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(play())
