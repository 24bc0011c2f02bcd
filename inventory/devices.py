"""What devices did as a whole: silence and overflow are evidence too."""

from inventory.alerts.conditions import Condition, hold
from inventory.state import OpenAlert
from inventory.turn import Turn
from schemas.observations import DeviceReported

_BAD = {"disconnected": "device_silent", "overflow": "data_quality"}
_GOOD = {"connected": "device_silent", "heartbeat": "device_silent", "sweep_ended": "data_quality"}


def reported(turn: Turn, seen: DeviceReported) -> None:
    """Raise or clear the alert of a device; only partition 0 speaks, since every partition hears it."""
    if turn.state.partition != 0:
        return
    turn.saying.occurred_at_ms = seen.occurred_at_ms
    if seen.event in _BAD:
        _hold(turn, seen, _BAD[seen.event], true=True)
    elif seen.event in _GOOD:
        _hold(turn, seen, _GOOD[seen.event], true=False)


def _hold(turn: Turn, seen: DeviceReported, kind: str, *, true: bool) -> None:
    alerts: dict[str, OpenAlert] = turn.state.core.device_alerts
    key = f"{kind}|{seen.device}"
    one = {kind: alerts[key]} if key in alerts else {}
    summary = f"{seen.kind} {seen.device} at {seen.location} {seen.zone}: {seen.event}"
    condition = Condition(kind, "error", summary, location=seen.location, device=seen.device)
    hold(turn, one, condition, true=true)
    alerts.pop(key, None)
    alerts.update((key, alert) for alert in one.values())
