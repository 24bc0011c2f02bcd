"""Raising, updating and clearing alerts: at most one open alert per cause.

A condition has a fingerprint (its kind and what it is about). It fires once,
is updated when it gets worse or better by a class, and is resolved once.
"""

from inventory.state import OpenAlert
from inventory.turn import Turn
from schemas.facts import Alert, Severity, utc


class Condition:
    """Something that is true or not of a place, SKU or device."""

    __slots__ = ("device", "kind", "location", "money_at_risk_per_hour", "severity", "sku", "summary")

    def __init__(
        self,
        kind: str,
        severity: Severity,
        summary: str,
        *,
        location: str = "",
        sku: str = "",
        device: str = "",
        money_at_risk_per_hour: float | None = None,
    ) -> None:
        self.kind = kind
        self.severity = severity
        self.summary = summary
        self.location = location
        self.sku = sku
        self.device = device
        self.money_at_risk_per_hour = money_at_risk_per_hour

    @property
    def fingerprint(self) -> str:
        """The identity of the alert, made of labels only, never of values or times."""
        return "|".join((self.kind, self.location, self.sku, self.device))


def hold(turn: Turn, alerts: dict[str, OpenAlert], condition: Condition, *, true: bool) -> None:
    """Say what changes about ``condition`` now; nothing if it was as it is."""
    known = alerts.get(condition.kind)
    if true and known is None:
        _raise(turn, alerts, condition)
    elif true and known is not None and known.severity != condition.severity:
        known.severity = condition.severity
        _say(turn, condition, known, "firing")
    elif not true and known is not None:
        del alerts[condition.kind]
        _say(turn, condition, known, "resolved")


def _raise(turn: Turn, alerts: dict[str, OpenAlert], condition: Condition) -> None:
    alert_id = turn.saying.new_id("alert", condition.fingerprint, turn.cause)
    starts_at_ms = turn.saying.occurred_at_ms
    alerts[condition.kind] = OpenAlert(alert_id, condition.severity, starts_at_ms, condition.money_at_risk_per_hour)
    _say(turn, condition, alerts[condition.kind], "firing")


def _say(turn: Turn, condition: Condition, known: OpenAlert, state: str) -> None:
    saying = turn.saying
    saying.say(
        Alert(
            fact_id=saying.new_id("alert-state", condition.fingerprint, state, condition.severity, turn.cause),
            occurred_at=saying.occurred_at,
            alert_id=known.alert_id,
            fingerprint=condition.fingerprint,
            kind=condition.kind,
            severity=condition.severity,
            state="firing" if state == "firing" else "resolved",
            starts_at=utc(known.starts_at_ms),
            ends_at=saying.occurred_at if state == "resolved" else None,
            location=condition.location,
            sku=condition.sku,
            device=condition.device,
            summary=condition.summary,
            money_at_risk_per_hour=condition.money_at_risk_per_hour,
            input_appended_at=saying.recorded_at,
        )
    )
