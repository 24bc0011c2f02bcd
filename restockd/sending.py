"""Bringing lines to the Kafka of the settings, days apart where they are of several."""

import asyncio
from collections.abc import Callable, Iterable

from agents.catalogue_feed import CatalogueFeed
from restockd.checked_lines import Ready
from restockd.draining import until_understood
from schemas import topics
from schemas.references import References
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings

STALLED_SECONDS = 60.0
_NO_WORKER = (
    "Does one run (`restockd worker`)? What was sent so far is kept; the rest was not sent. Sending it all again "
    "once a worker runs does no harm within rules.deduplication_days."
)


def known_references(broker: BrokerSettings, cluster: Cluster) -> References:
    """The reference data there are on the broker; raises if it does not answer or lacks their topics."""

    references = References()

    async def read() -> None:
        feed = CatalogueFeed(broker, cluster, references, topics.REFERENCE)
        try:
            await feed.start()
        finally:
            await feed.close()

    asyncio.run(read())
    return references


def send(
    broker: BrokerSettings,
    cluster: Cluster,
    parts: Iterable[list[Ready]],
    sent: Callable[[list[Ready]], None],
    *,
    wait: bool,
) -> None:
    """Send one part after the other, and ``wait`` after each until the workers have decided about it."""
    with Sender(broker, cluster, broker.group("intake"), linger_ms=50.0) as sender:
        for number, part in enumerate(parts):
            if wait and number:
                until_understood(broker, cluster, STALLED_SECONDS, _NO_WORKER)
            for ready in part:
                sender.send(ready.line.topic, ready.key, ready.line.value)
            sender.flush()
            sent(part)
