"""Raising, updating and clearing alerts: at most one open alert per cause.

A condition has a fingerprint (its kind and what it is about). It fires once,
is updated when it gets worse or better by a class, and is resolved once.
"""

from inventory.state import OpenAlert
from inventory.turn import Turn
from schemas.facts import Alert, Severity, utc

_LIKELIER, _DEARER, _PENNY = 0.1, 0.25, 0.01


class Condition:
    """Something that is true or not of a place, SKU or device."""

    __slots__ = ("device", "kind", "location", "money_at_risk_per_hour", "probability", "severity", "sku", "summary")

    def __init__(
        self,
        kind: str,
        severity: Severity,
        summary: str,
        *,
        location: str = "",
        sku: str = "",
        device: str = "",
        probability: float | None = None,
        money_at_risk_per_hour: float | None = None,
    ) -> None:
        self.kind = kind
        self.severity = severity
        self.summary = summary
        self.location = location
        self.sku = sku
        self.device = device
        self.probability = probability
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
    elif true and known is not None and _changed(known, condition):
        _note(known, condition)
        _say(turn, condition, known, "firing")
    elif not true and known is not None:
        del alerts[condition.kind]
        _say(turn, condition, known, "resolved")


def _changed(known: OpenAlert, condition: Condition) -> bool:
    """Whether it got worse or better by enough to be told again."""
    likelier = abs((condition.probability or 0.0) - (known.probability or 0.0)) >= _LIKELIER
    before, now = known.money_at_risk_per_hour or 0.0, condition.money_at_risk_per_hour or 0.0
    dearer = abs(now - before) > _DEARER * max(before, now, _PENNY)
    return known.severity != condition.severity or likelier or dearer


def _note(known: OpenAlert, condition: Condition) -> None:
    known.severity, known.probability = condition.severity, condition.probability
    known.money_at_risk_per_hour = condition.money_at_risk_per_hour


def _raise(turn: Turn, alerts: dict[str, OpenAlert], condition: Condition) -> None:
    alert_id = turn.saying.new_id("alert", condition.fingerprint, turn.cause)
    known = alerts[condition.kind] = OpenAlert(alert_id, condition.severity, turn.saying.occurred_at_ms)
    _note(known, condition)
    _say(turn, condition, known, "firing")


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
            ends_at=max(saying.occurred_at, utc(known.starts_at_ms)) if state == "resolved" else None,
            location=condition.location,
            sku=condition.sku,
            device=condition.device,
            summary=condition.summary,
            probability=condition.probability,
            money_at_risk_per_hour=condition.money_at_risk_per_hour,
            input_appended_at=saying.recorded_at,
        )
    )
