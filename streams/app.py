"""The Faust app every role runs in, set up so that nothing surprises an operator."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import faust

from streams import transport
from streams.settings import BatchSettings, BrokerSettings
from streams.transport import BatchConsumer, Position

PositionsOf = Callable[[set[Position]], Awaitable[Mapping[Position, int]]]


class BatchApp(faust.App):
    """A Faust app on the batched transport.

    ``positions_of`` is asked after every assignment where each partition goes on.
    """

    mundane_level = "debug"
    positions_of: PositionsOf
    batch_settings: BatchSettings

    @property
    def batch_consumer(self) -> BatchConsumer:
        """The running consumer."""
        return cast(BatchConsumer, self.consumer)

    def _create_directories(self) -> None:
        """Faust's folders are for its tables, of which there are none."""


def create_app(role: str, broker: BrokerSettings, batches: BatchSettings, positions_of: PositionsOf) -> BatchApp:
    """A Faust app for ``role``: no web server, no tables, no topic creation, offsets by the agents."""
    transport.register()
    _quieten()
    app = BatchApp(broker.group(role), **_options(broker, batches))
    app.positions_of = positions_of
    app.batch_settings = batches
    return app


class _NotAgain(logging.Filter):
    """Lets each text through once in ``seconds``: aiokafka complains many times a second of a broker that is gone."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        text, now = str(record.msg), time.monotonic()
        if now - self._said.get(text, -self._seconds) < self._seconds:
            return False
        self._said[text] = now
        return True


_not_again = _NotAgain(30.0)


def _quieten() -> None:
    # A commit that takes longer than the time between two is no news.
    logging.getLogger("mode.timers").setLevel(logging.ERROR)
    for name in ("aiokafka", "aiokafka.consumer.fetcher", "aiokafka.consumer.group_coordinator", "aiokafka.conn"):
        logging.getLogger(name).addFilter(_not_again)


def _options(broker: BrokerSettings, batches: BatchSettings) -> dict[str, Any]:
    session = broker.session_timeout_seconds
    return {
        "broker": [f"{transport.SCHEME}://{address}" for address in broker.address.split(",")],
        "broker_session_timeout": session,
        "broker_heartbeat_interval": session / 4,
        "broker_max_poll_records": batches.max_records,
        "broker_commit_interval": 0.1 if broker.embedded else 0.5,
        "broker_request_timeout": max(60.0, session * 2),
        "consumer_max_fetch_size": batches.max_bytes,
        "consumer_auto_offset_reset": "none",
        "key_serializer": "raw",
        "value_serializer": "raw",
        "stream_buffer_maxsize": 8,
        "stream_wait_empty": True,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "broker_credentials": _credentials(broker),
    }


def _credentials(broker: BrokerSettings) -> Any:
    """Faust's credentials object for librdkafka's security options; None for plaintext."""
    protocol = broker.client_options.get("security.protocol", "plaintext").lower()
    if protocol == "plaintext":
        return None
    context = _ssl_context(broker) if protocol.endswith("ssl") else None
    if protocol == "ssl":
        return faust.SSLCredentials(context=context)
    return faust.SASLCredentials(
        username=broker.client_options.get("sasl.username"),
        password=broker.client_options.get("sasl.password"),
        mechanism=broker.client_options.get("sasl.mechanism", "PLAIN"),
        ssl_context=context,
    )


def _ssl_context(broker: BrokerSettings) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=broker.client_options.get("ssl.ca.location"))
    certificate = broker.client_options.get("ssl.certificate.location")
    if certificate:
        context.load_cert_chain(certificate, broker.client_options.get("ssl.key.location"))
    return context
