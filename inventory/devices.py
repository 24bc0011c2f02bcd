"""What devices did as a whole: silence and overflow are evidence too.

A report with a ``section`` is about a part of the device: one antenna that is
off, an inventory that somebody paused. That is no silent device; a report of any
kind but ``disconnected`` shows that it speaks.
"""

from inventory import believing
from inventory.alerts.conditions import Condition, hold
from inventory.turn import Turn
from schemas.observations import DeviceReported, QuantityMeasured

SILENT = "device_silent"
UNRELIABLE = "data_quality"
DEAF = "reader_deaf"
STUCK = "camera_stuck"
_OVERDUE_INTERVALS, _OVERDUE_MS = 2.5, 60_000
_LEAST_SWEEPS = 4


def reported(turn: Turn, seen: DeviceReported) -> None:
    """Raise or clear the alerts of a device; only partition 0 speaks, since every partition hears it."""
    if seen.kind == "reader" and seen.event == "sweep_ended" and seen.zone != believing.EXIT:
        believing.sweep_told(turn, seen)
    if turn.state.partition != 0:
        return
    if seen.kind == "reader" and seen.event == "sweep_ended" and seen.zone != believing.EXIT:
        _hold(turn, seen, DEAF, true=believing.is_deaf(turn, seen))
    if seen.event != "disconnected":
        _hold(turn, seen, SILENT, true=False)
    elif not seen.section:
        _hold(turn, seen, SILENT, true=True)
    if seen.event in {"overflow", "sweep_ended"}:
        _hold(turn, seen, UNRELIABLE, true=seen.event == "overflow")


def overdue(turn: Turn) -> None:
    """Readers that have swept regularly and have not for much longer: nobody said that they are off."""
    if turn.state.partition != 0:
        return
    now_ms = turn.state.core.clock_ms
    for location in sorted(turn.state.core.places):
        for name, reader in sorted(turn.state.core.places[location].readers.items()):
            late_ms = reader.swept_at_ms + _OVERDUE_INTERVALS * reader.interval_ms + _OVERDUE_MS
            if reader.sweeps >= _LEAST_SWEEPS and now_ms > late_ms:
                device, _, zone = name.partition("|")
                _hold(turn, DeviceReported(location, zone, device, "reader", "disconnected", now_ms), SILENT, true=True)


def looked(turn: Turn, seen: QuantityMeasured, *, stuck: bool) -> None:
    """A camera that repeats itself is stuck or covered; one that varies again is well."""
    if turn.state.partition == 0 and (stuck or f"{STUCK}|{seen.device}" in turn.state.core.device_alerts):
        report = DeviceReported(seen.location, seen.zone, seen.device, "camera", "heartbeat", seen.occurred_at_ms)
        _hold(turn, report, STUCK, true=stuck)


def _hold(turn: Turn, seen: DeviceReported, kind: str, *, true: bool) -> None:
    alerts = turn.state.core.device_alerts
    key = f"{kind}|{seen.device}"
    one = {kind: alerts[key]} if key in alerts else {}
    summary = f"{seen.kind} {seen.device} at {seen.location} {seen.zone}: {seen.event}"
    hold(turn, one, Condition(kind, "error", summary, location=seen.location, device=seen.device), true=true)
    alerts.pop(key, None)
    alerts.update((key, alert) for alert in one.values())
