"""Prometheus' Alertmanager, API v2.

Alertmanager knows an alert by its labels: nothing that changes may be one, but for the severity, which routes match.
When that changes, the alert with the old label is ended in the same message. It ends by itself what it does not hear of
again: a firing alert says until when it holds, and is said again at half time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.facts import Alert
from sinks.calling import Endpoint
from sinks.channels.port import News

_ADVICE = "Is Alertmanager running and alerts.alertmanager_url right?"


class Alertmanager:
    """One Alertmanager; ``firing_for`` is how long it keeps an alert it hears nothing of."""

    name = "alertmanager"
    most = 100

    def __init__(self, url: str, firing_for: timedelta, seconds: float) -> None:
        self.component = f"Alertmanager at {url}"
        self.repeat_after: timedelta | None = firing_for / 2
        self._firing_for = firing_for
        self._endpoint = Endpoint(self.component, f"{url.rstrip('/')}/api/v2/alerts", seconds, _ADVICE)

    async def send(self, news: Sequence[News], now: datetime) -> None:
        """All of them in one message."""
        content = msgspec.json.encode(list(posts(news, now + self._firing_for, now)))
        await self._endpoint.post(content, {"Content-Type": "application/json"})

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def posts(news: Sequence[News], holds_until: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """What Alertmanager is told, in its own words."""
    for one in news:
        before = one.before
        if before is not None and before.state == "firing" and labels(before) != labels(one.alert):
            yield _post(before, now)
        yield _post(one.alert, (one.alert.ends_at or now) if one.alert.state == "resolved" else holds_until)


def labels(alert: Alert) -> dict[str, str]:
    """What an alert is known by."""
    told = {
        "alertname": alert.kind,
        "severity": alert.severity,
        "location": alert.location,
        "sku": alert.sku,
        "device": alert.device,
    }
    return {name: value for name, value in told.items() if value}


def _post(alert: Alert, ends_at: datetime) -> dict[str, Any]:
    return {
        "labels": labels(alert),
        "annotations": _annotations(alert),
        "startsAt": alert.starts_at,
        "endsAt": max(ends_at, alert.starts_at),
    }


def _annotations(alert: Alert) -> dict[str, str]:
    told = {"summary": alert.summary, "alert_id": alert.alert_id, "fact_id": alert.fact_id}
    if alert.probability is not None:
        told["probability"] = f"{alert.probability:g}"
    if alert.money_at_risk_per_hour is not None:
        told["money_at_risk_per_hour"] = f"{alert.money_at_risk_per_hour:g} {alert.currency}"
    return told
