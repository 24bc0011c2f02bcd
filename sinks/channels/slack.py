"""Slack's incoming webhooks, and what understands the same: a digest of what changed since the last message."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.facts import Alert
from sinks.calling import Endpoint
from sinks.channels.port import News

_ADVICE = "Is the receiver there and alerts.slack_url right?"
_MARKS = {"critical": ":red_circle:", "error": ":large_orange_circle:", "warning": ":large_yellow_circle:"}
_ENDED, _INFORMED = ":white_check_mark:", ":large_blue_circle:"
LONGEST_LINE = 200


class Slack:
    """One channel of a workspace; the address is a secret and is named nowhere."""

    name = "slack"
    component = "Slack"
    most = 20
    repeat_after: timedelta | None = None

    def __init__(self, url: str, seconds: float) -> None:
        self._endpoint = Endpoint(self.component, url, seconds, _ADVICE)

    async def send(self, news: Sequence[News], now: datetime) -> None:
        """All of them in one message."""
        content = msgspec.json.encode(message([one.alert for one in news]))
        await self._endpoint.post(content, {"Content-Type": "application/json"})

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()


def message(alerts: Sequence[Alert]) -> dict[str, Any]:
    """A line and block for each alert, so that no block is longer than Slack's 3,000; a notification shows ``text``."""
    firing = sum(alert.state == "firing" for alert in alerts)
    first = _said(alerts[0])
    text = first if len(alerts) == 1 else f"{firing} firing, {len(alerts) - firing} resolved: {first}, ..."
    return {"text": text, "blocks": [_block(line(alert)) for alert in alerts]}


def line(alert: Alert) -> str:
    """An alert in one line."""
    mark = _ENDED if alert.state == "resolved" else _MARKS.get(alert.severity, _INFORMED)
    said = f"{mark} {_said(alert)}"
    if alert.state == "resolved":
        return f"{said} (resolved)"
    if alert.money_at_risk_per_hour:
        said += f" ({alert.money_at_risk_per_hour:.2f} {alert.currency} an hour)"
    return said


def escaped(text: str) -> str:
    """Slack's control characters as text.

    >>> escaped("A < B & C")
    'A &lt; B &amp; C'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _said(alert: Alert) -> str:
    return escaped((alert.summary or alert.kind)[:LONGEST_LINE])


def _block(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
