"""What devices did as a whole: silence and overflow are evidence too.

A report with a ``section`` is about a part of the device: one antenna that is
off, an inventory that somebody paused. That is no silent device; a report of any
kind but ``disconnected`` shows that it speaks.
"""

from inventory import believing
from inventory.alerts.conditions import Condition, hold
from inventory.turn import Turn
from schemas.observations import DeviceReported

SILENT = "device_silent"
UNRELIABLE = "data_quality"


def reported(turn: Turn, seen: DeviceReported) -> None:
    """Raise or clear the alerts of a device; only partition 0 speaks, since every partition hears it."""
    if seen.kind == "reader" and seen.event == "sweep_ended" and seen.zone != believing.EXIT:
        believing.swept(turn, seen)
    if turn.state.partition != 0:
        return
    if seen.event != "disconnected":
        _hold(turn, seen, SILENT, true=False)
    elif not seen.section:
        _hold(turn, seen, SILENT, true=True)
    if seen.event in {"overflow", "sweep_ended"}:
        _hold(turn, seen, UNRELIABLE, true=seen.event == "overflow")


def _hold(turn: Turn, seen: DeviceReported, kind: str, *, true: bool) -> None:
    alerts = turn.state.core.device_alerts
    key = f"{kind}|{seen.device}"
    one = {kind: alerts[key]} if key in alerts else {}
    summary = f"{seen.kind} {seen.device} at {seen.location} {seen.zone}: {seen.event}"
    hold(turn, one, Condition(kind, "error", summary, location=seen.location, device=seen.device), true=true)
    alerts.pop(key, None)
    alerts.update((key, alert) for alert in one.values())
