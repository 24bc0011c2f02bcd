"""GS1 EPCIS 2.0 (topic ``readings.epcis``): documents, query results and bare events.

Each event stands for itself: one that is bad is a rejection of its own. An event
is identified by its ``eventID``, else by a hash of what it says: its content
without ``eventID``, ``recordTime``, ``errorDeclaration`` and ``@context``, keys
and lists sorted, the event time as an instant. An error declaration repeats the
event it retracts, so both have one identity.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.readings.decoding import Records, parsed
from schemas.readings.epcis_event import EpcisEvent, fault_of
from schemas.readings.epcis_meaning import Interpreter
from schemas.readings.epcis_sensors import signals
from schemas.readings.fields import milliseconds
from schemas.readings.format import Meaning

_NOT_CONTENT = frozenset({"eventID", "recordTime", "errorDeclaration", "@context", "eventTime", "eventTimeZoneOffset"})
_LISTS = (("eventList",), ("queryResults", "resultsBody", "eventList"))

_EVENTS: Records[EpcisEvent] = Records(EpcisEvent)


@dataclass(frozen=True, slots=True)
class Captured:
    """One valid event, its identity and where in the message it stands."""

    event: EpcisEvent
    identity: str
    prefix: str


@dataclass(frozen=True, slots=True)
class EpcisReport:
    """A raw message: its valid events, and a rejection for each that is not."""

    events: tuple[Captured, ...]
    rejections: tuple[RejectedReading, ...]


class EpcisFormat:
    """EPCIS events in any of their envelopes."""

    name = "epcis"
    topic = topics.EPCIS

    def decode(self, values: Sequence[bytes]) -> list[EpcisReport | RejectedReading]:
        return [_decoded(value) for value in values]

    def interpret(self, reading: EpcisReport, catalogue: Catalogue) -> Meaning:
        meaning = Meaning(rejections=[*reading.rejections])
        for captured in reading.events:
            at_ms = milliseconds(captured.event.event_time)
            meaning.latest_ms = max(at_ms, meaning.latest_ms or at_ms)
            interpreter = Interpreter(captured.event, captured.identity, captured.prefix, catalogue)
            meaning.observations += interpreter.observations()
            meaning.observations += signals(captured.event, catalogue)
            meaning.rejections += interpreter.rejections
        return meaning


def _decoded(value: bytes) -> EpcisReport | RejectedReading:
    raw = parsed(value)
    if raw is None:
        return RejectedReading("invalid_json", "the record is no JSON")
    if not isinstance(raw, dict):
        return RejectedReading("invalid_value", "an EPCIS message is an object")
    try:
        if "epcisBody" not in raw:
            captured = _captured("", raw)
            return captured if isinstance(captured, RejectedReading) else EpcisReport((captured,), ())
        return _report([_captured(prefix, event) for prefix, event in _events(raw["epcisBody"])])
    except RejectedReading as rejected:
        return rejected


def _report(results: list[Captured | RejectedReading]) -> EpcisReport:
    return EpcisReport(
        tuple(result for result in results if isinstance(result, Captured)),
        tuple(result for result in results if isinstance(result, RejectedReading)),
    )


def _events(body: Any) -> Iterator[tuple[str, Any]]:
    """The events of a document, each with the path it stands at."""
    path, listed = _event_list(body)
    if not isinstance(listed, list):
        raise RejectedReading("missing_field", f"{path}: the document has no list of events", field=path)
    for place, event in enumerate(listed):
        yield f"{path}[{place}].", event


def _event_list(body: Any) -> tuple[str, Any]:
    for names in _LISTS:
        found = body
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            return ".".join(("epcisBody", *names)), found
    return "epcisBody.eventList", None


def _captured(prefix: str, raw: Any) -> Captured | RejectedReading:
    event = _EVENTS.part(raw, prefix)
    if isinstance(event, RejectedReading):
        return event
    return fault_of(event, prefix) or Captured(event, event.event_id or content_hash(event, raw), prefix)


def content_hash(event: EpcisEvent, raw: dict[str, Any]) -> str:
    """What an event says, as one string: equal content, equal string."""
    content = {key: value for key, value in raw.items() if key not in _NOT_CONTENT}
    return f"{milliseconds(event.event_time)} {_sorted(content)}"


def _sorted(value: Any) -> str:
    """JSON with sorted keys and sorted lists: their order says nothing in EPCIS."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_sorted(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(map(_sorted, value))) + "]"
    return json.dumps(value)


FORMAT = EpcisFormat()
