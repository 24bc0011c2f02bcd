"""Raising, updating and clearing alerts: at most one open alert per cause, and none that flaps.

A condition has a fingerprint (its kind and what it is about). It fires at once, is updated when it gets worse or
better by a class, and is resolved when it has been over for ``keep_firing_hours`` of event time: what comes back
before that is the same alert. Who has a hysteresis of his own, or knows that it is over for good, ends it at once.
"""

from inventory.alerts.open import Condition, OpenAlert
from inventory.turn import Turn
from schemas.facts import Alert, utc

_LIKELIER, _DEARER, _PENNY, _SAME = 0.1, 0.25, 0.01, 2.0
_MILLISECONDS_PER_HOUR = 3_600_000


def hold(
    turn: Turn,
    alerts: dict[str, OpenAlert],
    condition: Condition,
    *,
    true: bool,
    at_once: bool = False,
    again: bool = False,
) -> None:
    """Say what changes about ``condition`` now; nothing if it was as it is, unless it is to be said ``again``.

    ``at_once`` it ends without waiting.
    """
    known = alerts.get(condition.kind)
    if known is None:
        if true:
            _raise(turn, alerts, condition)
    elif true:
        known.ended_at_ms = known.quiet_from_ms = -1
        if again or _changed(known.told, condition):
            known.told = condition
            _say(turn, known, "firing")
    elif at_once or turn.rules.keep_firing_hours <= 0.0:
        known.told = condition
        end(turn, alerts, condition.kind)
    elif not known.is_quiet:
        known.ended_at_ms = max(turn.saying.occurred_at_ms, known.starts_at_ms)
        known.quiet_from_ms = _reached_ms(turn, condition)
        if not condition.device:
            turn.state.quiet.add((condition.sku, condition.location))


def as_told(known: OpenAlert | None, condition: Condition) -> Condition:
    """What was told of ``condition``, unless what it costs has doubled or halved since: for what every day moves."""
    if known is None:
        return condition
    before, now = known.told.money_at_risk_per_hour or 0.0, condition.money_at_risk_per_hour or 0.0
    return known.told if max(before, now) <= _SAME * min(before, now) else condition


def hold_under(
    turn: Turn, key: str, condition: Condition, *, true: bool, at_once: bool = False, again: bool = False
) -> None:
    """``hold`` among the alerts that are of no SKU, under a key of their own."""
    alerts = turn.state.core.device_alerts
    one = {condition.kind: alerts.pop(key)} if key in alerts else {}
    hold(turn, one, condition, true=true, at_once=at_once, again=again)
    alerts.update((key, alert) for alert in one.values())


def _reached_ms(turn: Turn, told: Condition) -> int:
    """The event time reached for what it is about: events run ahead of the clock, which ticks by the hour."""
    sku = turn.state.skus.get(told.sku)
    stock = sku.locations.get(told.location) if sku is not None and not told.device else None
    return max(turn.saying.occurred_at_ms, turn.state.core.clock_ms) if stock is None else turn.now_at(stock)


def end(turn: Turn, alerts: dict[str, OpenAlert], key: str) -> None:
    """Resolve an open alert; its end is when the condition was found over."""
    known = alerts.pop(key)
    if not known.is_quiet:
        known.ended_at_ms = max(turn.saying.occurred_at_ms, known.starts_at_ms)
    _say(turn, known, "resolved")


def end_quiet(turn: Turn) -> None:
    """Resolve what has been over for long enough; once all of a message is decided, if it moved the clock."""
    clock_ms = turn.state.core.clock_ms
    if clock_ms == turn.clock_ms:
        return
    turn.saying.occurred_at_ms, turn.cause = clock_ms, "quiet"
    before_ms = clock_ms - int(turn.rules.keep_firing_hours * _MILLISECONDS_PER_HOUR)
    _end_quiet(turn, turn.state.core.device_alerts, before_ms)
    for sku, location in sorted(turn.state.quiet):
        state = turn.state.skus[sku]
        alerts = turn.state.at(state, location).alerts
        if _end_quiet(turn, alerts, before_ms):
            turn.state.touch(state.item.style)
        if not any(alert.is_quiet for alert in alerts.values()):
            turn.state.quiet.discard((sku, location))


def _end_quiet(turn: Turn, alerts: dict[str, OpenAlert], before_ms: int) -> bool:
    over = sorted(key for key, alert in alerts.items() if alert.is_quiet and alert.quiet_from_ms <= before_ms)
    for key in over:
        end(turn, alerts, key)
    return bool(over)


def _changed(told: Condition, condition: Condition) -> bool:
    """Whether it got worse or better by enough to be told again."""
    likelier = abs((condition.probability or 0.0) - (told.probability or 0.0)) >= _LIKELIER
    before, now = told.money_at_risk_per_hour or 0.0, condition.money_at_risk_per_hour or 0.0
    dearer = abs(now - before) > _DEARER * max(before, now, _PENNY)
    return told.severity != condition.severity or likelier or dearer


def _raise(turn: Turn, alerts: dict[str, OpenAlert], condition: Condition) -> None:
    alert_id = turn.saying.new_id("alert", condition.fingerprint, turn.cause)
    known = alerts[condition.kind] = OpenAlert(alert_id, turn.saying.occurred_at_ms, condition)
    _say(turn, known, "firing")


def _say(turn: Turn, known: OpenAlert, state: str) -> None:
    saying, told = turn.saying, known.told
    known.said_at_ms = max(known.said_at_ms, saying.occurred_at_ms, _reached_ms(turn, told))
    saying.say(
        Alert(
            fact_id=saying.new_id("alert-state", told.fingerprint, state, told.severity, turn.cause),
            occurred_at=utc(known.said_at_ms),
            alert_id=known.alert_id,
            fingerprint=told.fingerprint,
            kind=told.kind,
            severity=told.severity,
            state="firing" if state == "firing" else "resolved",
            starts_at=utc(known.starts_at_ms),
            ends_at=utc(known.ended_at_ms) if state == "resolved" else None,
            location=told.location,
            sku=told.sku,
            device=told.device,
            summary=told.summary,
            probability=told.probability,
            money_at_risk_per_hour=told.money_at_risk_per_hour,
            currency=_currency(turn, told),
            input_appended_at=saying.recorded_at,
        )
    )


def _currency(turn: Turn, told: Condition) -> str:
    """Of its money; of what costs nothing, and is of no SKU, it does not matter."""
    sku = turn.state.skus.get(told.sku)
    return told.currency or (sku.item.currency if sku is not None else "EUR")
