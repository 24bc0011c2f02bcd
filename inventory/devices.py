"""What devices did as a whole: silence and overflow are evidence too.

A report with a ``section`` is about a part of the device: one antenna that is
off, an inventory that somebody paused. That is no silent device; a report of any
kind but ``disconnected`` shows that it speaks.
"""

from inventory import believing
from inventory.alerts.conditions import hold_under
from inventory.alerts.open import Condition
from inventory.stock.belief import Place, Reader
from inventory.turn import Turn
from schemas.observations import DeviceReported, QuantityMeasured

SILENT = "device_silent"
UNRELIABLE = "data_quality"
DEAF = "reader_deaf"
STUCK = "camera_stuck"
_OVERDUE_INTERVALS, _OVERDUE_MS = 2.5, 60_000
_LEAST_SWEEPS = 4
_A_LONG_TIME_MS = 36 * 3_600_000


def reported(turn: Turn, seen: DeviceReported) -> None:
    """What a device says of itself; of readers only partition 0 raises alerts, since every partition hears them."""
    sweep_ended = seen.kind == "reader" and seen.event == "sweep_ended" and seen.zone != believing.EXIT
    if sweep_ended:
        believing.sweep_told(turn, seen)
    if seen.kind == "reader" and seen.event == "disconnected" and not seen.section:
        believing.turned_off(turn, seen)
    if turn.state.partition != 0:
        return
    if sweep_ended:
        _judge(turn, seen)
    if seen.event != "disconnected":
        _hold(turn, seen, SILENT, true=False)
    elif not seen.section:
        _hold(turn, seen, SILENT, true=True)
    if seen.event in {"overflow", "sweep_ended"}:
        _hold(turn, seen, UNRELIABLE, true=seen.event == "overflow")


def _judge(turn: Turn, seen: DeviceReported) -> None:
    """Raise or end the alert of a reader that hears much less than it should."""
    reader = believing.failing(turn, seen)
    share = f"{reader.heard_share:.0%} of the tags it should have heard" if reader else "what it should"
    _hold(turn, seen, DEAF, true=reader is not None, what=f"heard {share}")


def overdue(turn: Turn) -> None:
    """Readers that swept regularly and have not for much longer, while the place sold on: nobody said they are off.

    At night, when nothing is sold, nobody sweeps either.
    """
    now_ms = turn.state.core.clock_ms
    for location in sorted(turn.state.core.places):
        place = turn.state.core.places[location]
        for name, reader in sorted(place.readers.items()):
            late_ms = reader.swept_at_ms + _OVERDUE_INTERVALS * reader.interval_ms + _OVERDUE_MS
            if reader.sweeps >= _LEAST_SWEEPS and not reader.off and _awake_ms(place, reader, now_ms) > late_ms:
                device, _, zone = name.partition("|")
                late = DeviceReported(location, zone, device, "reader", "disconnected", now_ms)
                believing.turned_off(turn, late)
                if turn.state.partition == 0:
                    _hold(turn, late, SILENT, true=True, what="no sweep since it was due")


def _awake_ms(place: Place, reader: Reader, now_ms: int) -> int:
    """Until when something was going on at the place; a long time without a word needs no such proof."""
    quiet = place.sold_at_ms >= 0 and now_ms - reader.swept_at_ms < _A_LONG_TIME_MS
    return min(now_ms, place.sold_at_ms) if quiet else now_ms


def looked(turn: Turn, seen: QuantityMeasured, *, stuck: bool) -> None:
    """A camera whose picture does not change is stuck or covered; one that changes again is well.

    Each partition watches the facings of its own styles: the alert names the SKU at whose facing it was noticed.
    """
    alerts = turn.state.core.device_alerts
    known = next((key for key in alerts if key.startswith(f"{STUCK}|{seen.device}|")), "")
    if stuck or known:
        sku = known.rpartition("|")[2] or seen.sku
        report = DeviceReported(seen.location, seen.zone, seen.device, "camera", "heartbeat", seen.occurred_at_ms)
        _hold(turn, report, STUCK, true=stuck, what="its picture does not change", sku=sku)


def _hold(turn: Turn, seen: DeviceReported, kind: str, *, true: bool, what: str = "", sku: str = "") -> None:
    key = "|".join(filter(None, (kind, seen.device, sku)))
    summary = f"{seen.kind} {seen.device} at {seen.location} {seen.zone}: {what or seen.event}"
    condition = Condition(kind, "error", summary, location=seen.location, device=seen.device, sku=sku)
    hold_under(turn, key, condition, true=true)
