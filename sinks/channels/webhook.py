"""Any receiver of signed JSON: one alert a message, a CloudEvent, signed as Standard Webhooks describes.

``webhook-id`` (and ``Idempotency-Key``) is the fact's id: the same on every delivery of the same state of an alert.
``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.facts import Alert
from sinks.calling import Endpoint
from sinks.channels.port import News

_ADVICE = "Is the receiver running and alerts.webhook_url right?"


class Webhook:
    """One receiver and the secret that it shares with us."""

    name = "webhook"
    most = 1
    repeat_after: timedelta | None = None

    def __init__(self, url: str, secret: str, seconds: float) -> None:
        self.component = f"webhook at {url}"
        self._secret = secret.encode()
        self._endpoint = Endpoint(self.component, url, seconds, _ADVICE)

    async def send(self, news: Sequence[News], now: datetime) -> None:
        """One message for each."""
        for one in news:
            content = msgspec.json.encode(event(one.alert))
            await self._endpoint.post(content, headers(one.alert.fact_id, int(now.timestamp()), content, self._secret))

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def event(alert: Alert) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    return {
        "specversion": "1.0",
        "id": alert.fact_id,
        "source": "restockd",
        "type": "restockd.alert.v1",
        "time": alert.occurred_at,
        "subject": alert.fingerprint,
        "datacontenttype": "application/json",
        "data": alert,
    }


def headers(message_id: str, timestamp: int, content: bytes, secret: bytes) -> dict[str, str]:
    """What a receiver checks and tells repeats by."""
    return {
        "Content-Type": "application/cloudevents+json",
        "Idempotency-Key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(message_id, timestamp, content, secret),
    }


def signature(message_id: str, timestamp: int, content: bytes, secret: bytes) -> str:
    """The signature of a message.

    >>> signature("msg_1", 1, b"{}", b"key")
    'v1,jKGHVBDuJf5ZbCMVrrutoMHDN1OlFFCE9iogVIO9MLQ='
    """
    signed = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
