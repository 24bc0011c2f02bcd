"""People's verdicts to ``approvals``: of a running demo, or of the Kafka of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from restockd import wiring
from restockd.configuration import Settings
from restockd.running_broker import running_broker
from schemas import topics
from schemas.errors import MustStop, Unavailable
from schemas.readings.orders import Approval
from streams.cluster import Cluster
from streams.sender import Sender
from streams.settings import BrokerSettings

ANSWER_SECONDS = 5.0
_COMPONENT = "approvals"


class VerdictDesk:
    """Looks for the broker anew every time: a demo may have ended, or begun."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self) -> None:
        """Raise ``Unavailable`` if there is no broker, or none that answers."""
        with self._reached():
            pass

    def send(self, verdict: Approval) -> None:
        """Return once it is on the topic. Time is left out: it is the log that says when, by the stores' clock."""
        with self._reached() as (broker, cluster), Sender(broker, cluster, broker.group("intake")) as sender:
            sender.send(topics.APPROVALS, verdict.order_id, verdict.model_dump_json(exclude_defaults=True).encode())

    @contextmanager
    def _reached(self) -> Iterator[tuple[BrokerSettings, Cluster]]:
        broker = self._broker()
        cluster = Cluster(broker, ANSWER_SECONDS)
        try:
            cluster.partitions(broker.name(topics.APPROVALS))
        except MustStop as error:
            raise Unavailable(_COMPONENT, str(error)) from None
        try:
            yield broker, cluster
        finally:
            cluster.close()

    def _broker(self) -> BrokerSettings:
        if not self._settings.broker.embedded:
            return wiring.broker_settings(self._settings.broker)
        running = running_broker(self._settings)
        if running is None:
            raise Unavailable(
                _COMPONENT,
                "no demo runs: what is shown was left by one that has ended, and nobody is there to take a verdict",
                "Start `restockd demo` (it begins anew), or name a Kafka: RESTOCKD_BROKER__ADDRESS=host:port.",
            )
        return running
