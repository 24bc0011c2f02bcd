"""From settings to what the packages ask for."""

from restockd.settings import Broker, Worker
from streams.settings import BatchSettings, BrokerSettings


def broker_settings(broker: Broker) -> BrokerSettings:
    """How to reach the Kafka of the settings; the embedded broker makes its own."""
    return BrokerSettings(
        broker.address,
        prefix=broker.topic_prefix,
        client_options=broker.client_options(),
        session_timeout_seconds=broker.session_timeout_seconds,
    )


def batch_settings(worker: Worker) -> BatchSettings:
    """Bounds of a batch."""
    return BatchSettings(worker.batch_max_records, worker.batch_max_bytes, worker.max_wait_ms)
