"""Numbers about the world: weather, prices, promotions, footfall (topic ``readings.signals``).

``clock`` with no place, style or item is a heartbeat: it moves event time and
means nothing else.
"""

from collections.abc import Sequence
from typing import Literal

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import Signal
from schemas.readings.decoding import Records
from schemas.readings.fields import Name, Number, Reading, Text, Time, milliseconds
from schemas.readings.format import Meaning, Routed
from schemas.signal_names import CLOCK, PRICE, PROMOTION, UPLIFT, meant_by


class SignalReading(Reading):
    """One number; what is left out means "all of them".

    It holds from ``starts_at`` (or when it was said) to ``until``: a promotion may be told before it begins.
    """

    schema_version: Literal[1] = 1
    name: Name
    value: Number = 0.0
    occurred_at: Time
    location: Text = ""
    style: Text = ""
    item_id: Text = ""
    starts_at: Time | None = None
    until: Time | None = None

    @property
    def is_heartbeat(self) -> bool:
        return self.name == CLOCK and not (self.location or self.style or self.item_id)


_SIGNALS: Records[SignalReading] = Records(SignalReading)


class SignalsFormat:
    """Signals, each for all stock or for a place, a style or an item."""

    name = "signals"
    topic = topics.SIGNALS

    def decode(self, values: Sequence[bytes]) -> list[SignalReading | RejectedReading]:
        return [_decoded(value) for value in values]

    def interpret(self, reading: SignalReading, catalogue: Catalogue) -> Meaning:
        meaning = Meaning(latest_ms=milliseconds(reading.occurred_at))
        if reading.is_heartbeat:
            return meaning
        try:
            meaning.observations.append(_routed(reading, catalogue))
        except RejectedReading as rejected:
            meaning.rejections.append(rejected)
        return meaning


def _decoded(value: bytes) -> SignalReading | RejectedReading:
    signal = _SIGNALS.one(value)
    if isinstance(signal, RejectedReading):
        return signal
    if "value" not in signal.model_fields_set and not signal.is_heartbeat:
        return _refused("missing_field", "value", None, "a signal has a value")
    meant = meant_by(signal.name)
    if meant:
        problem = f"looks like {meant!r}, which has a meaning of its own; write that, or a name less like it"
        return _refused("mistyped_name", "name", signal.name, problem)
    wrong = _senseless(signal)
    return _refused("invalid_value", "value", f"{signal.value:g}", wrong) if wrong else signal


def _senseless(signal: SignalReading) -> str:
    """Why the value of a signal with a meaning of its own would be passed over; empty where it would not.

    One that ends before it begins takes back what was told, whatever its value is.
    """
    if signal.until is not None and signal.until < (signal.starts_at or signal.occurred_at):
        return ""
    if signal.name == PROMOTION and not 0.0 <= signal.value <= 1.0:
        return "is no share off the price: 20 % is 0.2, and 0 no share"
    if signal.name in (PRICE, UPLIFT) and signal.value <= 0.0:
        return f"is no {signal.name}: it has to be more than 0"
    return ""


def _routed(reading: SignalReading, catalogue: Catalogue) -> Routed:
    location = catalogue.location(reading.location) if reading.location else None
    item = catalogue.item(reading.item_id) if reading.item_id else None
    if reading.location and location is None:
        raise _refused("unknown_location", "location", reading.location, "is no known location")
    if reading.item_id and item is None:
        raise _refused("unknown_item", "item_id", reading.item_id, "is no known SKU, GTIN or alias")
    if item is not None and reading.style not in ("", item.style):
        raise _refused("conflicting_fields", "style", reading.style, f"is not the style of item {item.sku}")
    style = item.style if item else reading.style
    signal = Signal(
        name=reading.name,
        value=reading.value,
        occurred_at_ms=milliseconds(reading.occurred_at),
        location=location.location if location else "",
        style=style,
        sku=item.sku if item else "",
        until_ms=milliseconds(reading.until) if reading.until else None,
        starts_at_ms=milliseconds(reading.starts_at) if reading.starts_at else -1,
    )
    return Routed(style or None, signal)


def _refused(reason: str, field: str, value: str | None, problem: str) -> RejectedReading:
    subject = f"{field}: {value!r}" if value else field
    return RejectedReading(reason, f"{subject} {problem}", field=field, value=value)


FORMAT = SignalsFormat()
