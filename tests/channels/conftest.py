"""A receiver, every channel to it, and a deliverer with everything around it within reach."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import stamina

from agents.deliverer import CONSUMED, Deliverer, Wanted
from agents.gathering import Commits
from schemas.facts import Alert
from sinks.channels.alertmanager import Alertmanager
from sinks.channels.port import Channel
from sinks.channels.slack import Slack
from sinks.channels.webhook import Webhook
from streams.batches import FetchedBatch
from streams.cluster import TopicIdentity
from tests.agents.fakes import NOON_MS, OUTBOX, FakePublisher, FakeRecord
from tests.channels.receiver import Receiver

SECRET = "not-much-of-a-secret"
SECONDS = 0.3
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
CHANNELS: dict[str, Callable[[str], Channel]] = {
    "alertmanager": lambda url: Alertmanager(url, timedelta(hours=1), SECONDS),
    "webhook": lambda url: Webhook(f"{url}/hook", SECRET, SECONDS),
    "slack": lambda url: Slack(f"{url}/services/T/B/x", SECONDS),
}


def alert(number: int, step: int = 0, **more: Any) -> Alert:
    """State ``step`` of an alert; the summary names both, for receivers that are told nothing else."""
    summary = f"fact-{number}-{step}"
    told = {"kind": "stockout", "severity": "error", "state": "firing", "location": "S01", "summary": summary} | more
    ended = NOON + timedelta(minutes=step) if told["state"] == "resolved" else None
    return Alert(
        fact_id=f"fact-{number}-{step}",
        occurred_at=NOON + timedelta(minutes=step),
        alert_id=f"alert-{number}",
        fingerprint=f"{told['kind']}|{told['location']}|sku-{number}|",
        starts_at=NOON,
        ends_at=ended,
        sku=f"sku-{number}",
        input_appended_at=NOON,
        **told,
    )


class Delivery:
    """A deliverer of one channel that is told what stands in the topic and keeps what it would commit."""

    def __init__(self, channel: Channel, wanted: Wanted | None = None) -> None:
        self.publisher = FakePublisher()
        self.waits = 0
        self.now = 1_000.0
        self.log: list[bytes] = []
        self.commits: Commits = {}
        identities = {topic: TopicIdentity(topic.name, "alerts-id", 1) for topic in CONSUMED}
        self.deliverer = Deliverer(
            channel,
            identities,
            self.publisher,  # type: ignore[arg-type]
            OUTBOX,
            wanted or Wanted(messages_per_minute=60_000, gather_seconds=0.01),
            on_wait=self._waited,
            clock=lambda: self.now,
        )

    def _waited(self) -> None:
        self.waits += 1

    def resume(self, committed: int | None = None, low: int = 0) -> int:
        known = None if committed is None else (committed, "alerts-id")
        return self.deliverer.resume("alerts", 0, known, (low, len(self.log)))

    async def hear(self, *alerts: Alert | bytes) -> None:
        """These are appended to the topic and fetched."""
        start = len(self.log)
        self.log += [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in alerts]
        await self.fetch(start)

    async def fetch(self, start: int) -> None:
        """Everything in the topic from an offset on."""
        records = [FakeRecord(start + n, NOON_MS, None, value) for n, value in enumerate(self.log[start:])]
        await self.deliverer.take(FetchedBatch("alerts", 0, start, len(self.log), tuple(records)))

    async def write(self) -> int:
        """Deliver what may be delivered; the offset that may be committed."""
        self.commits |= await self.deliverer.write()
        return self.committed

    @property
    def committed(self) -> int:
        return self.commits.get(("alerts", 0), (0, ""))[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listens on this machine."""
    listening = Receiver()
    listening.start()
    yield listening
    listening.stop()


@pytest.fixture(params=sorted(CHANNELS))
async def channel(request: pytest.FixtureRequest, receiver: Receiver) -> AsyncIterator[Channel]:
    """Every channel, one after the other."""
    made = CHANNELS[request.param](receiver.url)
    yield made
    await made.close()


@pytest.fixture
def at_once() -> Iterator[None]:
    """Another try comes at once, and there are many of them."""
    with stamina.set_testing(True, attempts=10_000):
        yield
